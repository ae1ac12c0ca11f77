// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d: each input channel c gives m output channels o = c * m + j, m =
// output_channels / input_channels: y[b][oy][ox][o] = activation(bias[o] + sum_{ky,kx} x[b][oy *
// stride_h - pad_top + ky * dilation_h] [ox * stride_w - pad_left + kx * dilation_w][c] *
// weights[ky][kx][o]); what lies outside x counts as real 0. Shapes: x [batches, input_h, input_w,
// input_channels], weights [1, kernel_h, kernel_w, output_channels], bias [output_channels] or
// null, y [batches, output_h, output_w, output_channels]. y may not overlap x.
#pragma once
#include <stdint.h>

#include "ops/nn/conv_2d_params.h"
#include "ops/nn/layer_output.h"

namespace mote {

// The sum over one window whose first tap lies at (y0, x0), for the input channel that `channel`
// begins at and the output channel that `weights` begins at. The order is ky, kx.
template <class Rule, class P, class X, class W>
MOTE_INLINE typename Rule::Sum depthwise_window(const P& p, const Rule& rule, const X* channel,
                                                const W* weights, int32_t y0, int32_t x0) {
  typename Rule::Sum sum = 0;
  for (int32_t ky = 0; ky < p.kernel_h; ++ky) {
    const int32_t y = y0 + ky * p.dilation_h;
    if (!is_inside(y, p.input_h)) continue;
    for (int32_t kx = 0; kx < p.kernel_w; ++kx) {
      const int32_t x = x0 + kx * p.dilation_w;
      if (!is_inside(x, p.input_w)) continue;
      sum += (typename Rule::Sum)(rule.input(channel[(y * p.input_w + x) * p.input_channels]) *
                                  weights[(ky * p.kernel_w + kx) * p.output_channels]);
    }
  }
  return sum;
}

template <class Rule, class P, class X, class W, class Y>
MOTE_INLINE void depthwise_conv_2d(const P& p, const Rule& rule, const X* input, const W* weights,
                                   Y* output) {
  const int32_t per_channel = p.output_channels / p.input_channels;
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.input_channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const int32_t y0 = oy * p.stride_h - p.pad_top;
        const int32_t x0 = ox * p.stride_w - p.pad_left;
        for (int32_t o = 0; o < p.output_channels; ++o)
          *output++ = rule.output(
              depthwise_window(p, rule, input + o / per_channel, weights + o, y0, x0), o);
      }
    }
  }
}

// int8, weights symmetric, one multiplier and shift an output channel. Bit-exact with TFLM
// DepthwiseConvPerChannel
// (tensorflow/lite/kernels/internal/reference/integer_ops/depthwise_conv.h). |sum| <= taps * 255 *
// 128 stays in 32 bits for taps = kernel_h * kernel_w <= 65,000, which the host checks.
MOTE_INLINE void depthwise_conv_2d_s8(const Conv2dParams& p, const int8_t* input,
                                      const int8_t* weights, const int32_t* bias,
                                      const int32_t* multipliers, const int32_t* shifts,
                                      int8_t* output) {
  depthwise_conv_2d(p, OutputS8<Conv2dParams>{{p, multipliers, shifts}, bias}, input, weights,
                    output);
}

// int16 activations at zero point 0, weights as above, 64-bit sums (the same file, for int16).
MOTE_INLINE void depthwise_conv_2d_s16(const Conv2dParams& p, const int16_t* input,
                                       const int8_t* weights, const int64_t* bias,
                                       const int32_t* multipliers, const int32_t* shifts,
                                       int16_t* output) {
  depthwise_conv_2d(p, OutputS16<Conv2dParams>{{p, multipliers, shifts}, bias}, input, weights,
                    output);
}

MOTE_INLINE void depthwise_conv_2d_f32(const Conv2dF32Params& p, const float* input,
                                       const float* weights, const float* bias, float* output) {
  depthwise_conv_2d(p, OutputF32<Conv2dF32Params>{p, bias}, input, weights, output);
}

}  // namespace mote
