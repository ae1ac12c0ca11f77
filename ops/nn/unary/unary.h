// SPDX-License-Identifier: Apache-2.0
// unary: y[i] = f(x[i]) for a function f of one number. One operator with the function as its
// attribute instead of thirty folders: what differs between them is a row of functions.cc (name,
// parameters, the function in double and as a float kernel). f32 by core/float_math.h; s8 by a
// table of 256 values (ops/nn/lookup.h) that the host computes (tables.cc); s16 where TFLM has it;
// plain s32 and s64 for abs, neg, sign, square. Shapes: x, y [count]; y may be x everywhere.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"
#include "ops/nn/integer_arithmetic.h"
#include "ops/nn/inverse_sqrt.h"
#include "ops/nn/lookup.h"
#include "ops/nn/unary/activations.h"

namespace mote {

template <float (*F)(float)>
MOTE_INLINE void unary_f32(const LookupParams& p, const float* x, float* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = F(x[i]);
}

struct UnaryParametersF32 {
  int32_t count;
  float a;  // alpha; selu: alpha, hard_sigmoid: alpha
  float b;  // selu: gamma; hard_sigmoid: beta
};
template <class Visitor>
void for_each_field(const UnaryParametersF32& p, Visitor& field) {
  field("count", p.count);
  field("a", p.a);
  field("b", p.b);
}

template <float (*F)(float, float, float)>
MOTE_INLINE void unary_with_f32(const UnaryParametersF32& p, const float* x, float* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = F(x[i], p.a, p.b);
}

// ---- integers without a scale: modulo 2^32 or 2^64, as machines count --------------------------

template <class T>
MOTE_INLINE void abs_integers(const LookupParams& p, const T* x, T* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = x[i] < 0 ? wrapping_sub((T)0, x[i]) : x[i];
}
template <class T>
MOTE_INLINE void neg_integers(const LookupParams& p, const T* x, T* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = wrapping_sub((T)0, x[i]);
}
template <class T>
MOTE_INLINE void sign_integers(const LookupParams& p, const T* x, T* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = (T)((x[i] > 0) - (x[i] < 0));
}
template <class T>
MOTE_INLINE void square_integers(const LookupParams& p, const T* x, T* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = wrapping_mul(x[i], x[i]);
}

// ---- int16 with a scale ------------------------------------------------------------------------

// Two multipliers: of numbers at and above the zero point, and of those below.
struct TwoSlopesParams {
  int32_t count;
  int32_t input_zero_point;
  int32_t output_zero_point;
  int32_t multiplier;
  int32_t shift;
  int32_t negative_multiplier;
  int32_t negative_shift;
  int32_t sign_before;  // -1 or 1: what a negative number is multiplied with before it is scaled
  int32_t sign_after;   // and after; rounding of ties tells them apart
};
template <class Visitor>
void for_each_field(const TwoSlopesParams& p, Visitor& field) {
  field("count", p.count);
  field("input_zero_point", p.input_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
  field("negative_multiplier", p.negative_multiplier);
  field("negative_shift", p.negative_shift);
  field("sign_before", p.sign_before);
  field("sign_after", p.sign_after);
}

// One number of leaky_relu (sign_before 1) and abs (-1), before the clamp. Bit-exact with TFLM
// QuantizeLeakyRelu (tensorflow/lite/kernels/internal/reference/leaky_relu.h) and AbsEvalQuantized
// (micro/kernels/elementwise.cc). |x - zero point| < 2^16, and the host holds that times 2^shift to
// 31 bits.
MOTE_INLINE constexpr int32_t two_slopes(const TwoSlopesParams& p, int32_t x) {
  const int32_t value = x - p.input_zero_point;
  const int32_t scaled = value >= 0 ? multiply_by_quantized_multiplier(value, p.multiplier, p.shift)
                                    : p.sign_after * multiply_by_quantized_multiplier(
                                                         p.sign_before * value,
                                                         p.negative_multiplier, p.negative_shift);
  return scaled + p.output_zero_point;
}

MOTE_INLINE void two_slopes_s16(const TwoSlopesParams& p, const int16_t* x, int16_t* y) {
  for (int32_t i = 0; i < p.count; ++i)
    y[i] = (int16_t)clamp(two_slopes(p, x[i]), (int32_t)-32768, (int32_t)32767);
}

struct RsqrtParams {
  int32_t count;
  int32_t input_zero_point;
  int32_t output_zero_point;
  int32_t multiplier;  // of 1 / (sqrt(input scale) * output scale) / 2^20
  int32_t shift;
};
template <class Visitor>
void for_each_field(const RsqrtParams& p, Visitor& field) {
  field("count", p.count);
  field("input_zero_point", p.input_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
}

// One number of rsqrt, before the clamp; `largest` at and below zero (TFLM refuses to go on below).
// Bit-exact with TFLM RsqrtEvalQuantized (micro/kernels/elementwise.cc): 2^20 / sqrt(value), then
// to the output's scale.
MOTE_INLINE int32_t rsqrt_of(const RsqrtParams& p, int32_t x, int32_t largest) {
  const int32_t value = x - p.input_zero_point;
  if (value <= 0) return largest;
  const InverseSqrt inverse = inverse_sqrt(value);
  const int32_t root = multiply_by_quantized_multiplier(1, inverse.multiplier, inverse.shift + 20);
  return multiply_by_quantized_multiplier(root, p.multiplier, p.shift) + p.output_zero_point;
}

MOTE_INLINE void rsqrt_s16(const RsqrtParams& p, const int16_t* x, int16_t* y) {
  for (int32_t i = 0; i < p.count; ++i)
    y[i] = (int16_t)clamp(rsqrt_of(p, x[i], 32767), (int32_t)-32768, (int32_t)32767);
}

}  // namespace mote
