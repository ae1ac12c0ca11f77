// SPDX-License-Identifier: Apache-2.0
// Cross-layer equalisation: a float Graph -> one that computes the same real numbers with channels
// of more equal ranges, which int8 can hold better. Where a layer's outputs pass through nothing
// but relu or pooling into one other layer, channel i of the first is divided by s_i and the
// second's weights for it multiplied: s_i = sqrt(r1_i / r2_i) of their largest weights. Nagel et
// al., "Data-Free Quantization Through Weight Equalization and Bias Correction", ICCV 2019, section
// 4.1.
#pragma once
#include "graph/graph.h"

namespace mote {

struct Equalization {
  Graph graph;
  int32_t pairs = 0;  // of layers that were found
};

// Only layers whose weights are float constants of their own take part. Results differ from those
// of `graph` by float rounding.
Equalization equalize_layers(const Graph& graph);

}  // namespace mote
