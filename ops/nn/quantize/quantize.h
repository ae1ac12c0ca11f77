// SPDX-License-Identifier: Apache-2.0
// quantize: real numbers to int8, y[i] = clamp(round(x[i] / scale) + zero_point, -128, 127), halves
// away from zero; int8 of another scale by requantize_s8 (ops/nn/requantize.h).
#pragma once
#include <stdint.h>

#include "core/float_bits.h"
#include "ops/nn/requantize.h"

namespace mote {

struct QuantizeParams {
  int32_t count;
  float scale;
  int32_t zero_point;
};
template <class Visitor>
void for_each_field(const QuantizeParams& p, Visitor& field) {
  field("count", p.count);
  field("scale", p.scale);
  field("zero_point", p.zero_point);
}

// x to the nearest integer, halves away from zero, saturated to +-512; NaN gives 0.
MOTE_INLINE int32_t round_away_f32(float x) {
  const int32_t even = to_int_saturating(x, -512, 512);
  const float rest = x - (float)even;
  if (x > 0 && rest == 0.5f) return even + 1;
  if (x < 0 && rest == -0.5f) return even - 1;
  return even;
}

// x [count] f32 -> y [count] s8. Bit-exact with TFLM AffineQuantize
// (tensorflow/lite/kernels/internal/reference/ quantize.h) for finite x: the division is rounded
// once to float32. 512 is more than the range from any zero point.
MOTE_INLINE void quantize_f32_s8(const QuantizeParams& p, const float* x, int8_t* y) {
  for (int32_t i = 0; i < p.count; ++i)
    y[i] =
        (int8_t)clamp(round_away_f32(x[i] / p.scale) + p.zero_point, (int32_t)-128, (int32_t)127);
}

}  // namespace mote
