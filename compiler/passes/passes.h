// SPDX-License-Identifier: Apache-2.0
// The passes: Graph -> Graph, each keeps every output byte. pipeline.cc lists them in order, but
// for those of loading a model (project/plain_model.h): what quantisation shall see.
#pragma once
#include "graph/graph.h"
#include "graph/instruction_set.h"

namespace mote {

// One node for nodes that do the same: blocks that share axes, filter and window share their state.
Graph merge_equal(const Graph& graph);

// Two conversions of numbers in a row become one or none.
Graph fuse_conversions(const Graph& graph);

// Activations become the clamp of the float layer before them. Of loading a model.
Graph fuse_activations(const Graph& graph);

// A depthwise convolution of one channel is a convolution, for which there are faster kernels.
Graph convolve_single_channels(const Graph& graph);

// Pad layers become borders of the convolutions behind them.
Graph fold_padding(const Graph& graph);

// Integer layers without the channels that do not depend on the input or that nobody reads; what
// they added to sums goes into biases.
Graph remove_dead_channels(const Graph& graph);

// The layers in another order, where they need a smaller arena so.
Graph reorder(const Graph& graph);

// Drops nodes whose outputs nobody reads and values that no node, stream or output mentions.
Graph remove_unused(const Graph& graph);

}  // namespace mote
