// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d for vectors of 128 bits: as many outputs as input channels.
// s8: eight channels, two taps at a time (ops/nn/eight_channels.h). A window that lies inside the
// image is read from there, with up to 7 bytes behind it that no output sees; others are gathered
// first, with the input's zero point outside. Every byte as by depthwise_conv_2d.h. Arguments as
// there, but `packed` by eights_layer(); inside, gathered [taps, filled up to two]: where the taps
// lie in the image and in the window; window [taps * channels + 8] bytes.
// f32: four channels at a time, each with the order of its sum.
#pragma once
#include "ops/nn/depthwise_conv_2d/depthwise_conv_2d.h"
#include "ops/nn/eight_channels.h"
#include "ops/nn/gather_window.h"

namespace mote {

// One place of the output: all channels of the window that begins at `first`.
MOTE_INLINE void depthwise_outputs_8(const Conv2dParams& p, const int8_t* first,
                                     const int32_t* taps, const uint32_t* packed, int8_t* output) {
  const int32_t pairs = (p.kernel_h * p.kernel_w + 1) / 2;
  for (int32_t left = p.input_channels; left > 0; left -= kEight, first += kEight) {
    EightSums sums = biases_of_eight(packed);
    packed += kEight;
    for (int32_t k = 0; k < pairs; ++k, packed += kEight) {
      const Int8x16 both =
          interleave_eight(load_eight(first + taps[2 * k]), load_eight(first + taps[2 * k + 1]));
      sums.low = add_dot_pairs(sums.low, widen_lower(both), load_vector<Int16x8>(packed));
      sums.high = add_dot_pairs(sums.high, widen_upper(both), load_vector<Int16x8>(packed + 4));
    }
    store_eight_outputs(p, sums, packed, left, output);
    packed += kEightNumbers, output += kEight;
  }
}

MOTE_INLINE void depthwise_conv_2d_s8_simd128(const Conv2dParams& p, const int8_t* input,
                                              const uint32_t* packed, const int32_t* inside,
                                              const int32_t* gathered, int8_t* window,
                                              int8_t* output) {
  const int32_t channels = p.input_channels;
  const int32_t last_y = (p.kernel_h - 1) * p.dilation_h, last_x = (p.kernel_w - 1) * p.dilation_w;
  const int32_t size = p.input_h * p.input_w * channels;
  const int32_t end = (last_y * p.input_w + last_x) * channels + (channels + 7) / 8 * 8;
  // Read behind a window, by no output seen; all bytes of the work are written, as the plan counts.
  memset(window + p.kernel_h * p.kernel_w * channels, 0, kEight);
  for (int32_t b = 0; b < p.batches; ++b, input += size) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox, output += channels) {
        const int32_t y = oy * p.stride_h - p.pad_top, x = ox * p.stride_w - p.pad_left;
        const int32_t at = (y * p.input_w + x) * channels;
        const bool is_inside_image = y >= 0 && y < p.input_h - last_y && x >= 0 &&
                                     x < p.input_w - last_x && at + end <= size;
        if (!is_inside_image) gather_window(p, input, y, x, window);
        depthwise_outputs_8(p, is_inside_image ? input + at : window,
                            is_inside_image ? inside : gathered, packed, output);
      }
    }
  }
}

// Four channels of one place, as depthwise_window() and OutputF32.
MOTE_INLINE void depthwise_outputs_4(const Conv2dF32Params& p, const float* channel,
                                     const float* weights, const float* bias, int32_t y0,
                                     int32_t x0, float* output) {
  Float32x4 sum = all_reals(0);
  for (int32_t ky = 0; ky < p.kernel_h; ++ky) {
    const int32_t y = y0 + ky * p.dilation_h;
    if (!is_inside(y, p.input_h)) continue;
    for (int32_t kx = 0; kx < p.kernel_w; ++kx) {
      const int32_t x = x0 + kx * p.dilation_w;
      if (!is_inside(x, p.input_w)) continue;
      sum += load_vector<Float32x4>(channel + (y * p.input_w + x) * p.input_channels) *
             load_vector<Float32x4>(weights + (ky * p.kernel_w + kx) * p.output_channels);
    }
  }
  if (bias) sum += load_vector<Float32x4>(bias);
  sum = clamp_vector(sum, all_reals(p.output_min), all_reals(p.output_max));
  memcpy(output, &sum, sizeof(sum));
}

MOTE_INLINE void depthwise_conv_2d_f32_simd128(const Conv2dF32Params& p, const float* input,
                                               const float* weights, const float* bias,
                                               float* output) {
  const int32_t channels = p.input_channels, fours = channels / 4 * 4;
  const OutputF32<Conv2dF32Params> rule{p, bias};
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox, output += channels) {
        const int32_t y0 = oy * p.stride_h - p.pad_top, x0 = ox * p.stride_w - p.pad_left;
        int32_t c = 0;
        for (; c < fours; c += 4)
          depthwise_outputs_4(p, input + c, weights + c, bias ? bias + c : bias, y0, x0,
                              output + c);
        for (; c < channels; ++c)
          output[c] = rule.output(depthwise_window(p, rule, input + c, weights + c, y0, x0), c);
      }
    }
  }
}

}  // namespace mote
