// SPDX-License-Identifier: Apache-2.0
// exp, 1 / (1 + x) and what follows from them in 32-bit fixed point, as softmax, logistic and tanh
// use them. Bit-exact with gemmlowp's fixedpoint/fixedpoint.h, which TFLM's kernels call. Qm.n: m
// integer bits, n fraction bits, one sign bit; a Q0.31 "one" is INT32_MAX.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

// x * 2^exponent, saturated; exponent 1..30 (gemmlowp SaturatingRoundingMultiplyByPOT, positive
// exponent).
MOTE_INLINE constexpr int32_t saturating_shift_left(int32_t x, int32_t exponent) {
  const int32_t threshold = (int32_t)(((uint32_t)1 << (31 - exponent)) - 1);
  if (x > threshold) return kInt32Max;
  if (x < -threshold) return kInt32Min;
  return (int32_t)((uint32_t)x << exponent);
}

// e^x for x in [-1/4, 0), Q0.31 -> Q0.31: a Taylor polynomial of degree 4 around -1/8.
MOTE_INLINE constexpr int32_t exp_of_last_quarter(int32_t x) {
  constexpr int32_t kExpOfMinusEighth = 1895147668;
  constexpr int32_t kOneThird = 715827883;
  const int32_t y = x + ((int32_t)1 << 28);
  const int32_t y2 = saturating_rounding_doubling_high_mul(y, y);
  const int32_t y3 = saturating_rounding_doubling_high_mul(y2, y);
  const int32_t y4 = saturating_rounding_doubling_high_mul(y2, y2);
  const int32_t quarter = rounding_divide_by_power_of_two(y4, 2);
  const int32_t third = saturating_rounding_doubling_high_mul(quarter + y3, kOneThird);
  const int32_t tail = rounding_divide_by_power_of_two(third + y2, 1);
  return kExpOfMinusEighth + saturating_rounding_doubling_high_mul(kExpOfMinusEighth, y + tail);
}

// e^x for x <= 0 with `fraction_bits` of 26 (Q5.26), 27 (Q4.27) or 28 (Q3.28) -> Q0.31. The quarter
// next to zero by the polynomial, the rest of x bit by bit: e^-1/4, e^-1/2, e^-1 ... are constants.
MOTE_INLINE constexpr int32_t exp_of_negative(int32_t x, int32_t fraction_bits) {
  constexpr int32_t kPowers[7] = {1672461947, 1302514674, 790015084, 290630308,
                                  39332535,   720401,     242};
  if (x == 0) return kInt32Max;
  const int32_t quarter = (int32_t)1 << (fraction_bits - 2);
  const int32_t last = (x & (quarter - 1)) - quarter;
  const int32_t integer_bits = 31 - fraction_bits;
  int32_t result = exp_of_last_quarter(saturating_shift_left(last, integer_bits));
  const int32_t rest = last - x;
  for (int32_t k = 0; k < integer_bits + 2; ++k)
    if (rest & ((int32_t)1 << (fraction_bits - 2 + k)))
      result = saturating_rounding_doubling_high_mul(result, kPowers[k]);
  return result;
}

// The Newton-Raphson reciprocal of (1 + x) / 2 for x in [0, 1): Q0.31 -> Q2.29, three steps from
// 48/17 - 32/17 d.
MOTE_INLINE constexpr int32_t reciprocal_of_half_one_plus(int32_t x) {
  constexpr int32_t k48Over17 = 1515870810;
  constexpr int32_t kMinus32Over17 = -1010580540;
  constexpr int32_t kOne = (int32_t)1 << 29;
  const int32_t half = (int32_t)(((int64_t)x + kInt32Max + 1) / 2);
  int32_t y = k48Over17 + saturating_rounding_doubling_high_mul(half, kMinus32Over17);
  for (int32_t step = 0; step < 3; ++step) {
    const int32_t error = kOne - saturating_rounding_doubling_high_mul(half, y);
    y += saturating_shift_left(saturating_rounding_doubling_high_mul(y, error), 2);
  }
  return y;
}

// 1 / (1 + x) for x in [0, 1), Q0.31 -> Q0.31.
MOTE_INLINE constexpr int32_t one_over_one_plus(int32_t x) {
  return saturating_shift_left(reciprocal_of_half_one_plus(x), 1);
}

// (1 - x) / (1 + x) for x in [0, 1), Q0.31 -> Q0.31.
MOTE_INLINE constexpr int32_t one_minus_over_one_plus(int32_t x) {
  return saturating_shift_left(reciprocal_of_half_one_plus(x) - ((int32_t)1 << 29), 2);
}

// 1 / (1 + e^-x), Q4.27 -> Q0.31.
MOTE_INLINE constexpr int32_t logistic_q4_27(int32_t x) {
  if (x == 0) return (int32_t)1 << 30;
  const int32_t positive = one_over_one_plus(exp_of_negative(x > 0 ? -x : x, 27));
  return x > 0 ? positive : kInt32Max - positive;
}

// tanh x, Q4.27 -> Q0.31. e^2x is e^x read with one fraction bit less.
MOTE_INLINE constexpr int32_t tanh_q4_27(int32_t x) {
  if (x == 0) return 0;
  const int32_t magnitude = one_minus_over_one_plus(exp_of_negative(x < 0 ? x : -x, 26));
  return x < 0 ? -magnitude : magnitude;
}

}  // namespace mote
