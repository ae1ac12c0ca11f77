// SPDX-License-Identifier: Apache-2.0
// The integer requantisation that every int8/int16 operator shares. Bit-exact with TensorFlow Lite
// Micro (tensorflow/lite/kernels/internal/common.h, double rounding: gemmlowp's saturating rounding
// doubling high multiply, then a rounding right shift that breaks ties away from zero).
#pragma once
#include <stdint.h>

#include "core/target.h"
#include "core/wrapping.h"

namespace mote {

constexpr int32_t kInt32Max = INT32_MAX;
constexpr int32_t kInt32Min = INT32_MIN;

template <class T>
MOTE_INLINE constexpr T clamp(T value, T low, T high) {
  return value < low ? low : value > high ? high : value;
}

// round(a * b / 2^31), ties up; the one overflow, INT32_MIN * INT32_MIN, saturates to INT32_MAX.
// gemmlowp writes it as a division towards zero with a nudge of 2^30 or 1 - 2^30 by the sign of the
// product, which is this for either sign.
MOTE_INLINE constexpr int32_t saturating_rounding_doubling_high_mul(int32_t a, int32_t b) {
  if (a == b && a == kInt32Min) return kInt32Max;
  return int32_t((int64_t(a) * int64_t(b) + (int64_t(1) << 30)) >> 31);
}

// round(x / 2^exponent), ties away from zero; exponent 0..31.
MOTE_INLINE constexpr int32_t rounding_divide_by_power_of_two(int32_t x, int32_t exponent) {
  const int32_t mask = int32_t((int64_t(1) << exponent) - 1);
  const int32_t remainder = x & mask;
  const int32_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

// x * multiplier * 2^(shift - 31), multiplier in [2^30, 2^31) or 0, shift -31..30. The left shift
// wraps as TFLM's does; the host chooses scales so that it cannot happen.
MOTE_INLINE constexpr int32_t multiply_by_quantized_multiplier(int32_t x, int32_t multiplier,
                                                               int32_t shift) {
  const int32_t left = shift > 0 ? shift : 0;
  const int32_t right = shift > 0 ? 0 : -shift;
  const int32_t shifted = int32_t(uint32_t(x) << left);
  return rounding_divide_by_power_of_two(saturating_rounding_doubling_high_mul(shifted, multiplier),
                                         right);
}

// The 64-bit form for int16 activations (TFLM MultiplyByQuantizedMultiplier(int64_t)): single
// rounding with a 16-bit multiplier. |x| < 2^47; shift -31..7.
MOTE_INLINE constexpr int32_t multiply_by_quantized_multiplier_s64(int64_t x, int32_t multiplier,
                                                                   int32_t shift) {
  const int32_t reduced = multiplier < 0x7FFF0000 ? ((multiplier + (1 << 15)) >> 16) : 0x7FFF;
  const int32_t total_shift = 15 - shift;
  const int64_t rounded = x * int64_t(reduced) + (int64_t(1) << (total_shift - 1));
  return int32_t(rounded >> total_shift);
}

}  // namespace mote
