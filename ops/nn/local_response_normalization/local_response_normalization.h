// SPDX-License-Identifier: Apache-2.0
// local_response_normalization along one dimension: y[k] = x[k] / (bias + alpha s)^beta, s the sum
// of x[j]^2 for j from k - before to k + after, as far as there are any. Shapes: x, y [outer,
// count, inner]; y may not overlap x.
#pragma once
#include <stdint.h>

#include "core/float_math.h"
#include "core/target.h"

namespace mote {

struct LocalResponseNormalizationParams {
  int32_t outer;
  int32_t count;
  int32_t inner;
  int32_t before;
  int32_t after;
  float bias;
  float alpha;
  float beta;
};
template <class Visitor>
void for_each_field(const LocalResponseNormalizationParams& p, Visitor& field) {
  field("outer", p.outer);
  field("count", p.count);
  field("inner", p.inner);
  field("before", p.before);
  field("after", p.after);
  field("bias", p.bias);
  field("alpha", p.alpha);
  field("beta", p.beta);
}

// before, after < count: the bounds below do not overflow.
MOTE_INLINE void local_response_normalization_f32(const LocalResponseNormalizationParams& p,
                                                  const float* x, float* y) {
  for (int32_t o = 0; o < p.outer; ++o, x += p.count * p.inner, y += p.count * p.inner)
    for (int32_t k = 0; k < p.count; ++k) {
      const int32_t first = k > p.before ? k - p.before : 0;
      const int32_t last = k + p.after < p.count ? k + p.after : p.count - 1;
      for (int32_t i = 0; i < p.inner; ++i) {
        float squares = 0.0f;
        for (int32_t j = first; j <= last; ++j) squares += x[j * p.inner + i] * x[j * p.inner + i];
        y[k * p.inner + i] = x[k * p.inner + i] * pow_f32(p.bias + p.alpha * squares, -p.beta);
      }
    }
}

}  // namespace mote
