// SPDX-License-Identifier: Apache-2.0
// Cutting the network out of a graph. See subgraph.h.
#include "graph/subgraph.h"

#include <algorithm>

#include "graph/op_def.h"

namespace mote {
namespace {

class Cutter {
 public:
  Cutter(const Graph& whole, ValueId features)
      : whole_(whole), reached_(whole.values.size()), inside_(whole.nodes.size()) {
    part_.ids.assign(whole.values.size(), -1);
    reached_.at(size_t(features)) = true;
    features_ = features;
  }

  Subgraph cut(std::vector<ValueId> outputs) {
    reach();
    if (outputs.empty())
      outputs = border();
    else
      keep_only_needed(outputs);
    for (ValueId id : outputs)
      if (!reached_[size_t(id)])
        refuse("\"" + whole_.value(id).name + "\" cannot be computed from");
    if (outputs.empty()) refuse("no layer follows");
    add_features();
    for (size_t i = 0; i < whole_.nodes.size(); ++i)
      if (inside_[i]) copy(whole_.nodes[i]);
    for (ValueId id : outputs) part_.graph.outputs.push_back(part_.ids[size_t(id)]);
    return std::move(part_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    fail("no-network", "graph \"" + whole_.name + "\"",
         what + " \"" + whole_.value(features_).name + "\" alone");
  }

  bool is_computed(ValueId id) const {
    return id >= 0 && whole_.value(id).kind != ValueKind::constant;
  }

  void reach() {
    for (size_t i = 0; i < whole_.nodes.size(); ++i) {
      const Node& node = whole_.nodes[i];
      inside_[i] = std::all_of(node.inputs.begin(), node.inputs.end(), [this](ValueId id) {
        return !is_computed(id) || reached_[size_t(id)];
      });
      if (!inside_[i]) continue;
      for (ValueId id : node.outputs) reached_[size_t(id)] = true;
    }
  }

  // What leaves the part, in the order of the graph's outputs, then of the readers.
  std::vector<ValueId> border() const {
    std::vector<ValueId> out;
    const auto add = [&](ValueId id) {
      const bool inside = id >= 0 && id != features_ && reached_[size_t(id)];
      if (inside && std::find(out.begin(), out.end(), id) == out.end()) out.push_back(id);
    };
    for (ValueId id : whole_.outputs) add(id);
    for (size_t i = 0; i < whole_.nodes.size(); ++i)
      if (!inside_[i])
        for (ValueId id : whole_.nodes[i].inputs) add(id);
    return out;
  }

  void keep_only_needed(const std::vector<ValueId>& outputs) {
    std::vector<bool> needed(whole_.values.size());
    for (ValueId id : outputs) needed.at(size_t(id)) = true;
    for (size_t i = whole_.nodes.size(); i-- > 0;) {
      const Node& node = whole_.nodes[i];
      inside_[i] = inside_[i] && std::any_of(node.outputs.begin(), node.outputs.end(),
                                             [&](ValueId id) { return needed[size_t(id)]; });
      if (!inside_[i]) continue;
      for (ValueId id : node.inputs)
        if (id >= 0) needed[size_t(id)] = true;
    }
  }

  void add_features() {
    const Value& value = whole_.value(features_);
    part_.graph.name = whole_.name;
    part_.graph.classes = whole_.classes;
    part_.ids[size_t(features_)] =
        part_.graph.add_tensor_stream(value.name, value.type, value.shape, value.quantization);
  }

  ValueId mapped(ValueId id) {
    if (id < 0) return -1;
    ValueId& here = part_.ids[size_t(id)];
    if (here < 0) here = copy_constant(part_.graph, whole_.value(id));
    return here;
  }

  void copy(const Node& node) {
    std::vector<ValueId> inputs;
    for (ValueId id : node.inputs) inputs.push_back(mapped(id));
    part_.graph.add_node(*node.op, node.name, std::move(inputs), node.attributes);
    const std::vector<ValueId>& outputs = part_.graph.nodes.back().outputs;
    for (size_t i = 0; i < outputs.size(); ++i) part_.ids[size_t(node.outputs.at(i))] = outputs[i];
  }

  const Graph& whole_;
  ValueId features_ = -1;
  std::vector<bool> reached_;  // values
  std::vector<bool> inside_;   // nodes
  Subgraph part_;
};

}  // namespace

Subgraph network_part(const Graph& graph, ValueId features, const std::vector<ValueId>& outputs) {
  return Cutter(graph, features).cut(outputs);
}

ValueId copy_constant(Graph& graph, const Value& constant) {
  return graph.add_constant(constant.name, constant.type, constant.shape, *constant.data,
                            constant.quantization);
}

}  // namespace mote
