// SPDX-License-Identifier: Apache-2.0
// pow: y = a^b, broadcast. Kernels for real numbers, int8 and integers that mean themselves.
#pragma once
#include "core/float_power.h"
#include "ops/nn/broadcast.h"
#include "ops/nn/integer_arithmetic.h"

namespace mote {

// y may be an operand that is not repeated.
MOTE_INLINE void pow_each_f32(const PairParams& p, const float* a, const float* b, float* y) {
  for_each_pair(
      p, a, b, y, [](float x, float z) __attribute__((always_inline)) { return power_f32(x, z); });
}

// a^b by squaring, wrapping around. A negative exponent gives the whole part of the result: 0 but
// for 1 and -1 (and for 0, which has none). At most 63 steps.
template <class T>
MOTE_INLINE T integer_power(T a, T b) {
  if (b < 0) return a == 1 ? (T)1 : is_minus_one(a) ? ((b & 1) != 0 ? a : (T)1) : (T)0;
  T result = 1;
  for (; b > 0; b = (T)(b >> 1)) {
    if ((b & 1) != 0) result = wrapping_mul(result, a);
    a = wrapping_mul(a, a);
  }
  return result;
}

// Integers without a scale. y may be an operand that is not repeated.
template <class T>
MOTE_INLINE void pow_integer(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return integer_power(x, z); });
}

struct PowS8Params {
  int32_t sizes[kBroadcastRank];
  int32_t a_strides[kBroadcastRank];
  int32_t b_strides[kBroadcastRank];
  int32_t a_zero_point;
  float a_scale;
  int32_t b_zero_point;
  float b_scale;
  int32_t output_zero_point;
  float output_scale;
};
template <class Visitor>
void for_each_field(const PowS8Params& p, Visitor& field) {
  for_each_walk_field(p, field);
  field("a_zero_point", p.a_zero_point);
  field("a_scale", p.a_scale);
  field("b_zero_point", p.b_zero_point);
  field("b_scale", p.b_scale);
  field("output_zero_point", p.output_zero_point);
  field("output_scale", p.output_scale);
}

// Our own rule, for want of a published one: the float32 power of the real numbers, to the nearest
// step of the output, halves to even, saturated; what has no power gives the zero point.
MOTE_INLINE void pow_s8(const PowS8Params& p, const int8_t* a, const int8_t* b, int8_t* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        const float real = power_f32((float)(x - p.a_zero_point) * p.a_scale,
                                     (float)(z - p.b_zero_point) * p.b_scale);
        const int32_t q = to_int_saturating(real / p.output_scale, -512, 512);
        return (int8_t)clamp<int32_t>(q + p.output_zero_point, -128, 127);
      });
}

}  // namespace mote
