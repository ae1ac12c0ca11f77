// SPDX-License-Identifier: Apache-2.0
// l2_pool_2d: the root of the mean square of each window, channel by channel, then the activation's
// clamp; padding does not count. Shapes: see ops/nn/pool_2d_params.h. y may not overlap x. The rule
// of TFLM L2Pool (tensorflow/lite/kernels/internal/reference/pooling.h).
#pragma once
#include <stdint.h>

#include "core/float_math.h"
#include "ops/nn/pool_2d_params.h"

namespace mote {

// In the order of y, x, from 0.
MOTE_INLINE float sum_of_squares(const Pool2dF32Params& p, const float* channel,
                                 const PoolRegion& region) {
  float sum = 0.0f;
  for (int32_t y = region.y0; y < region.y1; ++y) {
    for (int32_t x = region.x0; x < region.x1; ++x) {
      const float value = channel[(y * p.input_w + x) * p.channels];
      sum += value * value;
    }
  }
  return sum;
}

MOTE_INLINE void l2_pool_2d_f32(const Pool2dF32Params& p, const float* input, float* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const PoolRegion region = pool_region(p, oy, ox);
        const float count = (float)((region.y1 - region.y0) * (region.x1 - region.x0));
        for (int32_t c = 0; c < p.channels; ++c)
          *output++ = clamp(sqrt_f32(sum_of_squares(p, input + c, region) / count), p.output_min,
                            p.output_max);
      }
    }
  }
}

}  // namespace mote
