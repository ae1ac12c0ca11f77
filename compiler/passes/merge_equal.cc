// SPDX-License-Identifier: Apache-2.0
// merge_equal: before  a = f(x); b = f(x); c = g(b)   after  a = f(x); c = g(a).
// Two nodes are equal if operator, attributes, inputs, outputs' types and clocks and states'
// initial values are: they then do the same at every step, so that one state stands for both.
// Constants are equal by content. The first of equal nodes stays, under its name, and what follows
// equal nodes is compared in turn. Promises every output byte; a node that makes an output of the
// graph stays. Relies on nodes being in execution order, and on remove_unused to drop the values.
#include <algorithm>
#include <numeric>

#include "compiler/passes/passes.h"
#include "graph/op_def.h"

namespace mote {
namespace {

bool same_bytes(const Value& a, const Value& b) {
  if (!a.data || !b.data) return a.data == b.data;
  return *a.data == *b.data;
}

bool same_value(const Value& a, const Value& b) {
  return a.kind == b.kind && a.type == b.type && a.shape == b.shape &&
         a.quantization == b.quantization && a.clock == b.clock && same_bytes(a, b);
}

class Merger {
 public:
  explicit Merger(const Graph& graph) : graph_(graph), first_(graph.values.size()) {
    std::iota(first_.begin(), first_.end(), 0);
  }

  Graph run() {
    std::vector<Node> nodes = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (Node& node : nodes) add(std::move(node));
    return std::move(graph_);
  }

 private:
  void add(Node node) {
    for (ValueId& id : node.inputs)
      if (id >= 0) id = first_[size_t(id)];
    const auto equal = std::find_if(graph_.nodes.begin(), graph_.nodes.end(),
                                    [&](const Node& other) { return same_node(other, node); });
    if (equal == graph_.nodes.end() || makes_output(node)) {
      graph_.nodes.push_back(std::move(node));
      return;
    }
    for (size_t i = 0; i < node.outputs.size(); ++i)
      first_[size_t(node.outputs[i])] = equal->outputs[i];
  }

  bool makes_output(const Node& node) const {
    return std::any_of(node.outputs.begin(), node.outputs.end(), [this](ValueId id) {
      return std::find(graph_.outputs.begin(), graph_.outputs.end(), id) != graph_.outputs.end();
    });
  }

  // Two reads of a variable are not equal: a write may lie between them.
  bool same_node(const Node& a, const Node& b) const {
    return a.op == b.op && a.op->variable == VariableUse::none && a.attributes == b.attributes &&
           same_list(a.inputs, b.inputs, true) && same_list(a.outputs, b.outputs, false) &&
           same_list(a.states, b.states, false);
  }

  // `inputs`: the same values, or constants of equal content; else values of the same kind.
  bool same_list(const std::vector<ValueId>& a, const std::vector<ValueId>& b, bool inputs) const {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](ValueId one, ValueId other) {
      if (one == other) return true;
      if (one < 0 || other < 0) return false;
      const Value& value = graph_.value(one);
      if (inputs && value.kind != ValueKind::constant) return false;
      return same_value(value, graph_.value(other));
    });
  }

  Graph graph_;
  std::vector<ValueId> first_;  // of each value: the one that stands for it
};

}  // namespace

Graph merge_equal(const Graph& graph) { return Merger(graph).run(); }

}  // namespace mote
