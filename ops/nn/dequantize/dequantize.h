// SPDX-License-Identifier: Apache-2.0
// dequantize: y[i] = scale * (x[i] - zero_point), int8, uint8, int16 or int32 to float32; one
// scale, or one a channel.
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

// x [count] -> y [count] f32, which may not overlap x. Bit-exact with TFLM Dequantize
// (tensorflow/lite/kernels/internal/reference/dequantize.h): the difference has at most 17 bits and
// the scale 24, so one rounding here is its rounding from double. int32 (a bias, zero point 0) is
// rounded to float32 before it is scaled, as ONNX's DequantizeLinear does.
template <class T>
MOTE_INLINE void dequantize_each(const DequantizeParams& p, const T* x, float* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = p.scale * (float)(x[i] - p.zero_point);
}

struct DequantizeChannelsParams {
  int32_t outer;
  int32_t channels;
  int32_t inner;
};
template <class Visitor>
void for_each_field(const DequantizeChannelsParams& p, Visitor& field) {
  field("outer", p.outer);
  field("channels", p.channels);
  field("inner", p.inner);
}

// x [outer][channels][inner], scales and zero_points [channels] -> y f32 of x's shape, which may
// not overlap x.
template <class T>
MOTE_INLINE void dequantize_channels(const DequantizeChannelsParams& p, const T* x,
                                     const float* scales, const int32_t* zero_points, float* y) {
  for (int32_t i = 0; i < p.outer; ++i)
    for (int32_t c = 0; c < p.channels; ++c)
      for (int32_t k = 0; k < p.inner; ++k) *y++ = scales[c] * (float)(*x++ - zero_points[c]);
}

}  // namespace mote
