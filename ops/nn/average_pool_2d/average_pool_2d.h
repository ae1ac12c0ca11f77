// SPDX-License-Identifier: Apache-2.0
// average_pool_2d: the mean of each window, channel by channel, then the activation's clamp;
// padding does not count. Shapes: see ops/nn/pool_2d_params.h. The scale stays the input's. y may
// not overlap x.
#pragma once
#include <stdint.h>

#include "ops/nn/pool_2d_params.h"

namespace mote {

// In the order of y, x, from 0.
template <class Sum, class P, class T>
MOTE_INLINE Sum sum_of_region(const P& p, const T* channel, const PoolRegion& region) {
  Sum sum = 0;
  for (int32_t y = region.y0; y < region.y1; ++y)
    for (int32_t x = region.x0; x < region.x1; ++x)
      sum += (Sum)channel[(y * p.input_w + x) * p.channels];
  return sum;
}

// The quotient of the quantised numbers, ties away from zero. |sum| and its rounding term stay in
// 32 bits: the host keeps a window below 2^23 elements for s8, 2^15 for s16.
MOTE_INLINE int32_t mean_of_region(const Pool2dParams& p, int32_t sum, const PoolRegion& region) {
  const int32_t count = (region.y1 - region.y0) * (region.x1 - region.x0);
  const int32_t mean = (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
  return clamp(mean, p.output_min, p.output_max);
}

template <class T>
MOTE_INLINE void average_pool_2d_integer(const Pool2dParams& p, const T* input, T* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const PoolRegion region = pool_region(p, oy, ox);
        for (int32_t c = 0; c < p.channels; ++c) {
          const int32_t sum = sum_of_region<int32_t>(p, input + c, region);
          *output++ = (T)mean_of_region(p, sum, region);
        }
      }
    }
  }
}

// Bit-exact with TFLM AveragePool
// (tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h).
MOTE_INLINE void average_pool_2d_s8(const Pool2dParams& p, const int8_t* input, int8_t* output) {
  average_pool_2d_integer(p, input, output);
}
MOTE_INLINE void average_pool_2d_s16(const Pool2dParams& p, const int16_t* input, int16_t* output) {
  average_pool_2d_integer(p, input, output);
}

MOTE_INLINE void average_pool_2d_f32(const Pool2dF32Params& p, const float* input, float* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const PoolRegion region = pool_region(p, oy, ox);
        const float count = (float)((region.y1 - region.y0) * (region.x1 - region.x0));
        for (int32_t c = 0; c < p.channels; ++c) {
          const float mean = sum_of_region<float>(p, input + c, region) / count;
          *output++ = clamp(mean, p.output_min, p.output_max);
        }
      }
    }
  }
}

}  // namespace mote
