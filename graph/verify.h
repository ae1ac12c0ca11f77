// SPDX-License-Identifier: Apache-2.0
// The verifier at every door that a Graph passes: after import, after each pass, after
// quantisation, after reading a text. A graph without a finding can be evaluated, planned and
// emitted without further checks.
#pragma once
#include "graph/graph.h"

namespace mote {

// Adds an error for every rule that the graph breaks (docs/formats/graph.md lists them); throws
// nothing. The operators' own rules (types, shapes, clocks, states: their infer is run again and
// must give what the graph says) are looked at only when the graph's frame is sound.
void verify(const Graph& graph, Diagnostics& diagnostics);

}  // namespace mote
