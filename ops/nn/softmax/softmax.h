// SPDX-License-Identifier: Apache-2.0
// softmax over the last dimension: y[c] = e^(beta x[c]) / sum_k e^(beta x[k]). s8 -> s8 (scale
// 1/256, zero point -128), s8 -> s16 (scale 1/65536, zero point -32768), s16 -> s16 (scale 1/32768,
// zero point 0) or f32 -> f32. Shapes: x, y [rows, depth].
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
MOTE_SHARED int32_t softmax_exp(int32_t multiplier, int32_t shift, int32_t difference) {
  const int32_t shifted = (int32_t)((uint32_t)difference << shift);
  return exp_of_negative(saturating_rounding_doubling_high_mul(shifted, multiplier), 26);
}

MOTE_INLINE int32_t softmax_largest(const int8_t* x, int32_t depth) {
  int32_t largest = -128;
  for (int32_t c = 0; c < depth; ++c)
    if (x[c] > largest) largest = x[c];
  return largest;
}

// Bit-exact with TFLM Softmax (tensorflow/lite/kernels/internal/reference/softmax.h). The sum is
// Q12.19: depth below 4096 stays in 32 bits; it is at least one (the largest element's), so its
// leading zeros are 1..12. T: int8_t, whose sums of 512 and more TFLM refuses to run; they give 0
// here: the rounding shift would be by more than 31. Or int16_t.
template <class T>
MOTE_INLINE void softmax_from_s8(const SoftmaxParams& p, const int8_t* x, T* y) {
  const int32_t bits = 8 * (int32_t)sizeof(T);
  const int32_t lowest = -((int32_t)1 << (bits - 1));
  for (int32_t row = 0; row < p.rows; ++row, x += p.depth, y += p.depth) {
    const int32_t largest = softmax_largest(x, p.depth);
    int32_t sum = 0;
    for (int32_t c = 0; c < p.depth; ++c)
      if (x[c] - largest >= p.diff_min)
        sum +=
            rounding_divide_by_power_of_two(softmax_exp(p.multiplier, p.shift, x[c] - largest), 12);
    const int32_t zeros = leading_zeros_u32((uint32_t)sum);
    const int32_t fraction = (int32_t)(((uint32_t)sum << zeros) - ((uint32_t)1 << 31));
    const int32_t reciprocal = one_over_one_plus(fraction);
    const int32_t shift = 12 - zeros + 31 - bits;
    for (int32_t c = 0; c < p.depth; ++c) {
      int32_t q = lowest;
      if (x[c] - largest >= p.diff_min && shift <= 31) {
        const int32_t e = softmax_exp(p.multiplier, p.shift, x[c] - largest);
        q += rounding_divide_by_power_of_two(saturating_rounding_doubling_high_mul(reciprocal, e),
                                             shift);
      }
      y[c] = (T)clamp(q, lowest, -lowest - 1);
    }
  }
}
// y may be x.
MOTE_INLINE void softmax_s8(const SoftmaxParams& p, const int8_t* x, int8_t* y) {
  softmax_from_s8(p, x, y);
}
MOTE_INLINE void softmax_s8_s16(const SoftmaxParams& p, const int8_t* x, int16_t* y) {
  softmax_from_s8(p, x, y);
}

// A function of an int16 as 512 straight pieces: table [513] holds its values at the pieces' ends.
// The sum rounds up at halves and stays within the table's values (TFLM LUTLookup,
// kernels/internal/common.h).
MOTE_INLINE int32_t interpolate_s16(const int16_t* table, int32_t x) {
  const int32_t index = 256 + (x >> 7);
  const int32_t slope = (int16_t)(table[index + 1] - table[index]);
  return table[index] + ((slope * (x & 127) + 64) >> 7);
}

struct SoftmaxS16Params {
  int32_t rows;
  int32_t depth;       // at most 65,535: the sum of e^x, Q16.15, stays in 32 bits
  int32_t multiplier;  // beta * input scale, in steps of 10 / 65535
  int32_t shift;
};
template <class Visitor>
void for_each_field(const SoftmaxS16Params& p, Visitor& field) {
  field("rows", p.rows);
  field("depth", p.depth);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
}

// e^x of the difference to the largest, Q0.15.
MOTE_INLINE int16_t softmax_exp_s16(const SoftmaxS16Params& p, const int16_t* exp_table,
                                    int32_t difference) {
  const int32_t scaled = multiply_by_quantized_multiplier(difference, p.multiplier, p.shift);
  return (int16_t)interpolate_s16(exp_table, clamp<int32_t>(scaled + 32767, -32768, 32767));
}

// 1 / sum: sum = 2^(31 - zeros - 15) (1 + f); 1 / (1 + f), Q0.15, from the table.
MOTE_INLINE int32_t softmax_reciprocal_s16(const int16_t* reciprocal_table, int32_t sum,
                                           int32_t zeros) {
  const int32_t shifted = (int32_t)((((int64_t)sum << (zeros - 1)) + (1 << 13)) >> 14);
  const int32_t index = shifted - ((1 << 15) + (1 << 16));
  return interpolate_s16(reciprocal_table, clamp<int32_t>(index, -32768, 32767));
}

// int16 (TFLM SoftmaxInt16, the same file): exp_table [513] is e^x over -10..0, reciprocal_table
// [513] is 1 / (1
// + x) over 0..1, both Q0.15. The largest element's e^x is 32767, so the sum's leading zeros
// are 1..17. y may be x.
MOTE_INLINE void softmax_s16(const SoftmaxS16Params& p, const int16_t* x, const int16_t* exp_table,
                             const int16_t* reciprocal_table, int16_t* y) {
  for (int32_t row = 0; row < p.rows; ++row, x += p.depth, y += p.depth) {
    int32_t largest = -32768;
    for (int32_t c = 0; c < p.depth; ++c)
      if (x[c] > largest) largest = x[c];
    int32_t sum = 0;
    for (int32_t c = 0; c < p.depth; ++c) {
      y[c] = softmax_exp_s16(p, exp_table, x[c] - largest);
      sum += y[c];
    }
    const int32_t zeros = leading_zeros_u32((uint32_t)sum);
    const int64_t reciprocal = softmax_reciprocal_s16(reciprocal_table, sum, zeros);
    const int32_t shift = 31 - zeros;
    for (int32_t c = 0; c < p.depth; ++c) {
      const int64_t rounded = y[c] * reciprocal + ((int64_t)1 << (shift - 1));
      y[c] = (int16_t)clamp<int32_t>((int32_t)(rounded >> shift), 0, 32767);
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
