// SPDX-License-Identifier: Apache-2.0
// conv_2d_f32 for vectors of 128 bits, one group: four places of the output at a time, whose
// windows are gathered, meet eight channels at a time. Every number as by conv_2d.h: each sum has
// its order; what lies outside x adds a zero to a sum that is never -0, which leaves it as it is
// while weights are finite. Arguments as there, but `packed`: of each eight channels the weights,
// tap by tap, and the biases; work: conv_2d_f32_simd128_bytes().
#pragma once
#include "core/simd_128.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/layer_output.h"

namespace mote {

constexpr int32_t kWindowsTogether = 4;

MOTE_INLINE int32_t taps_of(const Conv2dF32Params& p) {
  return p.kernel_h * p.kernel_w * p.input_channels;
}
MOTE_INLINE int32_t conv_2d_f32_simd128_bytes(const Conv2dF32Params& p) {
  return (p.output_w >= kWindowsTogether ? kWindowsTogether : 1) * 4 * taps_of(p);
}

// The window whose first tap lies at (y0, x0) of `image`.
MOTE_INLINE void gather_reals(const Conv2dF32Params& p, const float* image, int32_t y0, int32_t x0,
                              float* to) {
  const auto depth = (size_t)p.input_channels;
  for (int32_t ky = 0; ky < p.kernel_h; ++ky)
    for (int32_t kx = 0; kx < p.kernel_w; ++kx, to += depth) {
      const int32_t y = y0 + ky * p.dilation_h, x = x0 + kx * p.dilation_w;
      if (is_inside(y, p.input_h) && is_inside(x, p.input_w))
        memcpy(to, image + (y * p.input_w + x) * p.input_channels, sizeof(float) * depth);
      else
        memset(to, 0, sizeof(float) * depth);
    }
}

struct EightReals {
  Float32x4 low, high;
};
MOTE_INLINE EightReals load_reals(const float* from) {
  return {load_vector<Float32x4>(from), load_vector<Float32x4>(from + 4)};
}

MOTE_INLINE void store_reals(const Conv2dF32Params& p, const EightReals& sums, const float* biases,
                             int32_t left, float* output) {
  const Float32x4 least = all_reals(p.output_min), most = all_reals(p.output_max);
  const EightReals b = load_reals(biases);
  const Float32x4 eight[2] = {clamp_vector(sums.low + b.low, least, most),
                              clamp_vector(sums.high + b.high, least, most)};
  if (left >= 8)
    memcpy(output, eight, sizeof(eight));
  else
    memcpy(output, eight, sizeof(float) * (size_t)left);
}

// Of kPlaces windows, one after the other, all outputs.
template <int kPlaces>
MOTE_INLINE void outputs_of_reals(const Conv2dF32Params& p, const float* windows,
                                  const float* packed, float* output) {
  const int32_t taps = taps_of(p);
  for (int32_t left = p.output_channels; left > 0; left -= 8, output += 8, packed += 8) {
    EightReals sums[kPlaces];
#pragma GCC unroll 4
    for (int32_t i = 0; i < kPlaces; ++i) sums[i] = {all_reals(0), all_reals(0)};
    for (int32_t k = 0; k < taps; ++k, packed += 8) {
      const EightReals w = load_reals(packed);
#pragma GCC unroll 4
      for (int32_t i = 0; i < kPlaces; ++i) {
        const Float32x4 x = all_reals(windows[i * taps + k]);
        sums[i] = {sums[i].low + x * w.low, sums[i].high + x * w.high};
      }
    }
#pragma GCC unroll 4
    for (int32_t i = 0; i < kPlaces; ++i)
      store_reals(p, sums[i], packed, left, output + i * p.output_channels);
  }
}

MOTE_INLINE void conv_2d_f32_simd128(const Conv2dF32Params& p, const float* input,
                                     const float* packed, float* work, float* output) {
  const int32_t taps = taps_of(p);
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.input_channels)
    for (int32_t oy = 0; oy < p.output_h; ++oy)
      for (int32_t ox = 0; ox < p.output_w;) {
        const int32_t left = p.output_w - ox;
        const int32_t places = left >= kWindowsTogether ? kWindowsTogether : 1;
        for (int32_t i = 0; i < places; ++i)
          gather_reals(p, input, oy * p.stride_h - p.pad_top, (ox + i) * p.stride_w - p.pad_left,
                       work + i * taps);
        if (places == kWindowsTogether)
          outputs_of_reals<kWindowsTogether>(p, work, packed, output);
        else
          outputs_of_reals<1>(p, work, packed, output);
        ox += places, output += places * p.output_channels;
      }
}

}  // namespace mote
