// SPDX-License-Identifier: Apache-2.0
// add: y[i] = activation(a[i] + b[i % period]). Shapes: a, y [count], b [period], period divides
// count.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

// A number's way to the common scale: (q - zero_point) * 2^20 * multiplier * 2^(shift - 31), shift
// <= 0.
struct AddParams {
  int32_t count;
  int32_t period;
  int32_t a_zero_point;
  int32_t a_multiplier;
  int32_t a_shift;
  int32_t b_zero_point;
  int32_t b_multiplier;
  int32_t b_shift;
  int32_t output_zero_point;
  int32_t output_multiplier;
  int32_t output_shift;
  int32_t output_min;  // activation clamp, quantised, after the zero point
  int32_t output_max;
};
template <class Visitor>
void for_each_field(const AddParams& p, Visitor& field) {
  field("count", p.count);
  field("period", p.period);
  field("a_zero_point", p.a_zero_point);
  field("a_multiplier", p.a_multiplier);
  field("a_shift", p.a_shift);
  field("b_zero_point", p.b_zero_point);
  field("b_multiplier", p.b_multiplier);
  field("b_shift", p.b_shift);
  field("output_zero_point", p.output_zero_point);
  field("output_multiplier", p.output_multiplier);
  field("output_shift", p.output_shift);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// Bit-exact with TFLM AddElementwise (tensorflow/lite/kernels/internal/reference/add.h). |q - zero
// point| <= 255, so 2^20 times it stays below 2^28; each term is at most half of that, so their sum
// stays below 2^28 too. y may be a, or b where period = count.
MOTE_INLINE void add_s8(const AddParams& p, const int8_t* a, const int8_t* b, int8_t* y) {
  constexpr int32_t kUnit = (int32_t)1 << 20;
  for (int32_t start = 0; start < p.count; start += p.period) {
    for (int32_t j = 0; j < p.period; ++j) {
      const int32_t i = start + j;
      const int32_t sum = multiply_by_quantized_multiplier((a[i] - p.a_zero_point) * kUnit,
                                                           p.a_multiplier, p.a_shift) +
                          multiply_by_quantized_multiplier((b[j] - p.b_zero_point) * kUnit,
                                                           p.b_multiplier, p.b_shift);
      const int32_t q = multiply_by_quantized_multiplier(sum, p.output_multiplier, p.output_shift);
      y[i] = (int8_t)clamp(q + p.output_zero_point, p.output_min, p.output_max);
    }
  }
}

struct AddF32Params {
  int32_t count;
  int32_t period;
  float output_min;
  float output_max;
};
template <class Visitor>
void for_each_field(const AddF32Params& p, Visitor& field) {
  field("count", p.count);
  field("period", p.period);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// y may be a, or b where period = count.
MOTE_INLINE void add_f32(const AddF32Params& p, const float* a, const float* b, float* y) {
  for (int32_t start = 0; start < p.count; start += p.period)
    for (int32_t j = 0; j < p.period; ++j)
      y[start + j] = clamp(a[start + j] + b[j], p.output_min, p.output_max);
}

}  // namespace mote
