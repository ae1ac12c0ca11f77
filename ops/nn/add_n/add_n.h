// SPDX-License-Identifier: Apache-2.0
// add_n: the sum of up to 15 tensors of one shape and, where quantised, one scale. In: x0 .. x14,
// null behind the last. Out: y of the same shape.
#pragma once
#include "core/fixed_point.h"

namespace mote {

constexpr int32_t kMostAddends = 15;

struct AddNParams {
  int32_t count;
  int32_t inputs;
};
template <class Visitor>
void for_each_field(const AddNParams& p, Visitor& field) {
  field("count", p.count);
  field("inputs", p.inputs);
}

#define MOTE_ADDENDS(T)                                                                      \
  const T *x0, const T *x1, const T *x2, const T *x3, const T *x4, const T *x5, const T *x6, \
      const T *x7, const T *x8, const T *x9, const T *x10, const T *x11, const T *x12,       \
      const T *x13, const T *x14

// ((0 + x0) + x1) + ..., TFLM's order (tensorflow/lite/kernels/internal/reference/add_n.h). y may
// be an input.
MOTE_INLINE void add_n_f32(const AddNParams& p, MOTE_ADDENDS(float), float* y) {
  const float* const x[kMostAddends] = {x0, x1, x2,  x3,  x4,  x5,  x6, x7,
                                        x8, x9, x10, x11, x12, x13, x14};
  for (int32_t i = 0; i < p.count; ++i) {
    float sum = 0;
    for (int32_t n = 0; n < p.inputs; ++n) sum += x[n][i];
    y[i] = sum;
  }
}

struct AddNS8Params {
  int32_t count;
  int32_t inputs;
  int32_t input_zero_point;
  int32_t input_multiplier;
  int32_t input_shift;
  int32_t output_zero_point;
  int32_t output_multiplier;
  int32_t output_shift;
};
template <class Visitor>
void for_each_field(const AddNS8Params& p, Visitor& field) {
  field("count", p.count);
  field("inputs", p.inputs);
  field("input_zero_point", p.input_zero_point);
  field("input_multiplier", p.input_multiplier);
  field("input_shift", p.input_shift);
  field("output_zero_point", p.output_zero_point);
  field("output_multiplier", p.output_multiplier);
  field("output_shift", p.output_shift);
}

// Bit-exact with TFLM AddN for int8, which starts from the number 0, that is from the real number
// -scale * zero_point. 15 * 255 + 128 times 2^19 stays below 2^31. y may be an input.
MOTE_INLINE void add_n_s8(const AddNS8Params& p, MOTE_ADDENDS(int8_t), int8_t* y) {
  const int8_t* const x[kMostAddends] = {x0, x1, x2,  x3,  x4,  x5,  x6, x7,
                                         x8, x9, x10, x11, x12, x13, x14};
  constexpr int32_t kUnit = (int32_t)1 << 20;
  const int32_t start = multiply_by_quantized_multiplier(-p.input_zero_point * kUnit,
                                                         p.input_multiplier, p.input_shift);
  for (int32_t i = 0; i < p.count; ++i) {
    int32_t sum = start;
    for (int32_t n = 0; n < p.inputs; ++n)
      sum += multiply_by_quantized_multiplier((x[n][i] - p.input_zero_point) * kUnit,
                                              p.input_multiplier, p.input_shift);
    const int32_t q = multiply_by_quantized_multiplier(sum, p.output_multiplier, p.output_shift);
    y[i] = (int8_t)clamp<int32_t>(q + p.output_zero_point, -128, 127);
  }
}

#undef MOTE_ADDENDS

}  // namespace mote
