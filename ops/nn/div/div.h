// SPDX-License-Identifier: Apache-2.0
// div: y = activation(a / b), broadcast. Kernels for real numbers, quantised ones, and integers
// that mean themselves.
#pragma once
#include "core/fixed_math.h"
#include "ops/nn/fixed_exp.h"
#include "ops/nn/integer_arithmetic.h"
#include "ops/nn/scaled_product.h"

namespace mote {

// How many bits below the sign are copies of it; 31 for 0.
MOTE_INLINE int32_t leading_sign_bits(int32_t x) {
  return leading_zeros_u32((uint32_t)(x < 0 ? ~x : x)) - 1;
}

// round(x / 2^exponent) as TFLM's host build computes it for the exponents beyond its contract: the
// mask has 32 bits, so above 31 a number that is not negative gains 1, and x86 shifts by the lowest
// five bits of the exponent. Such exponents arise for the smallest quotients.
MOTE_INLINE int32_t divide_by_large_power_of_two(int32_t x, int32_t exponent) {
  if (exponent <= 31) return rounding_divide_by_power_of_two(x, exponent);
  return (x >> (exponent & 31)) + (x >= 0 ? 1 : 0);
}

// The quotient of two offset numbers in units of the output's scale. b = 0, which TFLM does not
// define: as far from 0 as the sign of a says.
MOTE_INLINE int32_t scaled_quotient(const ScaledProductParams& p, int32_t a, int32_t b) {
  constexpr int32_t kFar = (int32_t)1 << 20;
  if (b == 0) return a > 0 ? kFar : a < 0 ? -kFar : 0;
  if (b < 0) {
    a = -a;
    b = -b;
  }
  const int32_t zeros = leading_zeros_u32((uint32_t)b);
  const int32_t above_half = (int32_t)(((uint32_t)b << zeros) - ((uint32_t)1 << 31));
  const int32_t reciprocal = one_over_one_plus(above_half);  // 2^(31 - zeros) / b
  const int32_t headroom = leading_sign_bits(a);
  const int32_t quotient =
      saturating_rounding_doubling_high_mul((int32_t)((uint32_t)a << headroom), reciprocal);
  const int32_t shift = p.output_shift - (31 - zeros) - headroom;
  return divide_by_large_power_of_two(
      saturating_rounding_doubling_high_mul(quotient, p.output_multiplier), -shift);
}

// Bit-exact with TFLM DivElementwise (tensorflow/lite/kernels/internal/reference/div.h).
// |q - zero point| <= 255, so headroom >= 23, and output_shift <= 23 keeps the last shift to the
// right. y may be an operand that is not repeated.
template <class T>
MOTE_INLINE void div_scaled(const ScaledProductParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        const int32_t q = scaled_quotient(p, x - p.a_zero_point, z - p.b_zero_point);
        return (T)clamp(q + p.output_zero_point, p.output_min, p.output_max);
      });
}

// y may be an operand that is not repeated.
MOTE_INLINE void div_f32(const PairF32Params& p, const float* a, const float* b, float* y) {
  for_each_pair(
      p, a, b, y, [&p](float x, float z) __attribute__((always_inline)) {
        return clamp(x / z, p.output_min, p.output_max);
      });
}

// Truncates; a / 0 is 0. y may be an operand that is not repeated.
MOTE_INLINE void div_s32(const PairS32Params& p, const int32_t* a, const int32_t* b, int32_t* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        return clamp(truncated_quotient(x, z), p.output_min, p.output_max);
      });
}

// Integers without a scale: truncates; a / 0 is 0. y may be an operand that is not repeated.
template <class T>
MOTE_INLINE void div_truncating(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return truncated_quotient(x, z); });
}

}  // namespace mote
