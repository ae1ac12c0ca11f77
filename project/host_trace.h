// SPDX-License-Identifier: Apache-2.0
// The host's evaluation of a graph in the words of a Trace, so that it can be compared with what a
// player reports.
#pragma once
#include <functional>

#include "graph/graph.h"
#include "graph/instruction_set.h"
#include "runner/protocol.h"

namespace mote {

// Plays every playback from the reset state. `progress(fraction)` may be empty. Of a verification,
// which compares with it, the kernels are portable; of what only counts answers, kFastKernels.
Trace host_trace(const Graph& graph, const std::vector<Playback>& playbacks,
                 const std::function<void(double)>& progress = {},
                 InstructionSet kernels = InstructionSet::portable);

}  // namespace mote
