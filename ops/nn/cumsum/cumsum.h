// SPDX-License-Identifier: Apache-2.0
// cumsum: running sums along one dimension, forwards or backwards, with or without the number
// itself. Shapes: x, y [outer, count, inner]; y may be x.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"
#include "ops/nn/integer_arithmetic.h"

namespace mote {

struct CumsumParams {
  int32_t outer;
  int32_t count;
  int32_t inner;
  bool exclusive;
  bool reverse;
};
template <class Visitor>
void for_each_field(const CumsumParams& p, Visitor& field) {
  field("outer", p.outer);
  field("count", p.count);
  field("inner", p.inner);
  field("exclusive", p.exclusive);
  field("reverse", p.reverse);
}

// y = as_output(sum), sum = add(sum, x) from `start` on.
template <class P, class T, class Sum, class Add, class AsOutput>
MOTE_INLINE void cumsum_each(const P& p, const T* x, T* y, Sum start, Add add, AsOutput as_output) {
  for (int32_t o = 0; o < p.outer; ++o, x += p.count * p.inner, y += p.count * p.inner)
    for (int32_t i = 0; i < p.inner; ++i) {
      Sum sum = start;
      for (int32_t k = 0; k < p.count; ++k) {
        const int32_t at = (p.reverse ? p.count - 1 - k : k) * p.inner + i;
        const Sum with = add(sum, x[at]);
        y[at] = as_output(p.exclusive ? sum : with);
        sum = with;
      }
    }
}

MOTE_INLINE void cumsum_f32(const CumsumParams& p, const float* x, float* y) {
  cumsum_each(
      p, x, y, 0.0f, [](float sum, float v) { return sum + v; }, [](float sum) { return sum; });
}

// Without a scale, modulo 2^32 or 2^64.
template <class T>
MOTE_INLINE void cumsum_integers(const CumsumParams& p, const T* x, T* y) {
  cumsum_each(
      p, x, y, (T)0, [](T sum, T v) { return wrapping_add(sum, v); }, [](T sum) { return sum; });
}

struct CumsumS8Params {
  int32_t outer;
  int32_t count;
  int32_t inner;
  bool exclusive;
  bool reverse;
  int32_t input_zero_point;
  int32_t output_zero_point;
  int32_t start;       // in steps of the input: 0, or TFLM's
  int32_t multiplier;  // of 2 input scale / (2^20 output scale)
  int32_t shift;       // <= 0
};
template <class Visitor>
void for_each_field(const CumsumS8Params& p, Visitor& field) {
  field("outer", p.outer);
  field("count", p.count);
  field("inner", p.inner);
  field("exclusive", p.exclusive);
  field("reverse", p.reverse);
  field("input_zero_point", p.input_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("start", p.start);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
}

// Bit-exact with TFLM CumSum (tensorflow/lite/kernels/internal/reference/cumsum.h) where start is
// minus the input's zero point, with which its sums begin; 0 gives the sums that are meant. A step
// counts 2^19 (2^20 times a half), added modulo 2^32 as there: exact while 255 (count + 1) < 2^12.
MOTE_INLINE void cumsum_s8(const CumsumS8Params& p, const int8_t* x, int8_t* y) {
  constexpr int32_t kUnit = (int32_t)1 << 19;
  cumsum_each(
      p, x, y, p.start * kUnit,
      [&p](int32_t sum, int8_t v) { return wrapping_add(sum, (v - p.input_zero_point) * kUnit); },
      [&p](int32_t sum) {
        const int32_t q = multiply_by_quantized_multiplier(sum, p.multiplier, p.shift);
        return (int8_t)clamp(wrapping_add(q, p.output_zero_point), (int32_t)-128, (int32_t)127);
      });
}

}  // namespace mote
