// SPDX-License-Identifier: Apache-2.0
// softmax over the last dimension: y[c] = e^(beta x[c]) / sum_k e^(beta x[k]). s8 -> s8 (scale
// 1/256, zero point -128) or f32 -> f32. Shapes: x, y [rows, depth].
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"
#include "core/fixed_point.h"
#include "core/float_math.h"
#include "ops/nn/fixed_exp.h"

namespace mote {

struct SoftmaxParams {
  int32_t rows;
  int32_t depth;
  int32_t multiplier;  // beta * input scale, as Q5.26 an input step: multiplier * 2^(shift - 31)
  int32_t shift;       // 0..31
  int32_t diff_min;    // below it e^x counts as 0; keeps the product with 2^shift in 32 bits
};
template <class Visitor>
void for_each_field(const SoftmaxParams& p, Visitor& field) {
  field("rows", p.rows);
  field("depth", p.depth);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
  field("diff_min", p.diff_min);
}

// e^(beta * scale * difference) in Q0.31, for diff_min <= difference <= 0.
MOTE_INLINE int32_t softmax_exp(const SoftmaxParams& p, int32_t difference) {
  const int32_t shifted = (int32_t)((uint32_t)difference << p.shift);
  return exp_of_negative(saturating_rounding_doubling_high_mul(shifted, p.multiplier), 26);
}

MOTE_INLINE int32_t softmax_largest(const int8_t* x, int32_t depth) {
  int32_t largest = -128;
  for (int32_t c = 0; c < depth; ++c)
    if (x[c] > largest) largest = x[c];
  return largest;
}

// Bit-exact with TFLM Softmax (tensorflow/lite/kernels/internal/reference/softmax.h). The sum is
// Q12.19: depth below 4096 stays in 32 bits; it is at least one (the largest element's), so its
// leading zeros are 1..12. Sums of 512 and more, which TFLM refuses to run, give 0 here: the
// rounding shift would be by more than 31. y may be x.
MOTE_INLINE void softmax_s8(const SoftmaxParams& p, const int8_t* x, int8_t* y) {
  for (int32_t row = 0; row < p.rows; ++row, x += p.depth, y += p.depth) {
    const int32_t largest = softmax_largest(x, p.depth);
    int32_t sum = 0;
    for (int32_t c = 0; c < p.depth; ++c)
      if (x[c] - largest >= p.diff_min)
        sum += rounding_divide_by_power_of_two(softmax_exp(p, x[c] - largest), 12);
    const int32_t zeros = leading_zeros_u32((uint32_t)sum);
    const int32_t fraction = (int32_t)(((uint32_t)sum << zeros) - ((uint32_t)1 << 31));
    const int32_t reciprocal = one_over_one_plus(fraction);
    const int32_t shift = 12 - zeros + 23;
    for (int32_t c = 0; c < p.depth; ++c) {
      int32_t q = -128;
      if (x[c] - largest >= p.diff_min && shift <= 31) {
        const int32_t e = softmax_exp(p, x[c] - largest);
        q += rounding_divide_by_power_of_two(saturating_rounding_doubling_high_mul(reciprocal, e),
                                             shift);
      }
      y[c] = (int8_t)clamp(q, (int32_t)-128, (int32_t)127);
    }
  }
}

struct SoftmaxF32Params {
  int32_t rows;
  int32_t depth;
  float beta;
};
template <class Visitor>
void for_each_field(const SoftmaxF32Params& p, Visitor& field) {
  field("rows", p.rows);
  field("depth", p.depth);
  field("beta", p.beta);
}

// float32: e^((x - largest) * beta) by core/float_math.h, summed in the order of c, then divided. y
// may be x.
MOTE_INLINE void softmax_f32(const SoftmaxF32Params& p, const float* x, float* y) {
  for (int32_t row = 0; row < p.rows; ++row, x += p.depth, y += p.depth) {
    float largest = x[0];
    for (int32_t c = 1; c < p.depth; ++c)
      if (x[c] > largest) largest = x[c];
    float sum = 0.0f;
    for (int32_t c = 0; c < p.depth; ++c) {
      y[c] = exp_f32((x[c] - largest) * p.beta);
      sum += y[c];
    }
    for (int32_t c = 0; c < p.depth; ++c) y[c] = y[c] / sum;
  }
}

}  // namespace mote
