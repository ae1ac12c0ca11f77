// SPDX-License-Identifier: Apache-2.0
// See layout.h.
#include "compiler/passes/layout.h"

#include "compiler/passes/layout_search.h"
#include "compiler/passes/layout_writer.h"
#include "compiler/passes/passes.h"
#include "ops/registry.h"

namespace mote {
namespace {

// Of the search: a fraction of a second.
constexpr int64_t kMostWork = 250'000;

struct Transposes {
  int64_t count = 0, bytes = 0;
};
Transposes transposes_of(const Graph& graph) {
  Transposes all;
  for (const Node& node : graph.nodes)
    if (node.op == &transpose_op) ++all.count, all.bytes += graph.value(node.outputs[0]).bytes();
  return all;
}

Graph arranged(const Graph& graph) {
  const Graph used = remove_unused(graph);
  LayoutSearch search(used, kMostWork);
  search.run();
  return remove_unused(write_layout(used, search));
}

}  // namespace

Graph arrange_layout(const Graph& graph, LayoutReport* report) {
  const Transposes before = transposes_of(graph);
  Graph result = before.count == 0 ? graph : arranged(graph);
  const Transposes after = transposes_of(result);
  if (report) *report = {before.count, after.count, before.bytes, after.bytes};
  return result;
}

}  // namespace mote
