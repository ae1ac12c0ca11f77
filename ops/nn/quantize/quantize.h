// SPDX-License-Identifier: Apache-2.0
// quantize: real numbers to integers, y[i] = saturated(round(x[i] / scale) + zero_point), halves
// away from zero; integers of another scale by requantize_each (ops/nn/requantize.h).
#pragma once
#include <stdint.h>

#include "core/float_bits.h"
#include "ops/nn/requantize.h"

namespace mote {

struct QuantizeParams {
  int32_t count;
  float scale;
  int32_t zero_point;
  int32_t output_min;  // of the output's type
  int32_t output_max;
};
template <class Visitor>
void for_each_field(const QuantizeParams& p, Visitor& field) {
  field("count", p.count);
  field("scale", p.scale);
  field("zero_point", p.zero_point);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// x to the nearest integer, halves away from zero, saturated to +-limit; NaN gives 0.
MOTE_INLINE int32_t round_away_f32(float x, int32_t limit = 512) {
  const int32_t even = to_int_saturating(x, -limit, limit);
  const float rest = x - (float)even;
  if (x > 0 && rest == 0.5f) return even + 1;
  if (x < 0 && rest == -0.5f) return even - 1;
  return even;
}

// x [count] f32 -> y [count]. Bit-exact with TFLM AffineQuantize
// (tensorflow/lite/kernels/internal/reference/quantize.h) for int8 and int16 and finite x: the
// division is rounded once to float32. 2^20 is more than the range of 16 bits from any zero point;
// 32 bits have none.
template <class T>
MOTE_INLINE void quantize_f32(const QuantizeParams& p, const float* x, T* y) {
  constexpr int32_t kLimit = sizeof(T) < 4 ? (int32_t)1 << 20 : kInt32Max;
  for (int32_t i = 0; i < p.count; ++i) {
    const int32_t q = round_away_f32(x[i] / p.scale, kLimit) + p.zero_point;
    y[i] = (T)clamp(q, p.output_min, p.output_max);
  }
}

// ONNX's rule (QuantizeLinear): x / scale rounded once to float32, then to the nearest integer with
// halves to even. Same shapes and aliasing as quantize_f32; NaN gives the zero point.
template <class T>
MOTE_INLINE void quantize_even_quotient_f32(const QuantizeParams& p, const float* x, T* y) {
  constexpr int32_t kLimit = (int32_t)1 << 20;
  for (int32_t i = 0; i < p.count; ++i) {
    const int32_t q = to_int_saturating(x[i] / p.scale, -kLimit, kLimit) + p.zero_point;
    y[i] = (T)clamp(q, p.output_min, p.output_max);
  }
}

struct QuantizeEvenParams {
  int32_t count;
  float inverse_scale;  // 1 / scale, rounded to float32
  int32_t zero_point;
  int32_t output_min;
  int32_t output_max;
};
template <class Visitor>
void for_each_field(const QuantizeEvenParams& p, Visitor& field) {
  field("count", p.count);
  field("inverse_scale", p.inverse_scale);
  field("zero_point", p.zero_point);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// PyTorch's rule: x * (1 / scale), the product rounded once to float32, then to the nearest integer
// with halves to even. Source: ExecuTorch's portable quantize_val
// (backends/cortex_m/ops/op_quantize_per_tensor.cpp), whose MVE form fuses the product and may
// differ in a half. Same shapes and aliasing as quantize_f32; NaN gives the zero point.
template <class T>
MOTE_INLINE void quantize_even_f32(const QuantizeEvenParams& p, const float* x, T* y) {
  constexpr int32_t kLimit = (int32_t)1 << 20;
  for (int32_t i = 0; i < p.count; ++i) {
    const int32_t q = to_int_saturating(x[i] * p.inverse_scale, -kLimit, kLimit) + p.zero_point;
    y[i] = (T)clamp(q, p.output_min, p.output_max);
  }
}

}  // namespace mote
