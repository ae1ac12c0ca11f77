// SPDX-License-Identifier: Apache-2.0
// conv_2d: y[b][oy][ox][o] = activation(bias[o] + sum_{ky,kx,c} x[b][oy * stride_h - pad_top + ky *
// dilation_h] [ox * stride_w - pad_left + kx * dilation_w][g * depth + c] * weights[o][ky][kx][c]);
// what lies outside x counts as real 0. The output channels stand in `groups` equal runs, and those
// of run g see the input channels g * depth .. (g + 1) * depth - 1, depth = input_channels /
// groups. Shapes: x [batches, input_h, input_w, input_channels], weights [output_channels,
// kernel_h, kernel_w, depth], bias [output_channels] or null, y [batches, output_h, output_w,
// output_channels]. y may not overlap x.
#pragma once
#include <stdint.h>

#include "ops/nn/conv_2d_params.h"
#include "ops/nn/layer_output.h"

namespace mote {

// The sum over one window whose first tap lies at (y0, x0) of `image`, which begins at the group's
// first channel; `weights` are those of one output channel. The order is ky, kx, c.
template <class Rule, class P, class X, class W>
MOTE_INLINE typename Rule::Sum conv_2d_window(const P& p, const Rule& rule, const X* image,
                                              const W* weights, int32_t y0, int32_t x0) {
  const int32_t depth = p.input_channels / p.groups;
  typename Rule::Sum sum = 0;
  for (int32_t ky = 0; ky < p.kernel_h; ++ky) {
    const int32_t y = y0 + ky * p.dilation_h;
    if (!is_inside(y, p.input_h)) continue;
    for (int32_t kx = 0; kx < p.kernel_w; ++kx) {
      const int32_t x = x0 + kx * p.dilation_w;
      if (!is_inside(x, p.input_w)) continue;
      const X* pixel = image + (y * p.input_w + x) * p.input_channels;
      const W* w = weights + (ky * p.kernel_w + kx) * depth;
      for (int32_t c = 0; c < depth; ++c) sum += (typename Rule::Sum)(rule.input(pixel[c]) * w[c]);
    }
  }
  return sum;
}

template <class Rule, class P, class X, class W, class Y>
MOTE_INLINE void conv_2d(const P& p, const Rule& rule, const X* input, const W* weights,
                         Y* output) {
  const int32_t depth = p.input_channels / p.groups;
  const int32_t taps = p.kernel_h * p.kernel_w * depth;
  const int32_t run = p.output_channels / p.groups;
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.input_channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const int32_t y0 = oy * p.stride_h - p.pad_top;
        const int32_t x0 = ox * p.stride_w - p.pad_left;
        for (int32_t g = 0; g < p.groups; ++g) {
          for (int32_t o = g * run; o < (g + 1) * run; ++o)
            *output++ = rule.output(
                conv_2d_window(p, rule, input + g * depth, weights + o * taps, y0, x0), o);
        }
      }
    }
  }
}

// int8, weights symmetric, one multiplier and shift an output channel. Bit-exact with TFLM
// ConvPerChannel (tensorflow/lite/kernels/internal/reference/integer_ops/conv.h). |sum| <= taps *
// 255 * 128 stays in 32 bits for taps = kernel_h * kernel_w * depth <= 65,000, which the host
// checks.
MOTE_INLINE void conv_2d_s8(const Conv2dParams& p, const int8_t* input, const int8_t* weights,
                            const int32_t* bias, const int32_t* multipliers, const int32_t* shifts,
                            int8_t* output) {
  conv_2d(p, OutputS8<Conv2dParams>{{p, multipliers, shifts}, bias}, input, weights, output);
}

// int16 activations at zero point 0, weights as above, 64-bit sums (the same file's ConvPerChannel
// for int16 with int64 bias).
MOTE_INLINE void conv_2d_s16(const Conv2dParams& p, const int16_t* input, const int8_t* weights,
                             const int64_t* bias, const int32_t* multipliers, const int32_t* shifts,
                             int16_t* output) {
  conv_2d(p, OutputS16<Conv2dParams>{{p, multipliers, shifts}, bias}, input, weights, output);
}

// The same with 32-bit sums: its int32 bias.
MOTE_INLINE void conv_2d_s16_narrow(const Conv2dParams& p, const int16_t* input,
                                    const int8_t* weights, const int32_t* bias,
                                    const int32_t* multipliers, const int32_t* shifts,
                                    int16_t* output) {
  conv_2d(p, OutputS16Narrow<Conv2dParams>{{p, multipliers, shifts}, bias}, input, weights, output);
}

MOTE_INLINE void conv_2d_f32(const Conv2dF32Params& p, const float* input, const float* weights,
                             const float* bias, float* output) {
  conv_2d(p, OutputF32<Conv2dF32Params>{p, bias}, input, weights, output);
}

}  // namespace mote
