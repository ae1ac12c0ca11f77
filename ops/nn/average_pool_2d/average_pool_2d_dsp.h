// SPDX-License-Identifier: Apache-2.0
// average_pool_2d_s8 for cores with DSP instructions: four neighbouring channels at a time, whose
// sums are halves of two words. Every byte as by average_pool_2d.h. Channels in fours; a window of
// at most 255 numbers, so that a sum stays in 16 bits.
#pragma once
#include "core/simd_dsp.h"
#include "ops/nn/average_pool_2d/average_pool_2d.h"

namespace mote {

// The sums of channels 0 and 2, and of 1 and 3.
struct SumsOfFour {
  uint32_t even, odd;
};
MOTE_INLINE SumsOfFour sums_of_region(const Pool2dParams& p, const int8_t* channels,
                                      const PoolRegion& region) {
  SumsOfFour sums{};
  for (int32_t y = region.y0; y < region.y1; ++y) {
    const int8_t* x = channels + (y * p.input_w + region.x0) * p.channels;
#pragma GCC unroll 4
    for (int32_t left = region.x1 - region.x0; left > 0; --left, x += p.channels) {
      uint32_t four;
      memcpy(&four, x, 4);
      sums = {sxtab16(sums.even, four), sxtab16_odd(sums.odd, four)};
    }
  }
  return sums;
}

MOTE_INLINE void average_pool_2d_s8_dsp(const Pool2dParams& p, const int8_t* input,
                                        int8_t* output) {
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const PoolRegion region = pool_region(p, oy, ox);
        for (int32_t c = 0; c < p.channels; c += 4) {
          const SumsOfFour sums = sums_of_region(p, input + c, region);
          *output++ = (int8_t)mean_of_region(p, (int16_t)sums.even, region);
          *output++ = (int8_t)mean_of_region(p, (int16_t)sums.odd, region);
          *output++ = (int8_t)mean_of_region(p, (int16_t)(sums.even >> 16), region);
          *output++ = (int8_t)mean_of_region(p, (int16_t)(sums.odd >> 16), region);
        }
      }
    }
  }
}

}  // namespace mote
