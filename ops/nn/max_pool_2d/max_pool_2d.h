// SPDX-License-Identifier: Apache-2.0
// max_pool_2d: the largest element of each window, channel by channel, then the activation's clamp;
// padding does not take part. Shapes: see ops/nn/pool_2d_params.h. The scale stays the input's. y
// may not overlap x.
#pragma once
#include <stdint.h>

#include "ops/nn/pool_2d_params.h"

namespace mote {

template <class P, class T>
MOTE_INLINE T largest_in_region(const P& p, const T* channel, const PoolRegion& region) {
  T largest = channel[(region.y0 * p.input_w + region.x0) * p.channels];
  for (int32_t y = region.y0; y < region.y1; ++y) {
    for (int32_t x = region.x0; x < region.x1; ++x) {
      const T value = channel[(y * p.input_w + x) * p.channels];
      if (value > largest) largest = value;
    }
  }
  return largest;
}

// T is what is compared and clamped.
template <class T, class P, class Number>
MOTE_INLINE void max_pool_2d(const P& p, const Number* input, Number* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const PoolRegion region = pool_region(p, oy, ox);
        for (int32_t c = 0; c < p.channels; ++c)
          *output++ =
              (Number)clamp((T)largest_in_region(p, input + c, region), p.output_min, p.output_max);
      }
    }
  }
}

// Bit-exact with TFLM MaxPool (tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h).
MOTE_INLINE void max_pool_2d_s8(const Pool2dParams& p, const int8_t* input, int8_t* output) {
  max_pool_2d<int32_t>(p, input, output);
}
MOTE_INLINE void max_pool_2d_s16(const Pool2dParams& p, const int16_t* input, int16_t* output) {
  max_pool_2d<int32_t>(p, input, output);
}
MOTE_INLINE void max_pool_2d_f32(const Pool2dF32Params& p, const float* input, float* output) {
  max_pool_2d<float>(p, input, output);
}

}  // namespace mote
