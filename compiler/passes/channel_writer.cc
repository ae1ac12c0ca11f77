// SPDX-License-Identifier: Apache-2.0
// See channel_writer.h.
#include "compiler/passes/channel_writer.h"

#include <algorithm>

#include "compiler/passes/channel_links.h"
#include "compiler/passes/constant_inputs.h"
#include "compiler/passes/layer_weights.h"
#include "ops/registry.h"

namespace mote {
namespace {

using Flags = std::vector<bool>;

bool all(const Flags& flags) { return std::find(flags.begin(), flags.end(), false) == flags.end(); }
int32_t count(const Flags& flags) { return int32_t(std::count(flags.begin(), flags.end(), true)); }

template <class T>
void keep(std::vector<T>& list, const Flags& stays) {
  if (list.size() != stays.size()) return;
  size_t to = 0;
  for (size_t i = 0; i < stays.size(); ++i)
    if (stays[i]) list[to++] = list[i];
  list.resize(to);
}

void keep(Quantization& quantization, const Flags& stays) {
  if (quantization.scales.size() <= 1) return;
  keep(quantization.scales, stays);
  keep(quantization.zero_points, stays);
}

// The value without some indices of a dimension.
void keep_along(Value& value, size_t dimension, const Flags& stays) {
  const int64_t inner =
      element_count({value.shape.begin() + int64_t(dimension) + 1, value.shape.end()}) *
      element_bytes(value.type);
  const auto run = size_t(inner);
  Bytes taken;
  for (size_t at = 0, i = 0; at < value.data->size(); at += run, ++i)
    if (stays[i % stays.size()])
      taken.insert(taken.end(), value.data->begin() + int64_t(at),
                   value.data->begin() + int64_t(at + run));
  value.shape[dimension] = count(stays);
  value.data = std::make_shared<const Bytes>(std::move(taken));
}

class Writer {
 public:
  Writer(const Graph& graph, const ChannelCut& cut)
      : from_(graph), to_(graph), cut_(cut), constants_(to_) {}

  Graph run() {
    for (size_t i = 0; i < from_.values.size(); ++i)
      if (!all(cut_.stays[i])) to_.values[i].shape.back() = count(cut_.stays[i]);
    for (size_t n = 0; n < from_.nodes.size(); ++n) {
      if (is_cut(from_.nodes[n])) cut_constants(n);
      if (to_.nodes[n].op == &reshape_op) set_shape(to_.nodes[n]);
    }
    return std::move(to_);
  }

 private:
  const Flags& stays(ValueId id) const { return cut_.stays[size_t(id)]; }
  bool is_constant(ValueId id) const {
    return id >= 0 && from_.value(id).kind == ValueKind::constant;
  }
  bool is_cut(const Node& node) const {
    const auto is_whole = [&](ValueId id) { return id < 0 || all(stays(id)); };
    return !std::all_of(node.inputs.begin(), node.inputs.end(), is_whole) ||
           !std::all_of(node.outputs.begin(), node.outputs.end(), is_whole);
  }

  void cut_constants(size_t n) {
    const Node& node = from_.nodes[n];
    const ChannelKind kind = channel_rule(from_, node).kind;
    if (is_weighted(node)) {
      cut_ratios(to_.nodes[n], stays(node.outputs[0]));
      cut_bias(n);
    }
    if (kind == ChannelKind::dense)
      cut_weights(n);
    else
      cut_operands(n);
  }

  // Rows by the output's channels, columns by the input's.
  void cut_weights(size_t n) {
    const Node& node = from_.nodes[n];
    Value weights = from_.value(node.inputs[1]);
    keep_along(weights, weights.shape.size() - 1, stays(node.inputs[0]));
    keep_along(weights, 0, stays(node.outputs[0]));
    keep(weights.quantization, stays(node.outputs[0]));
    put(n, 1, std::move(weights));
  }

  // Constants with a number a channel of the output: weights of depthwise_conv_2d, operands.
  void cut_operands(size_t n) {
    const Node& node = from_.nodes[n];
    const Flags& out = stays(node.outputs[0]);
    const bool weighted = is_weighted(node);
    for (size_t i = 0; i < (weighted ? 2 : node.inputs.size()); ++i) {
      if (!is_constant(node.inputs[i]) || node.op == &lookup_op) continue;
      Value value = from_.value(node.inputs[i]);
      if (channel_count(value) != int32_t(out.size())) continue;
      keep_along(value, value.shape.size() - 1, out);
      keep(value.quantization, out);
      put(n, i, std::move(value));
    }
  }

  void cut_bias(size_t n) {
    const Node& node = from_.nodes[n];
    const auto found = cut_.biases.find(n);
    const bool given = node.inputs.size() > 2 && node.inputs[2] >= 0;
    if (!given && found == cut_.biases.end()) return;
    Value bias = given ? from_.value(node.inputs[2]) : Value{};
    if (!given) bias.name = node.name + "/bias", bias.kind = ValueKind::constant;
    if (found != cut_.biases.end())
      set_numbers(bias, found->second, LayerWeights(from_, node).bias_type());
    keep_along(bias, bias.shape.size() - 1, stays(node.outputs[0]));
    keep(bias.quantization, stays(node.outputs[0]));
    put(n, 2, std::move(bias));
  }

  static void set_numbers(Value& bias, const std::vector<int64_t>& numbers, ElementType type) {
    bias.type = type;
    bias.shape = {int32_t(numbers.size())};
    Bytes bytes;
    for (int64_t number : numbers) {
      const auto* from = reinterpret_cast<const uint8_t*>(&number);  // little-endian
      bytes.insert(bytes.end(), from, from + element_bytes(type));
    }
    bias.data = std::make_shared<const Bytes>(std::move(bytes));
  }

  static void cut_ratios(Node& node, const Flags& out) {
    for (const char* name : {"multipliers", "shifts"})
      keep(std::get<std::vector<int64_t>>(node.attributes.at(name)), out);
  }

  void set_shape(Node& node) {
    const Shape& shape = to_.value(node.outputs[0]).shape;
    node.attributes["shape"] = std::vector<int64_t>(shape.begin(), shape.end());
  }

  void put(size_t n, size_t input, Value value) {
    constants_.put(to_.nodes[n], input, std::move(value));
  }

  const Graph& from_;
  Graph to_;
  const ChannelCut& cut_;
  ConstantInputs constants_;
};

}  // namespace

Graph take_channels(const Graph& graph, const ChannelCut& cut) { return Writer(graph, cut).run(); }

}  // namespace mote
