// SPDX-License-Identifier: Apache-2.0
// remove_unused: before  a = f(x); b = g(x); output b   after  b = g(x); output b.
// Promises the order of what stays; relies on nodes being in execution order. Streams are never
// dropped: push() of a stream that nothing reads is still part of the API. Nor are variables and
// the nodes that write them: the next push may read what this one wrote.
#include <algorithm>

#include "compiler/passes/passes.h"
#include "graph/op_def.h"

namespace mote {
namespace {

class Keeper {
 public:
  explicit Keeper(const Graph& graph) : from_(graph), needed_(graph.values.size(), false) {}

  Graph run() {
    mark();
    to_.name = from_.name;
    to_.classes = from_.classes;
    to_.streams = from_.streams;
    for (Stream& stream : to_.streams)
      for (ValueId* id : {&stream.value, &stream.last, &stream.pending}) *id = keep(*id);
    for (Stream& stream : to_.streams)
      for (ValueId& id : stream.more) id = keep(id);
    for (ValueId id : from_.variables) to_.variables.push_back(keep(id));
    for (size_t n = 0; n < from_.nodes.size(); ++n)
      if (alive(from_.nodes[n])) to_.nodes.push_back(keep(from_.nodes[n]));
    for (ValueId id : from_.outputs) to_.outputs.push_back(keep(id));
    return std::move(to_);
  }

 private:
  void mark() {
    for (ValueId id : from_.outputs) needed_[size_t(id)] = true;
    for (size_t n = from_.nodes.size(); n-- > 0;) {
      if (!alive(from_.nodes[n])) continue;
      for (ValueId id : from_.nodes[n].inputs)
        if (id >= 0) needed_[size_t(id)] = true;
    }
  }

  bool alive(const Node& node) const {
    return node.op->variable == VariableUse::writes ||
           std::any_of(node.outputs.begin(), node.outputs.end(),
                       [&](ValueId id) { return needed_[size_t(id)]; });
  }

  ValueId keep(ValueId id) {
    if (id < 0) return id;
    const auto found = kept_.find(id);
    if (found != kept_.end()) return found->second;
    to_.values.push_back(from_.value(id));
    return kept_[id] = ValueId(to_.values.size()) - 1;
  }

  Node keep(const Node& node) {
    Node copy = node;
    for (auto* list : {&copy.inputs, &copy.outputs, &copy.states})
      for (ValueId& id : *list) id = keep(id);
    return copy;
  }

  const Graph& from_;
  Graph to_;
  std::vector<bool> needed_;
  std::map<ValueId, ValueId> kept_;
};

}  // namespace

Graph remove_unused(const Graph& graph) { return Keeper(graph).run(); }

}  // namespace mote
