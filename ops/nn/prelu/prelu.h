// SPDX-License-Identifier: Apache-2.0
// prelu: y = x where x >= 0, else x * alpha. Shapes: x, y [size[0], ..., size[4]]; alpha's index
// moves by stride[d] with dimension d, 0 where it is broadcast. y may be x.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

struct PreluF32Params {
  int32_t size[5];
  int32_t stride[5];
};
template <class Visitor>
void for_each_field(const PreluF32Params& p, Visitor& field) {
  field("size", p.size);
  field("stride", p.stride);
}

struct PreluParams {
  int32_t size[5];
  int32_t stride[5];
  int32_t input_zero_point;
  int32_t alpha_zero_point;
  int32_t output_zero_point;
  int32_t multiplier;  // input scale / output scale
  int32_t shift;
  int32_t alpha_multiplier;  // input scale * alpha scale / output scale
  int32_t alpha_shift;
};
template <class Visitor>
void for_each_field(const PreluParams& p, Visitor& field) {
  field("size", p.size);
  field("stride", p.stride);
  field("input_zero_point", p.input_zero_point);
  field("alpha_zero_point", p.alpha_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
  field("alpha_multiplier", p.alpha_multiplier);
  field("alpha_shift", p.alpha_shift);
}

// y = one(x, alpha) over all elements.
template <class P, class T, class A, class One>
MOTE_INLINE void prelu_each(const P& p, const T* x, const A* alpha, T* y, One one) {
  for (int32_t a = 0; a < p.size[0]; ++a)
    for (int32_t b = 0; b < p.size[1]; ++b)
      for (int32_t c = 0; c < p.size[2]; ++c)
        for (int32_t d = 0; d < p.size[3]; ++d) {
          const A* row =
              alpha + a * p.stride[0] + b * p.stride[1] + c * p.stride[2] + d * p.stride[3];
          for (int32_t e = 0; e < p.size[4]; ++e) *y++ = one(*x++, row[e * p.stride[4]]);
        }
}

MOTE_INLINE void prelu_f32(const PreluF32Params& p, const float* x, const float* alpha, float* y) {
  prelu_each(p, x, alpha, y, [](float v, float a) { return v >= 0.0f ? v : v * a; });
}

// Bit-exact with TFLM BroadcastPrelu4DSlow (tensorflow/lite/kernels/internal/reference/prelu.h).
// |x - zero point| < 2^16 and |alpha - zero point| < 2^8: the product stays below 2^24, and the
// host holds it times 2^shift to 31 bits.
MOTE_INLINE int32_t prelu_quantized(const PreluParams& p, int32_t x, int32_t alpha) {
  const int32_t value = x - p.input_zero_point;
  const int32_t scaled =
      value >= 0 ? multiply_by_quantized_multiplier(value, p.multiplier, p.shift)
                 : multiply_by_quantized_multiplier(value * (alpha - p.alpha_zero_point),
                                                    p.alpha_multiplier, p.alpha_shift);
  return scaled + p.output_zero_point;
}

MOTE_INLINE void prelu_s8(const PreluParams& p, const int8_t* x, const int8_t* alpha, int8_t* y) {
  prelu_each(p, x, alpha, y, [&p](int8_t v, int8_t a) {
    return (int8_t)clamp(prelu_quantized(p, v, a), (int32_t)-128, (int32_t)127);
  });
}

MOTE_INLINE void prelu_s16(const PreluParams& p, const int16_t* x, const int8_t* alpha,
                           int16_t* y) {
  prelu_each(p, x, alpha, y, [&p](int16_t v, int8_t a) {
    return (int16_t)clamp(prelu_quantized(p, v, a), (int32_t)-32768, (int32_t)32767);
  });
}

}  // namespace mote
