// SPDX-License-Identifier: Apache-2.0
// The signal part of the graph: sensor stream, blocks, and for each head the feature values it
// reads. In: the Config and the axes of the data. Out: a Graph whose outputs are the features; the
// same graph is streamed for training and goes into the firmware.
#pragma once
#include "project/config.h"
#include "project/streaming.h"

namespace mote {

struct SignalGraph {
  Graph graph;  // outputs: the blocks' features, in the order of [[signal]]
  std::vector<std::vector<size_t>> heads;  // of each [[model]]: indexes into graph.outputs
  int64_t window_samples = 0;              // samples before the first decision
  int64_t stride_samples = 0;
};

struct StreamSpec {
  std::vector<Axis> axes;
  std::vector<float> scales;
  double rate_hz = 0;
};

SignalGraph build_signals(const Config& config, const StreamSpec& stream, Diagnostics& diagnostics);

// Features of many windows of one block, as the physical numbers that the fixed-point values stand
// for.
struct FeatureTable {
  Shape shape;                // of one window
  std::vector<float> values;  // [windows, shape...]
};

struct Extraction {
  std::vector<Window> windows;
  std::vector<FeatureTable> blocks;  // as SignalGraph::graph.outputs
};

// Streams every take through the graph from its reset state and captures the features of each
// labelled window. `progress(fraction)` may be empty.
Extraction extract(const SignalGraph& signals, const std::vector<Take>& takes,
                   const Labelling& labelling, const std::function<void(double)>& progress);

}  // namespace mote
