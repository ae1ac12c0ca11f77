// SPDX-License-Identifier: Apache-2.0
// See equalization.h.
#include "quantize/equalization.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "ops/registry.h"

namespace mote {
namespace {

constexpr int32_t kSweeps = 20;
constexpr float kSettled = 1.001f;

// Which channel an element of weights belongs to: (i / inner) % count.
struct ChannelAxis {
  int64_t count = 0;
  int64_t inner = 1;
  size_t of(int64_t i) const { return size_t((i / inner) % count); }
};

struct Pair {
  ValueId first_weights = -1;
  ValueId first_bias = -1;  // -1: none
  ValueId second_weights = -1;
  ChannelAxis outputs;  // of the first
  ChannelAxis inputs;   // of the second
};

class Equalizer {
 public:
  explicit Equalizer(const Graph& graph) : graph_(graph) {}

  Equalization run() {
    std::vector<Pair> pairs;
    for (const Node& node : graph_.nodes)
      if (const auto pair = pair_from(node)) pairs.push_back(*pair);
    for (int32_t sweep = 0; sweep < kSweeps; ++sweep) {
      float most = 1;
      for (const Pair& pair : pairs) most = std::max(most, equalize(pair));
      if (most < kSettled) break;
    }
    return {std::move(graph_), int32_t(pairs.size())};
  }

 private:
  bool is_relu_or_nothing(const Node& node) const {
    const auto found = node.attributes.find("activation");
    if (found == node.attributes.end()) return true;
    const auto& name = std::get<std::string>(found->second);
    return name == "none" || name == "relu";
  }

  // A layer with float weights that nothing else reads.
  bool has_own_weights(const Node& node) const {
    if (node.op != &conv_2d_op && node.op != &depthwise_conv_2d_op &&
        node.op != &fully_connected_op)
      return false;
    for (size_t i = 1; i < node.inputs.size(); ++i) {
      const ValueId id = node.inputs[i];
      if (id < 0) continue;
      const Value& value = graph_.value(id);
      if (value.kind != ValueKind::constant || value.type != ElementType::f32 ||
          readers(id).size() != 1)
        return false;
    }
    return true;
  }

  std::vector<const Node*> readers(ValueId id) const {
    std::vector<const Node*> all;
    for (const Node& node : graph_.nodes)
      for (ValueId input : node.inputs)
        if (input == id) all.push_back(&node);
    return all;
  }

  // f(s x) = s f(x) for s > 0, channel by channel.
  bool passes_scale(const Node& node) const {
    return (node.op == &activation_op || node.op == &max_pool_2d_op ||
            node.op == &average_pool_2d_op) &&
           is_relu_or_nothing(node);
  }

  // The one layer behind `id` that reads it, past those that pass a scale on; null: none.
  const Node* only_reader(ValueId id) const {
    for (;;) {
      const std::vector<const Node*> all = readers(id);
      const auto& outputs = graph_.outputs;
      if (all.size() != 1 || std::find(outputs.begin(), outputs.end(), id) != outputs.end())
        return nullptr;
      if (!passes_scale(*all[0])) return all[0];
      id = all[0]->outputs[0];
    }
  }

  std::optional<Pair> pair_from(const Node& first) const {
    if (!has_own_weights(first) || !is_relu_or_nothing(first)) return {};
    const Node* second = only_reader(first.outputs[0]);
    if (!second || !has_own_weights(*second)) return {};
    const Shape& w1 = graph_.value(first.inputs[1]).shape;
    const Shape& w2 = graph_.value(second->inputs[1]).shape;
    const bool depthwise = first.op == &depthwise_conv_2d_op;
    Pair pair{first.inputs[1],
              first.inputs.size() > 2 ? first.inputs[2] : -1,
              second->inputs[1],
              {depthwise ? w1.back() : w1[0], 1},
              {w2.back(), 1}};
    if (!depthwise) pair.outputs.inner = element_count(w1) / w1[0];
    // A depthwise second layer has as many channels as inputs, any other one group.
    if (pair.outputs.count != pair.inputs.count) return {};
    return pair;
  }

  std::vector<float> peaks(ValueId id, const ChannelAxis& axis) const {
    const Value& value = graph_.value(id);
    std::vector<float> all(size_t(axis.count), 0.0f);
    for (int64_t i = 0; i < value.elements(); ++i)
      all[axis.of(i)] = std::max(all[axis.of(i)], std::fabs(value.as<float>()[i]));
    return all;
  }

  void multiply(ValueId id, const ChannelAxis& axis, const std::vector<float>& factors) {
    Value& value = graph_.value(id);
    const auto numbers = std::make_shared<Bytes>(*value.data);
    auto* reals = reinterpret_cast<float*>(numbers->data());
    for (int64_t i = 0; i < value.elements(); ++i) reals[i] *= factors[axis.of(i)];
    value.data = numbers;
  }

  // The factor that changed most, or its inverse.
  float equalize(const Pair& pair) {
    const std::vector<float> r1 = peaks(pair.first_weights, pair.outputs);
    const std::vector<float> r2 = peaks(pair.second_weights, pair.inputs);
    std::vector<float> up(r1.size(), 1.0f), down(r1.size(), 1.0f);
    float most = 1;
    for (size_t i = 0; i < r1.size(); ++i) {
      const float s = std::sqrt(r1[i] / r2[i]);
      if (!(r1[i] > 0) || !(r2[i] > 0) || !std::isfinite(s)) continue;
      up[i] = std::clamp(s, 1e-3f, 1e3f), down[i] = 1 / up[i];
      most = std::max({most, up[i], down[i]});
    }
    multiply(pair.first_weights, pair.outputs, down);
    if (pair.first_bias >= 0) multiply(pair.first_bias, {pair.outputs.count, 1}, down);
    multiply(pair.second_weights, pair.inputs, up);
    return most;
  }

  Graph graph_;
};

}  // namespace

Equalization equalize_layers(const Graph& graph) { return Equalizer(graph).run(); }

}  // namespace mote
