// SPDX-License-Identifier: Apache-2.0
// A layer's float weights and bias as integers. In: a node whose inputs 1 and 2 are float
// constants. Out: constants in the integer graph.
#pragma once
#include <vector>

#include "graph/quantizer.h"

namespace mote {

struct WeightRule {
  // 8: scale = max|w| / 127 of a channel. 4: numbers of -7 .. 7 at the scale, of max|w| / 7 times
  // 0.5 to 1, whose squared error is least.
  int32_t bits = 8;
  // Of the layer's input, by channel. Not empty: the bias takes back what rounding the weights
  // shifts the layer's mean output by, sum (w' - w) E[x] (Nagel et al., "Data-Free Quantization
  // Through Weight Equalization and Bias Correction", ICCV 2019, section 4.2; padding neglected).
  std::vector<double> input_means;
};

// Symmetric int8 weights by the index of `axis` (output channels), and a bias at input_scale *
// weight_scale: s32, or s64 for activations of s16. A channel whose weights are next to nothing
// beside its bias gets a larger scale, so that an s32 bias fits 30 bits and leaves 2^30 for the
// products (TFLite's quantiser does the same). Refuses what is not constant or not finite.
QuantizedWeights add_integer_weights(Graph& graph, const NodeView& view, int32_t axis,
                                     ValueId integer_input, const WeightRule& rule);

}  // namespace mote
