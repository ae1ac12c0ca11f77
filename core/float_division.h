// SPDX-License-Identifier: Apache-2.0
// Remainders and whole quotients of binary32 numbers, exact, in integer instructions: the same
// bytes on every core. In: two floats. Out: a float. NaN where an operand is NaN, x is infinite or
// y is 0.
#pragma once
#include <stdint.h>

#include "core/float_functions.h"

namespace mote {

// |x| = mantissa * 2^(exponent - 150), mantissa in [2^23, 2^24); x finite and not 0.
struct NormalizedF32 {
  uint32_t mantissa;
  int32_t exponent;  // below 1 for denormal numbers
};
inline NormalizedF32 normalized_f32(float x) {
  const uint32_t bits = bits_of(x) & 0x7fffffffu;
  if (bits >> 23) return {(bits & 0x7fffffu) | 0x800000u, static_cast<int32_t>(bits >> 23)};
  const int32_t shift = leading_zeros_u32(bits) - 8;
  return {bits << shift, 1 - shift};
}

// x - y * trunc(x / y), with the sign of x; exact (C's fmodf). Long division: at most 277 steps.
inline float remainder_f32(float x, float y) {
  if (is_nan_f32(x) || is_nan_f32(y) || !is_finite_f32(x) || y == 0.0f) return float_of(kQuietNan);
  if (abs_f32(x) < abs_f32(y) || x == 0.0f) return x;
  const NormalizedF32 a = normalized_f32(x);
  const NormalizedF32 b = normalized_f32(y);
  uint32_t rest = a.mantissa;
  for (int32_t steps = a.exponent - b.exponent; steps > 0; --steps) {
    if (rest >= b.mantissa) rest -= b.mantissa;
    rest <<= 1;
  }
  if (rest >= b.mantissa) rest -= b.mantissa;
  const uint32_t sign = bits_of(x) & 0x80000000u;
  if (rest == 0) return float_of(sign);
  const int32_t shift = leading_zeros_u32(rest) - 8;
  const int32_t exponent = b.exponent - shift;
  rest <<= shift;
  const uint32_t magnitude = exponent > 0
                                 ? (static_cast<uint32_t>(exponent) << 23) | (rest & 0x7fffffu)
                                 : rest >> (1 - exponent);  // no bit is lost: y has them too
  return float_of(sign | magnitude);
}

// x - y * floor(x / y), with the sign of y; one rounding where the signs of x and y differ.
inline float floored_remainder_f32(float x, float y) {
  const float rest = remainder_f32(x, y);
  return rest != 0.0f && (y < 0.0f) != (rest < 0.0f) ? rest + y : rest;
}

// floor of the exact x / y. The rounded quotient is whole, though the exact one is not, only next
// to a whole number, and wrong only below it: there the remainder is nearly all of y. Quotients of
// 2^24 and more are rounded.
inline float floored_quotient_f32(float x, float y) {
  const float quotient = x / y;
  const float whole = floor_f32(quotient);
  if (whole != quotient || !(abs_f32(quotient) < 16777216.0f)) return whole;
  const float rest = abs_f32(floored_remainder_f32(x, y));
  return rest > abs_f32(y) - rest ? whole - 1.0f : whole;
}

}  // namespace mote
