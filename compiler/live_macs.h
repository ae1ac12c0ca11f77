// SPDX-License-Identifier: Apache-2.0
// How many of a graph's multiplications can change an output: trained networks hold channels that
// weight decay has killed, whose output does not depend on the input, and channels that nobody
// reads. In: a graph. Out: for each layer its MACs without those channels. An analysis; it changes
// nothing.
#pragma once
#include <vector>

#include "graph/op_def.h"

namespace mote {

// Of each node. A channel is an index of the last dimension. Dead forward: all its weights of live
// input channels are zero. Dead backward: every weight that reads it is zero, or belongs to a dead
// channel.
std::vector<int64_t> live_macs(const Graph& graph);

}  // namespace mote
