// SPDX-License-Identifier: Apache-2.0
// See known_channels.h.
#include "compiler/passes/known_channels.h"

#include <algorithm>
#include <cstring>

#include "compiler/passes/channel_links.h"
#include "compiler/passes/layer_weights.h"
#include "graph/evaluator.h"
#include "ops/activation.h"
#include "ops/nn/exact_requantize.h"

namespace mote {
namespace {

// Numbers of a channel, less the zero point.
struct Interval {
  int64_t least, most;
};

// A node alone in a graph, whose sample is its computed inputs.
class LoneNode {
 public:
  LoneNode(const Graph& graph, const Node& node) {
    std::vector<ValueId> ids;
    for (ValueId id : node.inputs) ids.push_back(id < 0 ? id : add(graph.value(id), id));
    alone_.outputs = {alone_.add_node(*node.op, node.name, ids, node.attributes)};
  }

  Bytes run(const std::vector<KnownChannels>& all) const {
    Bytes sample(size_t(sample_bytes(alone_, alone_.streams[0])));
    for (const SamplePart& part : sample_parts(alone_, alone_.streams[0])) {
      const Bytes& numbers = all[size_t(from_[size_t(part.value)])].numbers;
      if (!numbers.empty()) std::memcpy(&sample[size_t(part.offset)], &numbers[0], numbers.size());
    }
    Evaluator evaluator(alone_);
    evaluator.push(0, sample.data());
    return evaluator.outputs();
  }

 private:
  ValueId add(const Value& value, ValueId id) {
    const auto found = std::find(from_.begin(), from_.end(), id);
    if (found != from_.end()) return ValueId(found - from_.begin());
    from_.push_back(id);
    if (value.kind == ValueKind::constant) {
      alone_.values.push_back(value);
      return ValueId(alone_.values.size()) - 1;
    }
    if (alone_.streams.empty())
      return alone_.add_tensor_stream(value.name, value.type, value.shape, value.quantization);
    return alone_.add_sample_tensor(0, value.name, value.type, value.shape, value.quantization);
  }

  Graph alone_;
  std::vector<ValueId> from_;  // of each value: in the whole graph
};

class Analysis {
 public:
  explicit Analysis(const Graph& graph) : graph_(graph) {
    for (const Value& value : graph.values) {
      const bool constant = value.kind == ValueKind::constant;
      all_.push_back({std::vector<bool>(size_t(channel_count(value)), constant), {}});
    }
  }

  std::vector<KnownChannels> run() {
    for (const Node& node : graph_.nodes) {
      const ChannelRule rule = channel_rule(graph_, node);
      if (rule.kind == ChannelKind::mixed) continue;
      if (rule.kind == ChannelKind::linked) follow(node, rule.links);
      if (is_weighted(node)) look_at_weights(node, rule.kind);
      KnownChannels& out = all_[size_t(node.outputs[0])];
      if (out.any()) out.numbers = LoneNode(graph_, node).run(all_);
    }
    return std::move(all_);
  }

 private:
  const KnownChannels& input(const Node& node, size_t i) const {
    return all_[size_t(node.inputs[i])];
  }

  void follow(const Node& node, const std::vector<ChannelLink>& links) {
    std::vector<bool>& known = all_[size_t(node.outputs[0])].known;
    std::fill(known.begin(), known.end(), !links.empty());
    for (const ChannelLink& link : links)
      if (!input(node, link.input).known[size_t(link.from)]) known[size_t(link.to)] = false;
  }

  void look_at_weights(const Node& node, ChannelKind kind) {
    const LayerWeights weights(graph_, node);
    std::vector<bool>& known = all_[size_t(node.outputs[0])].known;
    const std::vector<Interval> inputs = intervals(node);
    const int32_t depth = int32_t(inputs.size());
    const bool depthwise = kind == ChannelKind::linked;
    for (int32_t o = 0; o < weights.outputs(); ++o) {
      const int32_t first = depthwise ? o / (weights.outputs() / depth) : 0;
      const int32_t end = depthwise ? first + 1 : depth;
      bool open = false;
      for (int32_t c = first; c < end && !open; ++c)
        open = !input(node, 0).known[size_t(c)] && weights.connects(o, c);
      if (!open ||
          is_clamped(node, o, sums(weights, o, {&inputs[size_t(first)], size_t(end - first)})))
        known[size_t(o)] = true;
    }
  }

  // Of each input channel.
  std::vector<Interval> intervals(const Node& node) const {
    const Value& x = graph_.value(node.inputs[0]);
    const int64_t zero = x.quantization.zero_point();
    const size_t depth = input(node, 0).known.size();
    std::vector<Interval> all(depth, {-128 - zero, 127 - zero});
    if (x.type != ElementType::s8) return all;
    const auto* numbers = reinterpret_cast<const int8_t*>(input(node, 0).numbers.data());
    for (size_t c = 0; c < depth; ++c) {
      if (!input(node, 0).known[c]) continue;
      all[c] = {numbers[c] - zero, numbers[c] - zero};
      for (size_t i = c; i < size_t(x.elements()); i += depth)
        all[c] = {std::min(all[c].least, numbers[i] - zero),
                  std::max(all[c].most, numbers[i] - zero)};
    }
    return all;
  }

  // A tap in the padding adds nothing.
  static SumRange sums(const LayerWeights& weights, int32_t o, std::span<const Interval> inputs) {
    SumRange range{weights.bias(o), weights.bias(o)};
    for (int32_t t = 0; t < weights.taps(); ++t)
      for (size_t c = 0; c < inputs.size(); ++c) {
        const int64_t w = weights.at(o, t, int32_t(c));
        Interval products{w * inputs[c].least, w * inputs[c].most};
        if (w < 0) std::swap(products.least, products.most);
        const bool padded = !weights.is_inside(t);
        range.least += padded ? std::min<int64_t>(products.least, 0) : products.least;
        range.most += padded ? std::max<int64_t>(products.most, 0) : products.most;
      }
    return range;
  }

  bool is_clamped(const Node& node, int32_t o, SumRange range) {
    const NodeView view(graph_, node);
    if (view.input(0).type != ElementType::s8) return false;
    if (ratios_of_ != &node) ratios_ = channel_ratios(view, view.output().shape.back());
    ratios_of_ = &node;
    const QuantizedMultiplier ratio{ratios_.multipliers[size_t(o)], ratios_.shifts[size_t(o)]};
    return constant_output(ratio, range, view.output().quantization.zero_point(),
                           quantized_activation_range(view, view.output()))
        .has_value();
  }

  const Graph& graph_;
  std::vector<KnownChannels> all_;
  const Node* ratios_of_ = nullptr;
  ChannelRatios ratios_;
};

}  // namespace

bool KnownChannels::any() const {
  return std::find(known.begin(), known.end(), true) != known.end();
}

std::vector<KnownChannels> known_channels(const Graph& graph) { return Analysis(graph).run(); }

}  // namespace mote
