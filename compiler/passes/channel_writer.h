// SPDX-License-Identifier: Apache-2.0
// A graph without some of its channels. In: a graph, which channels of each value stay, new biases.
// Out: the graph with smaller values; weights, scales, ratios and other constants along channels
// are cut. A constant that several nodes read is cut for each apart.
#pragma once
#include <map>

#include "graph/graph.h"

namespace mote {

struct ChannelCut {
  std::vector<std::vector<bool>> stays;  // of each value, a channel each
  // By node: its biases before the cut, an output channel each. Others stay as they are.
  std::map<size_t, std::vector<int64_t>> biases = {};
};

// What no node reads any more is left to remove_unused.
Graph take_channels(const Graph& graph, const ChannelCut& cut);

}  // namespace mote
