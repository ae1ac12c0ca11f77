// SPDX-License-Identifier: Apache-2.0
// Quantised operands brought to one scale before they are added, subtracted or compared: twice the
// larger of the two, with `left_shift` more bits. In: numbers with scale and zero point. Out:
// 32-bit numbers of the common scale. The rule of TFLM's add, sub and squared_difference
// (tensorflow/lite/kernels/internal/reference/add.h).
#pragma once
#include "ops/nn/broadcast.h"

namespace mote {

// A number's way to the common scale: (q - zero_point) * 2^left_shift * multiplier * 2^(shift -
// 31), shift <= 0.
struct CommonScaleParams {
  int32_t sizes[kBroadcastRank];
  int32_t a_strides[kBroadcastRank];
  int32_t b_strides[kBroadcastRank];
  int32_t left_shift;
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
void for_each_field(const CommonScaleParams& p, Visitor& field) {
  for_each_walk_field(p, field);
  field("left_shift", p.left_shift);
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

// |q - zero point| <= 255 and left_shift 20, or |q| <= 2^15 and left_shift 15: below 2^30 before
// the multiplier, which is at most one half, so at most 2^29 behind it and 2^30 for a sum of two.
MOTE_INLINE int32_t a_at_common_scale(const CommonScaleParams& p, int32_t q) {
  return multiply_by_quantized_multiplier((q - p.a_zero_point) * ((int32_t)1 << p.left_shift),
                                          p.a_multiplier, p.a_shift);
}
MOTE_INLINE int32_t b_at_common_scale(const CommonScaleParams& p, int32_t q) {
  return multiply_by_quantized_multiplier((q - p.b_zero_point) * ((int32_t)1 << p.left_shift),
                                          p.b_multiplier, p.b_shift);
}
// From the common scale (or its square) to the output.
MOTE_INLINE int32_t to_output_scale(const CommonScaleParams& p, int32_t x) {
  const int32_t q = multiply_by_quantized_multiplier(x, p.output_multiplier, p.output_shift);
  return clamp(q + p.output_zero_point, p.output_min, p.output_max);
}

}  // namespace mote
