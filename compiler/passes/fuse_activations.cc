// SPDX-License-Identifier: Apache-2.0
// fuse_activations: before  a = conv_2d(x); y = relu(a)   after  y = conv_2d(x) with relu.
// A float layer whose clamp is free takes the clamp of the activation that alone reads it: the same
// numbers, one pass over memory less, and nothing between the two that would need a scale of its
// own when the layer is quantised. The layer keeps its name, its output is the activation's. Of
// integer layers fold_pairs() (quantize/pairs.h) fuses what states one scale. Relies on nodes being
// in execution order, and on remove_unused to drop the values.
#include "compiler/passes/passes.h"
#include "graph/op_def.h"
#include "ops/activation.h"
#include "ops/registry.h"

namespace mote {
namespace {

class Fuser {
 public:
  explicit Fuser(const Graph& graph)
      : graph_(graph), reads_(graph.values.size(), 0), made_by_(graph.values.size(), -1) {
    for (const Node& node : graph.nodes)
      for (ValueId id : node.inputs)
        if (id >= 0) ++reads_[size_t(id)];
    for (ValueId id : graph.outputs) ++reads_[size_t(id)];
  }

  Graph run() {
    std::vector<Node> nodes = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (Node& node : nodes) {
      if (fuse(node)) continue;
      for (ValueId id : node.outputs) made_by_[size_t(id)] = int32_t(graph_.nodes.size());
      graph_.nodes.push_back(std::move(node));
    }
    return std::move(graph_);
  }

 private:
  bool fuse(const Node& node) {
    if (node.op != &activation_op) return false;
    const ValueId x = node.inputs[0], y = node.outputs[0];
    const int32_t maker = made_by_[size_t(x)];
    if (maker < 0 || reads_[size_t(x)] != 1 || graph_.value(x).type != ElementType::f32)
      return false;
    Node& layer = graph_.nodes[size_t(maker)];
    if (!has_free_clamp(layer)) return false;
    layer.attributes["activation"] = node.attributes.at("activation");
    layer.outputs[0] = y;
    layer.name = node.name;
    made_by_[size_t(y)] = maker;
    return true;
  }

  Graph graph_;
  std::vector<int32_t> reads_;    // of each value: by nodes and as an output of the graph
  std::vector<int32_t> made_by_;  // of each value: the node, -1: none
};

}  // namespace

Graph fuse_activations(const Graph& graph) { return Fuser(graph).run(); }

}  // namespace mote
