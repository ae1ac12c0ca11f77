// SPDX-License-Identifier: Apache-2.0
// log_softmax over the last dimension: y[c] = x[c] - ln sum_k e^x[k]. s8 -> s8 (scale 1/16, zero
// point 127) or f32 -> f32. Shapes: x, y [rows, depth]; y may be x.
#pragma once
#include <stdint.h>

#include "core/float_math.h"
#include "ops/nn/fixed_log.h"
#include "ops/nn/integer_arithmetic.h"

namespace mote {

struct LogSoftmaxParams {
  int32_t rows;
  int32_t depth;
  int32_t multiplier;          // input scale, as Q5.26 an input step: multiplier * 2^(shift - 31)
  int32_t shift;               // 1..31
  int32_t diff_min;            // below it e^x counts as 0
  int32_t reverse_multiplier;  // from Q5.26 to input steps
  int32_t reverse_shift;       // <= 0
};
template <class Visitor>
void for_each_field(const LogSoftmaxParams& p, Visitor& field) {
  field("rows", p.rows);
  field("depth", p.depth);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
  field("diff_min", p.diff_min);
  field("reverse_multiplier", p.reverse_multiplier);
  field("reverse_shift", p.reverse_shift);
}

MOTE_INLINE int32_t log_softmax_largest(const int8_t* x, int32_t depth) {
  int32_t largest = -128;
  for (int32_t c = 0; c < depth; ++c)
    if (x[c] > largest) largest = x[c];
  return largest;
}

// ln sum e^(x - largest), Q5.26. The sum is Q12.19: depth below 4096 stays in 32 bits, and the
// largest number's own 1 is in it.
MOTE_INLINE int32_t log_sum_of_exps(const LogSoftmaxParams& p, const int8_t* x, int32_t largest) {
  int32_t sum = 0;
  for (int32_t c = 0; c < p.depth; ++c) {
    const int32_t diff = x[c] - largest;
    if (diff < p.diff_min) continue;
    const int32_t q5 = multiply_by_quantized_multiplier(diff, p.multiplier, p.shift);
    sum += rounding_divide_by_power_of_two(exp_of_negative(q5, 26), 12);
  }
  return log_q12_to_q5(sum);
}

// Bit-exact with TFLM LogSoftmaxQuantized (tensorflow/lite/kernels/internal/reference/
// log_softmax.h). A number so far below that its logarithm would leave Q5.26 gives -128.
MOTE_INLINE void log_softmax_s8(const LogSoftmaxParams& p, const int8_t* x, int8_t* y) {
  for (int32_t row = 0; row < p.rows; ++row, x += p.depth, y += p.depth) {
    const int32_t largest = log_softmax_largest(x, p.depth);
    const int32_t log_sum = log_sum_of_exps(p, x, largest);
    const int32_t reach = multiply_by_quantized_multiplier(wrapping_add(log_sum, kInt32Min),
                                                           p.reverse_multiplier, p.reverse_shift);
    const int32_t least = reach > p.diff_min - 1 ? reach : p.diff_min - 1;
    for (int32_t c = 0; c < p.depth; ++c) {
      const int32_t diff = x[c] - largest;
      int32_t q = -128;
      if (diff > least) {
        const int32_t q5 = multiply_by_quantized_multiplier(diff, p.multiplier, p.shift);
        q = rounding_divide_by_power_of_two(wrapping_add(q5, -log_sum), 22) + 127;
      }
      y[c] = (int8_t)clamp(q, (int32_t)-128, (int32_t)127);
    }
  }
}

struct LogSoftmaxF32Params {
  int32_t rows;
  int32_t depth;
};
template <class Visitor>
void for_each_field(const LogSoftmaxF32Params& p, Visitor& field) {
  field("rows", p.rows);
  field("depth", p.depth);
}

// Summed in the order of c.
MOTE_INLINE void log_softmax_f32(const LogSoftmaxF32Params& p, const float* x, float* y) {
  for (int32_t row = 0; row < p.rows; ++row, x += p.depth, y += p.depth) {
    float largest = x[0];
    for (int32_t c = 1; c < p.depth; ++c)
      if (x[c] > largest) largest = x[c];
    float sum = 0.0f;
    for (int32_t c = 0; c < p.depth; ++c) sum += exp_f32(x[c] - largest);
    const float log_sum = log_f32(sum);
    for (int32_t c = 0; c < p.depth; ++c) y[c] = x[c] - largest - log_sum;
  }
}

}  // namespace mote
