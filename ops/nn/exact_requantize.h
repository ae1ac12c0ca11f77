// SPDX-License-Identifier: Apache-2.0
// Host: the requantisation of a layer's sums in as few instructions as it takes, found by search.
// In: TFLM's multipliers and shifts. Out: for each channel numbers with which
//   y = clamp((floor(a * multiplier / 2^32) + offset) >> shift, -128, 127),
//   a = 256 * sum + bias, less `negative` where it is below zero,
// is TFLM's rounded product (core/fixed_point.h) plus the zero point at every sum that can come:
// both rise with the sum, so they are equal where each output from -127 to 127 begins at the same
// sum, and that is checked at all 255.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/nn/conv_2d_layer.h"

namespace mote {

struct SumRange {
  int64_t least = 0;
  int64_t most = 0;

  // 256 times, and a little more, in 32 bits.
  bool is_small() const { return least > -(1 << 23) + 8 && most < (1 << 23) - 8; }
};
// Of bias + sum of weight * (x - zero_point) over int8 x.
SumRange sum_range(std::span<const int8_t> weights, int32_t bias, int32_t zero_point);

struct ExactRequantize {
  int32_t shift = 0;
  std::vector<int32_t> multipliers;
  std::vector<int32_t> biases;  // 0..255
  std::vector<int32_t> offsets;
  std::vector<int32_t> negatives;  // empty: 0 for all
};

// Of one layer: `ratios` and `sums` go together, a channel each. None where a sum may leave 23 bits
// and its sign, or the search finds nothing for some channel.
std::optional<ExactRequantize> find_exact_requantize(const ChannelRatios& ratios,
                                                     std::span<const SumRange> sums,
                                                     int32_t zero_point);

// The output where it is the same for all sums: of channels that a network has learnt to leave
// dead.
std::optional<int32_t> constant_output(const QuantizedMultiplier& ratio, SumRange sums,
                                       int32_t zero_point, QuantizedClampRange clamp = {-128, 127});
// Makes it the output for any sum.
void set_constant(ExactRequantize& exact, size_t channel, int32_t output);

}  // namespace mote
