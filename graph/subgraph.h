// SPDX-License-Identifier: Apache-2.0
// The network behind the signal blocks, as a Graph of its own: from a value such as the
// standardised features on. Signal blocks are slow and give the same features again and again;
// calibration, accuracy checks and exporters start here.
#pragma once
#include "graph/graph.h"

namespace mote {

struct Subgraph {
  Graph graph;
  std::vector<ValueId> ids;  // of each value of the whole graph; -1: not in the part
};

// Every layer whose computed inputs all come from `features`, which becomes the part's only stream
// (a tensor stream of its name, type, shape and scale; one push is one sample). Names are kept. Its
// outputs are `outputs` if any are given, and then only what they need is taken; else the graph's
// own outputs and whatever layers outside the part read. Fails with "no-network" where nothing
// follows `features` or an output cannot be computed from it.
Subgraph network_part(const Graph& graph, ValueId features,
                      const std::vector<ValueId>& outputs = {});

// A copy of a constant of another graph.
ValueId copy_constant(Graph& graph, const Value& constant);

}  // namespace mote
