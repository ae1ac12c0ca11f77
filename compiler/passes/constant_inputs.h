// SPDX-License-Identifier: Apache-2.0
// Other numbers for the constants that nodes read. In: a graph, node by node. Out: the graph with
// each constant replaced where one node reads it, or with one more where several do.
#pragma once
#include <set>
#include <string>

#include "graph/graph.h"

namespace mote {

class ConstantInputs {
 public:
  // The graph must outlive this; nodes read what they read now until they are given to put().
  explicit ConstantInputs(Graph& graph);

  // Input `input` of the node becomes `value`, whose name is made to differ from others.
  void put(Node& node, size_t input, Value value);

 private:
  Graph& graph_;
  std::vector<int32_t> readers_;  // of each value: nodes
  std::set<std::string> names_;
};

}  // namespace mote
