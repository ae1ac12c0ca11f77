// SPDX-License-Identifier: Apache-2.0
// Host: the requantisation of a layer's sums without a 64-bit product, found by search. In: TFLM's
// multipliers and shifts, where sums may lie, the outputs' range. Out: for each channel numbers
// with which ClampedOutput (ops/nn/clamped_output.h) gives TFLM's output at every sum that can
// come: both rise with the sum, so they are equal where each output begins at the same sum, and
// that is checked at all of them.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "ops/activation.h"
#include "ops/nn/conv_2d_layer.h"
#include "ops/nn/exact_requantize.h"

namespace mote {

struct ClampedChannel {
  int32_t least = 0;  // the sum that a = 0 stands for
  uint32_t span = 0;  // of sums whose output is computed; 0: one output for all
  uint32_t multiplier_high = 0;
  uint32_t multiplier_low = 0;
  uint32_t offset = 0;
  uint32_t zero = 0;
  uint32_t negative = 0;
};

struct ClampedRequantize {
  int32_t low_bits = 0;
  bool signs = false;  // whether a channel has a `negative`
  std::vector<ClampedChannel> channels;
};

// Of one layer: `ratios` and `sums` go together, a channel each. None where a sum may leave 23 bits
// and its sign, but for channels with one output, or the search finds nothing for some channel.
std::optional<ClampedRequantize> find_clamped_requantize(const ChannelRatios& ratios,
                                                         std::span<const SumRange> sums,
                                                         int32_t zero_point,
                                                         QuantizedClampRange clamp);

}  // namespace mote
