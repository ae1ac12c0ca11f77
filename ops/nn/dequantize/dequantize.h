// SPDX-License-Identifier: Apache-2.0
// dequantize: y[i] = scale * (x[i] - zero_point), int8 to float32.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

struct DequantizeParams {
  int32_t count;
  float scale;
  int32_t zero_point;
};
template <class Visitor>
void for_each_field(const DequantizeParams& p, Visitor& field) {
  field("count", p.count);
  field("scale", p.scale);
  field("zero_point", p.zero_point);
}

// x [count] s8 -> y [count] f32, which may not overlap x. Bit-exact with TFLM Dequantize
// (tensorflow/lite/kernels/internal/ reference/dequantize.h): the difference has 9 bits and the
// scale 24, so one rounding here is its rounding from double.
MOTE_INLINE void dequantize_s8_f32(const DequantizeParams& p, const int8_t* x, float* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = p.scale * (float)(x[i] - p.zero_point);
}

}  // namespace mote
