// SPDX-License-Identifier: Apache-2.0
// What must hold of a graph that a reader took: the verifier has no fault in it, it can be planned,
// and where that is little work it can be run. See fuzz.h.
#pragma once
#include <cstdlib>

#include "compiler/plan/plan.h"
#include "graph/evaluator.h"
#include "graph/verify.h"

namespace mote::fuzz {

// Planning many layers takes quadratic time, and a few bytes can ask for any amount of arithmetic:
// the readers are what is tested.
constexpr size_t kMostPlanned = 200;
constexpr int64_t kMostElements = 100000;
constexpr int64_t kMostMacs = 1000000;

inline bool is_small(const Graph& graph) {
  int64_t elements = 0, macs = 0;
  for (const Value& value : graph.values) elements += value.elements();
  for (const Node& node : graph.nodes)
    if (node.op->macs) macs += node.op->macs(NodeView(graph, node));
  return elements <= kMostElements && macs <= kMostMacs;
}

inline void run_once(const Graph& graph) {
  Evaluator evaluator(graph);
  for (size_t s = 0; s < graph.streams.size(); ++s) {
    const Bytes sample(1 << 20, 1);
    evaluator.push(int32_t(s), sample.data());
  }
}

inline void check_graph(const Graph& graph) {
  Diagnostics findings;
  verify(graph, findings);
  if (!findings.errors().empty()) std::abort();
  if (graph.nodes.size() > kMostPlanned) return;
  verify(make_plan(graph));
  if (is_small(graph)) run_once(graph);
}

}  // namespace mote::fuzz
