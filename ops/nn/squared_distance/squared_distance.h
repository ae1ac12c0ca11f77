// SPDX-License-Identifier: Apache-2.0
// squared_distance: y[r, c] = sum_i (x[r, i] - center[c, i])^2, float32, terms added in the order
// of i: what radial kernels and nearest neighbours begin with. Shapes: x [rows, features], centers
// [centers, features], y [rows, centers]. y may not overlap its inputs.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

struct SquaredDistanceParams {
  int32_t rows;
  int32_t centers;
  int32_t features;
};
template <class Visitor>
void for_each_field(const SquaredDistanceParams& p, Visitor& field) {
  field("rows", p.rows);
  field("centers", p.centers);
  field("features", p.features);
}

MOTE_INLINE void squared_distance_f32(const SquaredDistanceParams& p, const float* x,
                                      const float* centers, float* y) {
  for (int32_t r = 0; r < p.rows; ++r, x += p.features)
    for (int32_t c = 0; c < p.centers; ++c) {
      const float* center = centers + c * p.features;
      float sum = 0.0f;
      for (int32_t i = 0; i < p.features; ++i) {
        const float difference = x[i] - center[i];
        sum += difference * difference;
      }
      *y++ = sum;
    }
}

}  // namespace mote
