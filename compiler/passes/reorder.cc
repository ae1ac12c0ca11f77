// SPDX-License-Identifier: Apache-2.0
// reorder: before  a = f(x); b = g(x); c = h(b); d = a + c   after  b = g(x); c = h(b); a = f(x); d
// = ... where the arena is smaller so: here if b is larger than a, which then does not wait beside
// it. Promises every output byte: layers follow what they read, those with a state keep their
// order, and so do clocks. The order is that of the portable kernels, so that the libraries of all
// cores have the same layers under the same numbers.
#include "compiler/passes/passes.h"
#include "compiler/plan/layer_order.h"

namespace mote {

Graph reorder(const Graph& graph) {
  const Plan plan = make_plan(graph);
  if (plan.arena_bytes == plan.arena_bound.any_order) return graph;
  const LayerOrder found = find_order(order_problem(plan));
  Graph other = graph;
  for (size_t i = 0; i < found.order.size(); ++i)
    other.nodes[i] = graph.nodes[size_t(found.order[i])];
  return make_plan(other).arena_bytes < plan.arena_bytes ? other : graph;
}

}  // namespace mote
