// SPDX-License-Identifier: Apache-2.0
// A quantised number from one scale to another: out = clamp(round((x - input_zero_point) * real) +
// output_zero_point). In: the fixed-point form of real = input scale / output scale. Bit-exact with
// TFLM Requantize (tensorflow/lite/kernels/internal/reference/requantize.h) and ReluQuantized
// (micro/kernels/activations.h).
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

struct RequantizeParams {
  int32_t count;
  int32_t input_zero_point;
  int32_t output_zero_point;
  int32_t multiplier;
  int32_t shift;  // for 8 bits at most 22: |x - zero point| <= 255 stays in 31 bits
  int32_t output_min;
  int32_t output_max;
};
template <class Visitor>
void for_each_field(const RequantizeParams& p, Visitor& field) {
  field("count", p.count);
  field("input_zero_point", p.input_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// x, y [count]; y may be x where both have elements of one size. Large int32 numbers wrap around as
// TFLM's do on its hosts: where the shift is positive, and where the zero point is added.
template <class From, class To>
MOTE_INLINE void requantize_each(const RequantizeParams& p, const From* x, To* y) {
  for (int32_t i = 0; i < p.count; ++i) {
    const int32_t scaled =
        multiply_by_quantized_multiplier(x[i] - p.input_zero_point, p.multiplier, p.shift);
    const int32_t q = (int32_t)((uint32_t)scaled + (uint32_t)p.output_zero_point);
    y[i] = (To)clamp(q, p.output_min, p.output_max);
  }
}

MOTE_INLINE void requantize_s8(const RequantizeParams& p, const int8_t* x, int8_t* y) {
  requantize_each(p, x, y);
}

}  // namespace mote
