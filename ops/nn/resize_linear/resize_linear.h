// SPDX-License-Identifier: Apache-2.0
// resize_linear: each number of the output between four of the input. In: x [outer, height, width,
// inner]; for each row and column of y the two it lies between, and how far. Out: y [outer, rows,
// columns, inner].
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

struct ResizeLinearParams {
  int32_t outer;
  int32_t plane;  // elements of x for one of outer
  int32_t rows;
  int32_t columns;
  int32_t inner;
};
template <class Visitor>
void for_each_field(const ResizeLinearParams& p, Visitor& field) {
  field("outer", p.outer);
  field("plane", p.plane);
  field("rows", p.rows);
  field("columns", p.columns);
  field("inner", p.inner);
}

// mix(a, b, c, d, row, column) of x at (lower row, lower column), (upper, lower), (lower, upper),
// (upper, upper). Tables: places [2 * (rows + columns)], pairs of element offsets, rows first.
template <class T, class Mix>
MOTE_INLINE void resize_linear_each(const ResizeLinearParams& p, const T* x, const int32_t* places,
                                    T* y, Mix mix) {
  const int32_t* column_places = places + 2 * p.rows;
  for (int32_t o = 0; o < p.outer; ++o, x += p.plane) {
    for (int32_t r = 0; r < p.rows; ++r) {
      const T* low = x + places[2 * r];
      const T* high = x + places[2 * r + 1];
      for (int32_t c = 0; c < p.columns; ++c) {
        const int32_t left = column_places[2 * c], right = column_places[2 * c + 1];
        for (int32_t i = 0; i < p.inner; ++i)
          *y++ = mix(low[left + i], high[left + i], low[right + i], high[right + i], r, c);
      }
    }
  }
}

// The sum in the order of ResizeBilinear (tensorflow/lite/kernels/internal/reference/
// resize_bilinear.h). weights [rows + columns]: 0 <= w <= 1. y may not overlap x.
MOTE_INLINE void resize_linear_f32(const ResizeLinearParams& p, const float* x,
                                   const int32_t* places, const float* weights, float* y) {
  const float* across = weights + p.rows;
  resize_linear_each(p, x, places, y,
                     [&](float a, float b, float c, float d, int32_t row, int32_t column) {
                       const float v = weights[row], h = across[column];
                       return a * (1 - v) * (1 - h) + b * v * (1 - h) + c * (1 - v) * h + d * v * h;
                     });
}

// Bit-exact with ResizeBilinearInteger, ibid.: weights [rows + columns] in 1/1024, 0 .. 1024. The
// four products' weights sum to 2^20, so the sum is below 2^27; ties away from zero.
MOTE_INLINE void resize_linear_s8(const ResizeLinearParams& p, const int8_t* x,
                                  const int32_t* places, const int32_t* weights, int8_t* y) {
  const int32_t* across = weights + p.rows;
  resize_linear_each(p, x, places, y,
                     [&](int32_t a, int32_t b, int32_t c, int32_t d, int32_t row, int32_t column) {
                       const int32_t v = weights[row], h = across[column];
                       const int32_t left = a * (1024 - v) + b * v;
                       const int32_t right = c * (1024 - v) + d * v;
                       const int32_t sum = left * (1024 - h) + right * h;
                       return (int8_t)((sum + (sum > 0 ? 1 << 19 : -(1 << 19))) / (1 << 20));
                     });
}

}  // namespace mote
