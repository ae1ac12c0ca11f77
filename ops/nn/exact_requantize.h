// SPDX-License-Identifier: Apache-2.0
// Host: the requantisation of a layer's sums in as few instructions as it takes, found by search.
// In: TFLM's multipliers and shifts. Out: for each channel numbers with which
//   y = clamp((floor(a * multiplier / 2^32) + offset) >> shift, -128, 127),
//   a = unit * sum + bias_step * bias, less `negative` where it is below zero,
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

  // `unit` times, and a little more, in 32 bits.
  bool is_small(int32_t unit) const {
    const int64_t limit = (int64_t(1) << 31) / unit - 8;
    return least > -limit && most < limit;
  }
};
// Of bias + sum of weight * (x - zero_point) over int8 x.
SumRange sum_range(std::span<const int8_t> weights, int32_t bias, int32_t zero_point);

// The sums of a kernel, and what its rule has room for.
struct SumForm {
  int32_t unit;       // times the layer's
  int32_t most_bias;  // the smaller the unit, the more it takes to meet all thresholds
  int32_t bias_step;
  bool negative;    // whether it knows `negative`
  bool one_offset;  // for all channels, and any bias
};
constexpr SumForm kFoldedSums{256, 255, 1, true, true};
constexpr SumForm kWinogradSums{192, 191, 1, true, true};
// Of instructions that double a product.
constexpr SumForm kPlainSums{2, 65535, 2, false, false};

struct ExactRequantize {
  int32_t shift = 0;
  std::vector<int32_t> multipliers;
  std::vector<int32_t> biases;  // 0..most_bias / bias_step, where not SumForm::one_offset
  std::vector<int32_t> offsets;
  std::vector<int32_t> negatives;  // empty: 0 for all
};

// Of one layer: `ratios` and `sums` go together, a channel each. None where a sum may leave 32 bits
// with its unit, or the search finds nothing for some channel.
std::optional<ExactRequantize> find_exact_requantize(const ChannelRatios& ratios,
                                                     std::span<const SumRange> sums,
                                                     int32_t zero_point,
                                                     const SumForm& form = kFoldedSums);

// The output where it is the same for all sums: of channels that a network has learnt to leave
// dead.
std::optional<int32_t> constant_output(const QuantizedMultiplier& ratio, SumRange sums,
                                       int32_t zero_point, QuantizedClampRange clamp = {-128, 127});
// Makes it the output for any sum, where channels have offsets of their own.
void set_constant(ExactRequantize& exact, size_t channel, int32_t output);

}  // namespace mote
