// SPDX-License-Identifier: Apache-2.0
// activation: y[i] = clamp(x[i], low, high), the clamps of relu, relu6, relu_n1_to_1; int8 and
// int16 change their scale on the way (ops/nn/requantize.h).
#pragma once
#include <stdint.h>

#include "ops/nn/requantize.h"

namespace mote {

struct ActivationF32Params {
  int32_t count;
  float low;
  float high;
};
template <class Visitor>
void for_each_field(const ActivationF32Params& p, Visitor& field) {
  field("count", p.count);
  field("low", p.low);
  field("high", p.high);
}

// x, y [count]; y may be x.
MOTE_INLINE void activation_f32(const ActivationF32Params& p, const float* x, float* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = clamp(x[i], p.low, p.high);
}

// As requantize_s8; |x - zero point| < 2^16. x, y [count]; y may be x.
MOTE_INLINE void activation_s16(const RequantizeParams& p, const int16_t* x, int16_t* y) {
  for (int32_t i = 0; i < p.count; ++i) {
    const int32_t scaled =
        multiply_by_quantized_multiplier(x[i] - p.input_zero_point, p.multiplier, p.shift);
    y[i] = (int16_t)clamp(scaled + p.output_zero_point, p.output_min, p.output_max);
  }
}

}  // namespace mote
