// SPDX-License-Identifier: Apache-2.0
// How often a tensor's numbers fall where: exact extremes and 2048 bins over [-reach, reach], reach
// a power of two that doubles when a number lies outside. One pass, and the same numbers give the
// same histogram on every machine.
#pragma once
#include <cstdint>
#include <vector>

#include "graph/quantizer.h"

namespace mote {

// How a range is chosen from what was seen.
//   min_max     nothing is clipped, as the TFLite converter does
//   percentile  0.01 % of the numbers on either side are left out, to the bin
//   entropy     the integers' distribution tells most about the real one: least Kullback-Leibler
//               divergence (Migacz, "8-bit inference with TensorRT", 2017), both ends drawn in
//               alike
//   mse         int8 numbers differ least from the real ones in the mean square: a number inside by
//               rounding, scale^2 / 12, one outside by its distance
enum class RangeRule : uint8_t { min_max, percentile, entropy, mse };
inline constexpr RangeRule kRangeRules[] = {RangeRule::min_max, RangeRule::percentile,
                                            RangeRule::entropy, RangeRule::mse};
const char* to_string(RangeRule rule);

class Histogram {
 public:
  static constexpr int32_t kBins = 2048;

  // Numbers that are not finite are counted apart.
  void add(float number);

  int64_t count() const { return count_; }
  int64_t non_finite() const { return non_finite_; }
  float min() const { return min_; }
  float max() const { return max_; }

  // Widened to contain zero; within the extremes but for that.
  ValueRange range(RangeRule rule) const;
  // Leaves out the fraction `tail` of the numbers on either side, to the bin.
  ValueRange percentile(double tail) const;

 private:
  void widen(float magnitude);
  double bin_centre(int32_t bin) const;
  ValueRange least_divergence() const;
  ValueRange least_square_error() const;
  double divergence(ValueRange range) const;
  double mean_square_error(ValueRange range) const;

  std::vector<int64_t> bins_ = std::vector<int64_t>(kBins, 0);
  double reach_ = 0x1p-100;
  int64_t count_ = 0;
  int64_t non_finite_ = 0;
  float min_ = 0;
  float max_ = 0;
};

}  // namespace mote
