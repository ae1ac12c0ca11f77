// SPDX-License-Identifier: Apache-2.0
// average_pool_2d_s8 for cores with vectors: 16 channels at a time, a multiple of which there are,
// and windows of at most 255 pixels. Every byte as by average_pool_2d.h, arguments as there.
#pragma once
#include "core/simd_mve.h"
#include "ops/nn/average_pool_2d/average_pool_2d.h"

namespace mote {

// |a sum of 255 numbers| < 2^15.
constexpr int32_t kMostPooled = 255;

MOTE_INLINE void average_pool_2d_s8_mve(const Pool2dParams& p, const int8_t* input,
                                        int8_t* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const PoolRegion region = pool_region(p, oy, ox);
        const int32_t columns = region.x1 - region.x0;
        for (int32_t c = 0; c < p.channels; c += kVector) {
          int16_t sums[kVector] = {};
          const int8_t* row = input + (region.y0 * p.input_w + region.x0) * p.channels + c;
          for (int32_t y = region.y0; y < region.y1; ++y, row += p.input_w * p.channels)
            add_pixels_16(row, p.channels, columns, sums);
          for (const int32_t sum : sums) *output++ = (int8_t)mean_of_region(p, sum, region);
        }
      }
    }
  }
}

}  // namespace mote
