// SPDX-License-Identifier: Apache-2.0
// l2_normalization along one dimension: y = x / sqrt(sum x^2). Shapes: x, y [outer, count, inner];
// y may be x. s8 -> s8 at scale 1/128, zero point 0.
#pragma once
#include <stdint.h>

#include "core/float_math.h"
#include "ops/nn/inverse_sqrt.h"

namespace mote {

struct L2NormalizationParams {
  int32_t outer;
  int32_t count;
  int32_t inner;
  int32_t input_zero_point;
};
template <class Visitor>
void for_each_field(const L2NormalizationParams& p, Visitor& field) {
  field("outer", p.outer);
  field("count", p.count);
  field("inner", p.inner);
  field("input_zero_point", p.input_zero_point);
}

// Bit-exact with TFLM L2Normalization (tensorflow/lite/kernels/internal/reference/integer_ops/
// l2normalization.h). The sum of squares is at most 255^2 count, and count is at most 33025: 31
// bits.
MOTE_INLINE void l2_normalization_s8(const L2NormalizationParams& p, const int8_t* x, int8_t* y) {
  for (int32_t o = 0; o < p.outer; ++o)
    for (int32_t i = 0; i < p.inner; ++i) {
      const int32_t first = o * p.count * p.inner + i;
      int32_t squares = 0;
      for (int32_t k = 0; k < p.count; ++k) {
        const int32_t value = x[first + k * p.inner] - p.input_zero_point;
        squares += value * value;
      }
      const InverseSqrt inverse = inverse_sqrt(squares);
      for (int32_t k = 0; k < p.count; ++k) {
        const int32_t at = first + k * p.inner;
        const int32_t q = multiply_by_quantized_multiplier(x[at] - p.input_zero_point,
                                                           inverse.multiplier, inverse.shift + 7);
        y[at] = (int8_t)clamp(q, (int32_t)-128, (int32_t)127);
      }
    }
}

struct L2NormalizationF32Params {
  int32_t outer;
  int32_t count;
  int32_t inner;
  float least;  // the norm counts as at least this
};
template <class Visitor>
void for_each_field(const L2NormalizationF32Params& p, Visitor& field) {
  field("outer", p.outer);
  field("count", p.count);
  field("inner", p.inner);
  field("least", p.least);
}

MOTE_INLINE void l2_normalization_f32(const L2NormalizationF32Params& p, const float* x, float* y) {
  for (int32_t o = 0; o < p.outer; ++o)
    for (int32_t i = 0; i < p.inner; ++i) {
      const int32_t first = o * p.count * p.inner + i;
      float squares = 0.0f;
      for (int32_t k = 0; k < p.count; ++k)
        squares += x[first + k * p.inner] * x[first + k * p.inner];
      const float root = sqrt_f32(squares);
      const float norm = root > p.least ? root : p.least;
      for (int32_t k = 0; k < p.count; ++k) y[first + k * p.inner] = x[first + k * p.inner] / norm;
    }
}

}  // namespace mote
