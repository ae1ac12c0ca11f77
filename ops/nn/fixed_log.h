// SPDX-License-Identifier: Apache-2.0
// The natural logarithm in 32-bit fixed point, as log_softmax uses it. Bit-exact with TFLite's
// log_x_for_x_greater_than_or_equal_to_1 (tensorflow/lite/kernels/internal/common.h) on gemmlowp's
// fixed point.
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"
#include "ops/nn/fixed_exp.h"

namespace mote {

// (a + b) / 2, halves away from zero.
MOTE_INLINE int32_t rounding_half_sum(int32_t a, int32_t b) {
  const int64_t sum = (int64_t)a + b;
  return (int32_t)((sum + (sum >= 0 ? 1 : -1)) / 2);
}

// saturating_shift_left for an exponent of 0, too.
MOTE_INLINE int32_t shift_left_or_same(int32_t x, int32_t exponent) {
  return exponent == 0 ? x : saturating_shift_left(x, exponent);
}

// ln r for r in about [sqrt(1/2), sqrt(2)] around sqrt(sqrt(1/2)), Q0.31, as the numerator of Q6.25
// times the reciprocal of the denominator: a rational approximation.
MOTE_INLINE int32_t log_of_remainder(int32_t r) {
  constexpr int32_t kFourthRootOfHalf = 1805811301;
  constexpr int32_t kAlphaN = 117049297;
  constexpr int32_t kAlphaD = 127690142;
  constexpr int32_t kAlphaI = 1057819769;
  constexpr int32_t kAlphaF = 638450708;
  const auto times = [](int32_t a, int32_t b) {
    return saturating_rounding_doubling_high_mul(a, b);
  };
  const int32_t p = rounding_half_sum(r, kFourthRootOfHalf);
  const int32_t q = 2 * (r - kFourthRootOfHalf);
  const int32_t square = times(q, q);
  const int32_t numerator = times(q, r) + times(times(q, square), kAlphaN);
  const int32_t denominator = times(p, kAlphaI + q + times(kAlphaD, square)) + times(kAlphaF, q);
  return times(rounding_divide_by_power_of_two(numerator, 6), one_over_one_plus(denominator));
}

// ln x for x >= 1: Q12.19 -> Q5.26. x = 2^k r, r next to sqrt(sqrt(1/2)); of two ways to choose k
// the one that leaves the smaller r.
MOTE_INLINE int32_t log_q12_to_q5(int32_t x) {
  constexpr int32_t kLog2 = 1488522236;
  constexpr int32_t kRootOfHalf = 1518500250;
  constexpr int32_t kQuarter = (int32_t)1 << 23;  // Q6.25
  constexpr int32_t kOne = (int32_t)1 << 25;
  const int32_t zeros = leading_zeros_u32((uint32_t)x);
  const int32_t top = shift_left_or_same(x, zeros - 1);
  const int32_t r_a =
      saturating_shift_left(saturating_rounding_doubling_high_mul(top, kRootOfHalf), 1);
  const int32_t k_a = (12 - zeros) * kOne + kQuarter;
  const int32_t lower = saturating_rounding_doubling_high_mul(x, kRootOfHalf);
  const int32_t headroom = leading_zeros_u32((uint32_t)lower) - 1;
  const int32_t r_b = shift_left_or_same(x, headroom);
  const int32_t k_b = (12 - headroom) * kOne - kQuarter;
  const int32_t r = r_a < r_b ? r_a : r_b;
  const int32_t k = k_a > k_b ? k_a : k_b;
  return saturating_shift_left(
      saturating_rounding_doubling_high_mul(k, kLog2) + log_of_remainder(r), 1);
}

}  // namespace mote
