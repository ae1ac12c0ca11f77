// SPDX-License-Identifier: Apache-2.0
// resize_cubic: each number of the output a weighted sum of 4 x 4 of the input. In: x [outer,
// height, width, inner]; for each row and column of y four places and weights. Out: y [outer, rows,
// columns, inner].
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

struct ResizeCubicParams {
  int32_t outer;
  int32_t plane;  // elements of x for one of outer
  int32_t rows;
  int32_t columns;
  int32_t inner;
};
template <class Visitor>
void for_each_field(const ResizeCubicParams& p, Visitor& field) {
  field("outer", p.outer);
  field("plane", p.plane);
  field("rows", p.rows);
  field("columns", p.columns);
  field("inner", p.inner);
}

// w[0] x[places[0]] + ... + w[3] x[places[3]], in this order.
MOTE_INLINE float sum_of_four(const float* x, const int32_t* places, const float* w) {
  return w[0] * x[places[0]] + w[1] * x[places[1]] + w[2] * x[places[2]] + w[3] * x[places[3]];
}

// places, weights [4 * (rows + columns)], rows first: element offsets. y may not overlap x.
MOTE_INLINE void resize_cubic_f32(const ResizeCubicParams& p, const float* x, const int32_t* places,
                                  const float* weights, float* y) {
  for (int32_t o = 0; o < p.outer; ++o, x += p.plane) {
    for (int32_t r = 0; r < p.rows; ++r) {
      for (int32_t c = 0; c < p.columns; ++c) {
        const int32_t* across = places + 4 * (p.rows + c);
        const float* w = weights + 4 * (p.rows + c);
        for (int32_t i = 0; i < p.inner; ++i) {
          float sum = 0;
          for (int32_t k = 0; k < 4; ++k)
            sum += weights[4 * r + k] * sum_of_four(x + places[4 * r + k] + i, across, w);
          *y++ = sum;
        }
      }
    }
  }
}

}  // namespace mote
