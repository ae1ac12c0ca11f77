// SPDX-License-Identifier: Apache-2.0
// normalize: y = (x - m) / sqrt(v + epsilon), m the mean of the numbers that are normalised
// together and v their variance, or m = 0 and v the mean of their squares. Layer, instance and
// group normalisation and their RMS forms are this over different dimensions; factor and offset are
// layers of their own behind it. y may be x.
#pragma once
#include <stdint.h>

#include "core/float_math.h"
#include "ops/nn/reduce_shape.h"

namespace mote {

struct NormalizeParams {
  int32_t kept[3];
  int32_t kept_stride[3];
  int32_t reduced[3];
  int32_t reduced_stride[3];
  bool subtract_mean;
  float epsilon;
};
template <class Visitor>
void for_each_field(const NormalizeParams& p, Visitor& field) {
  reduce_fields(p, field);
  field("subtract_mean", p.subtract_mean);
  field("epsilon", p.epsilon);
}

// y = (x - mean) * factor of one group.
MOTE_INLINE void normalize_group(const NormalizeParams& p, const float* x, float* y, float mean,
                                 float factor) {
  for (int32_t a = 0; a < p.reduced[0]; ++a)
    for (int32_t b = 0; b < p.reduced[1]; ++b)
      for (int32_t c = 0; c < p.reduced[2]; ++c) {
        const int32_t at =
            a * p.reduced_stride[0] + b * p.reduced_stride[1] + c * p.reduced_stride[2];
        y[at] = (x[at] - mean) * factor;
      }
}

// Two passes, each in the order in which the numbers lie in x.
MOTE_INLINE void normalize_f32(const NormalizeParams& p, const float* x, float* y) {
  const float count = (float)(p.reduced[0] * p.reduced[1] * p.reduced[2]);
  for (int32_t a = 0; a < p.kept[0]; ++a)
    for (int32_t b = 0; b < p.kept[1]; ++b)
      for (int32_t c = 0; c < p.kept[2]; ++c) {
        const int32_t first = a * p.kept_stride[0] + b * p.kept_stride[1] + c * p.kept_stride[2];
        float mean = 0.0f;
        if (p.subtract_mean) {
          for_each_reduced(p, x + first, [&mean](float v) { mean += v; });
          mean /= count;
        }
        float squares = 0.0f;
        for_each_reduced(p, x + first,
                         [&squares, mean](float v) { squares += (v - mean) * (v - mean); });
        normalize_group(p, x + first, y + first, mean,
                        1.0f / sqrt_f32(squares / count + p.epsilon));
      }
}

}  // namespace mote
