// SPDX-License-Identifier: Apache-2.0
// fuse_conversions: before  a s8 -> dequantize -> quantize -> b   after  a s8 -> b
//                      or  a s8 -> dequantize -> quantize s8 -> b  after  a s8 -> quantize s8 -> b
// Integers that are converted twice in a row, as between layers that a converter quantised one by
// one. Of the same scale the pair goes; of two scales one conversion between integers may stand for
// both. Promises every output byte, by trying: both forms are run on all numbers of the input's
// type. An output of the graph keeps its layer. Relies on nodes being in execution order, and on
// remove_unused to drop what nobody reads any more.
#include <algorithm>
#include <numeric>

#include "compiler/passes/passes.h"
#include "graph/evaluator.h"
#include "ops/registry.h"

namespace mote {
namespace {

// Every number of an integer type of at most 16 bits, in memory's order; else none.
Bytes all_numbers(ElementType type) {
  if (type != ElementType::s8 && type != ElementType::u8 && type != ElementType::s16) return {};
  const auto bytes = int32_t(element_bytes(type));
  const int32_t count = 1 << 8 * bytes;
  Bytes all;
  for (int32_t n = 0; n < count; ++n)
    for (int32_t b = 0; b < bytes; ++b) all.push_back(uint8_t(n >> 8 * b));
  return all;
}

class ConversionFuser {
 public:
  explicit ConversionFuser(const Graph& graph)
      : graph_(graph), stands_for_(graph.values.size()), made_by_(graph.values.size(), -1) {
    std::iota(stands_for_.begin(), stands_for_.end(), 0);
    for (size_t n = 0; n < graph.nodes.size(); ++n)
      for (const ValueId id : graph.nodes[n].outputs) made_by_[size_t(id)] = int32_t(n);
  }

  Graph run() {
    for (Node& node : graph_.nodes) {
      for (ValueId& id : node.inputs)
        if (id >= 0) id = stands_for_[size_t(id)];
      if (node.op == &quantize_op) fuse(node);
    }
    return std::move(graph_);
  }

 private:
  void fuse(Node& second) {
    const ValueId between = second.inputs[0];
    if (made_by_[size_t(between)] < 0) return;
    const Node& first = graph_.nodes[size_t(made_by_[size_t(between)])];
    if (first.op != &dequantize_op && first.op != &quantize_op) return;
    const Value& in = graph_.value(first.inputs[0]);
    const Bytes numbers = all_numbers(in.type);
    if (numbers.empty() || in.quantization.scales.size() != 1) return;
    const Bytes both = converted(in, numbers, {&first, &second});
    const Value& out = graph_.value(second.outputs[0]);
    if (out.type == in.type && out.quantization == in.quantization && both == numbers &&
        !is_output(second.outputs[0]))
      stands_for_[size_t(second.outputs[0])] = first.inputs[0];
    else if (converted(in, numbers, {&second}) == both)
      second.inputs[0] = first.inputs[0];
  }

  // All numbers of the type through conversions; none where a conversion refuses them.
  static Bytes converted(const Value& in, const Bytes& numbers, std::vector<const Node*> nodes) {
    Graph alone;
    alone.name = "conversions";
    ValueId last = alone.add_tensor_stream(
        "numbers", in.type, {int32_t(numbers.size()) / element_bytes(in.type)}, in.quantization);
    try {
      for (const Node* node : nodes)
        last = alone.add_node(*node->op, node->name, {last}, node->attributes);
      alone.outputs = {last};
      Evaluator evaluator(alone);
      evaluator.push(0, numbers.data());
      return evaluator.outputs();
    } catch (const UserError&) {
      return {};
    }
  }

  bool is_output(ValueId id) const {
    return std::find(graph_.outputs.begin(), graph_.outputs.end(), id) != graph_.outputs.end();
  }

  Graph graph_;
  std::vector<ValueId> stands_for_;  // of each value: the one that its readers read
  std::vector<int32_t> made_by_;     // of each value: the node, -1: none
};

}  // namespace

Graph fuse_conversions(const Graph& graph) { return ConversionFuser(graph).run(); }

}  // namespace mote
