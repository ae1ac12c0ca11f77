// SPDX-License-Identifier: Apache-2.0
// Which states a model takes back: the number that its saved states are sealed with
// (core/saved_state.h). In: the graph as it was planned. Out: the CRC-32 of its text form, weights
// included, and of its states in the order in which they are saved.
#pragma once
#include "graph/graph.h"

namespace mote {

uint32_t state_id(const Graph& graph);

}  // namespace mote
