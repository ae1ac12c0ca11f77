// SPDX-License-Identifier: Apache-2.0
// See constant_inputs.h.
#include "compiler/passes/constant_inputs.h"

#include <algorithm>

namespace mote {

ConstantInputs::ConstantInputs(Graph& graph) : graph_(graph), readers_(graph.values.size()) {
  for (const Value& value : graph.values) names_.insert(value.name);
  for (const Node& node : graph.nodes)
    for (ValueId id : node.inputs)
      if (id >= 0) ++readers_[size_t(id)];
}

void ConstantInputs::put(Node& node, size_t input, Value value) {
  node.inputs.resize(std::max(node.inputs.size(), input + 1), -1);
  ValueId& id = node.inputs[input];
  if (id >= 0 && size_t(id) < readers_.size() && readers_[size_t(id)] == 1) {
    graph_.value(id) = std::move(value);
    return;
  }
  if (id >= 0) value.name += "/" + node.name;
  while (!names_.insert(value.name).second) value.name += "'";
  graph_.values.push_back(std::move(value));
  id = ValueId(graph_.values.size()) - 1;
}

}  // namespace mote
