// SPDX-License-Identifier: Apache-2.0
// Host: layers for kernels that sum as ops/nn/byte_fold.h. In: a layer with s8 input, weights and
// bias. Out: the weights as words in the order in which fold_dot_4 reads them, the bias that takes
// up the constants, and the requantisation of sums that are 256 times as large.
#pragma once
#include <optional>

#include "graph/op_def.h"
#include "ops/activation.h"
#include "ops/nn/conv_2d_layer.h"
#include "ops/nn/exact_requantize.h"

namespace mote {

struct FoldedLayer {
  std::vector<uint32_t> words;  // of four rows at a time, filled up with zeros; of these by fours
                                // of columns; a word a row
  std::vector<int32_t> bias;    // of as many rows as `words` has
  ChannelRatios ratios;
  std::optional<ExactRequantize> exact;  // else the ratios of sum / 256
};

// The weights are rows of `columns`, one an output channel, however they are written. None where
// the input is not s8, a weight is -128, a sum may leave 23 bits and its sign, or weights or bias
// are not constant or have a zero point.
std::optional<FoldedLayer> fold_layer(const NodeView& node, int32_t columns,
                                      QuantizedClampRange clamp);

// input, words, bias, and for ExactOutput multipliers, offsets, negatives (or null), for
// FoldedOutput multipliers, shifts (ops/nn/folded_output.h).
KernelCall with_folded_arguments(KernelCall call, const FoldedLayer& layer);

}  // namespace mote
