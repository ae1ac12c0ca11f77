// SPDX-License-Identifier: Apache-2.0
// batch_matmul: z[n][i][j] = sum_k x[n][i][k] * y[n][k][j] for each of up to three batch dimensions
// n, along each of which x or y may be repeated. Either may lie transposed (adj_x, adj_y): the
// steps between elements say where they are. z may not overlap x or y.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

// Steps are in elements; 0 where an operand is repeated.
struct BatchMatmulParams {
  int32_t batches[3];
  int32_t rows;
  int32_t columns;
  int32_t depth;
  int32_t x_batch[3];
  int32_t x_row;
  int32_t x_depth;
  int32_t y_batch[3];
  int32_t y_depth;
  int32_t y_column;
  int32_t x_zero_point;  // from here on: of integers, else 0
  int32_t y_zero_point;
  int32_t output_zero_point;
  int32_t multiplier;  // x scale * y scale / output scale
  int32_t shift;
};
template <class Visitor>
void for_each_field(const BatchMatmulParams& p, Visitor& field) {
  field("batches", p.batches);
  field("rows", p.rows);
  field("columns", p.columns);
  field("depth", p.depth);
  field("x_batch", p.x_batch);
  field("x_row", p.x_row);
  field("x_depth", p.x_depth);
  field("y_batch", p.y_batch);
  field("y_depth", p.y_depth);
  field("y_column", p.y_column);
  field("x_zero_point", p.x_zero_point);
  field("y_zero_point", p.y_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
}

// How two elements become a product and a sum an output. int8: |product| <= 255 * 255, so `depth`
// <= 32,000 stays in 32 bits, which the host checks.
struct MatmulS8 {
  using Sum = int32_t;
  const BatchMatmulParams& p;
  MOTE_INLINE int32_t product(int8_t x, int8_t y) const {
    return (x - p.x_zero_point) * (y - p.y_zero_point);
  }
  MOTE_INLINE int8_t output(int32_t sum) const {
    const int32_t scaled = multiply_by_quantized_multiplier(sum, p.multiplier, p.shift);
    return (int8_t)clamp<int32_t>(wrapping_add(scaled, p.output_zero_point), -128, 127);
  }
};
// int16 at zero point 0: |product| <= 2^30, `depth` <= 2^16 stays below 2^47.
struct MatmulS16 {
  using Sum = int64_t;
  const BatchMatmulParams& p;
  MOTE_INLINE int32_t product(int16_t x, int16_t y) const { return x * y; }
  MOTE_INLINE int16_t output(int64_t sum) const {
    return (int16_t)clamp<int32_t>(multiply_by_quantized_multiplier_s64(sum, p.multiplier, p.shift),
                                   -32768, 32767);
  }
};
struct MatmulF32 {
  using Sum = float;
  MOTE_INLINE float product(float x, float y) const { return x * y; }
  MOTE_INLINE float output(float sum) const { return sum; }
};

// z [rows, columns] of one batch; a sum's order is that of k, from 0.
template <class Rule, class T>
MOTE_INLINE void matmul(const BatchMatmulParams& p, const Rule& rule, const T* x, const T* y,
                        T* z) {
  for (int32_t i = 0; i < p.rows; ++i) {
    for (int32_t j = 0; j < p.columns; ++j) {
      const T* row = x + i * p.x_row;
      const T* column = y + j * p.y_column;
      typename Rule::Sum sum = 0;
      for (int32_t k = 0; k < p.depth; ++k)
        sum += rule.product(row[k * p.x_depth], column[k * p.y_depth]);
      *z++ = rule.output(sum);
    }
  }
}

template <class Rule, class T>
MOTE_INLINE void batch_matmul(const BatchMatmulParams& p, const Rule& rule, const T* x, const T* y,
                              T* z) {
  for (int32_t a = 0; a < p.batches[0]; ++a) {
    for (int32_t b = 0; b < p.batches[1]; ++b) {
      for (int32_t c = 0; c < p.batches[2]; ++c, z += p.rows * p.columns)
        matmul(p, rule, x + a * p.x_batch[0] + b * p.x_batch[1] + c * p.x_batch[2],
               y + a * p.y_batch[0] + b * p.y_batch[1] + c * p.y_batch[2], z);
    }
  }
}

// Bit-exact with TFLM BatchMatMul (tensorflow/lite/kernels/internal/reference/batch_matmul.h).
MOTE_INLINE void batch_matmul_s8(const BatchMatmulParams& p, const int8_t* x, const int8_t* y,
                                 int8_t* z) {
  batch_matmul(p, MatmulS8{p}, x, y, z);
}
MOTE_INLINE void batch_matmul_s16(const BatchMatmulParams& p, const int16_t* x, const int16_t* y,
                                  int16_t* z) {
  batch_matmul(p, MatmulS16{p}, x, y, z);
}
MOTE_INLINE void batch_matmul_f32(const BatchMatmulParams& p, const float* x, const float* y,
                                  float* z) {
  batch_matmul(p, MatmulF32{}, x, y, z);
}

}  // namespace mote
