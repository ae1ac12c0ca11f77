// SPDX-License-Identifier: Apache-2.0
// mean: y[o][i] = (1 / reduced) sum_r x[o][r][i], over dimensions that lie side by side. Shapes: x
// [outer, reduced, inner], y [outer, inner]. Over any other dimensions, and of int16: mean_over_f32
// below and reduce_sum_scaled (ops/nn/reduce). y may not overlap x.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"
#include "ops/nn/reduce_shape.h"

namespace mote {

struct MeanParams {
  int32_t outer;
  int32_t reduced;
  int32_t inner;
  int32_t input_zero_point;
  int32_t output_zero_point;
  int32_t multiplier;  // of input scale / (output scale * reduced)
  int32_t shift;
};
template <class Visitor>
void for_each_field(const MeanParams& p, Visitor& field) {
  field("outer", p.outer);
  field("reduced", p.reduced);
  field("inner", p.inner);
  field("input_zero_point", p.input_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
}

// x[0], x[step], ... added in this order to 0.
template <class Sum, class T>
MOTE_INLINE Sum strided_sum(const T* x, int32_t count, int32_t step) {
  Sum sum = 0;
  for (int32_t r = 0; r < count; ++r) sum += (Sum)x[r * step];
  return sum;
}

// Bit-exact with TFLM QuantizedMeanOrSum (tensorflow/lite/kernels/internal/reference/reduce.h).
// |sum - zero point * reduced| <= 255 * reduced; the host holds it and its left shift to 31 bits.
MOTE_INLINE void mean_s8(const MeanParams& p, const int8_t* x, int8_t* y) {
  for (int32_t o = 0; o < p.outer; ++o, x += p.reduced * p.inner) {
    for (int32_t i = 0; i < p.inner; ++i) {
      const int32_t sum =
          strided_sum<int32_t>(x + i, p.reduced, p.inner) - p.input_zero_point * p.reduced;
      const int32_t q = multiply_by_quantized_multiplier(sum, p.multiplier, p.shift);
      *y++ = (int8_t)clamp(q + p.output_zero_point, (int32_t)-128, (int32_t)127);
    }
  }
}

struct MeanF32Params {
  int32_t outer;
  int32_t reduced;
  int32_t inner;
};
template <class Visitor>
void for_each_field(const MeanF32Params& p, Visitor& field) {
  field("outer", p.outer);
  field("reduced", p.reduced);
  field("inner", p.inner);
}

// float32: added in the order of r, then divided.
MOTE_INLINE void mean_f32(const MeanF32Params& p, const float* x, float* y) {
  for (int32_t o = 0; o < p.outer; ++o, x += p.reduced * p.inner)
    for (int32_t i = 0; i < p.inner; ++i)
      *y++ = strided_sum<float>(x + i, p.reduced, p.inner) / (float)p.reduced;
}

// Over any dimensions, added in the order in which the numbers lie in x.
MOTE_INLINE void mean_over_f32(const ReduceParams& p, const float* x, float* y) {
  const int32_t count = p.reduced[0] * p.reduced[1] * p.reduced[2];
  for_each_kept(p, x, y, [&p, count](const float* first) {
    float sum = 0.0f;
    for_each_reduced(p, first, [&sum](float v) { sum += v; });
    return sum / (float)count;
  });
}

}  // namespace mote
