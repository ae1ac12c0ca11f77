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

namespace mote {

// The sum over one window whose first tap lies at (y0, x0), for input channel c and output channel
// o.
template <class Sum, class P, class T>
MOTE_INLINE Sum depthwise_window(const P& p, const T* channel, const T* weights, int32_t y0,
                                 int32_t x0, Sum zero_point) {
  Sum sum = 0;
  for (int32_t ky = 0; ky < p.kernel_h; ++ky) {
    const int32_t y = y0 + ky * p.dilation_h;
    if (!is_inside(y, p.input_h)) continue;
    for (int32_t kx = 0; kx < p.kernel_w; ++kx) {
      const int32_t x = x0 + kx * p.dilation_w;
      if (!is_inside(x, p.input_w)) continue;
      const Sum value = (Sum)channel[(y * p.input_w + x) * p.input_channels] - zero_point;
      sum += value * (Sum)weights[(ky * p.kernel_w + kx) * p.output_channels];
    }
  }
  return sum;
}

// int8, weights symmetric, one multiplier and shift an output channel. Bit-exact with TFLM
// DepthwiseConvPerChannel
// (tensorflow/lite/kernels/internal/reference/integer_ops/depthwise_conv.h). |sum| <= taps * 255 *
// 127 stays in 32 bits for taps = kernel_h * kernel_w <= 66,000, which the host checks.
MOTE_INLINE void depthwise_conv_2d_s8(const Conv2dParams& p, const int8_t* input,
                                      const int8_t* weights, const int32_t* bias,
                                      const int32_t* multipliers, const int32_t* shifts,
                                      int8_t* output) {
  const int32_t per_channel = p.output_channels / p.input_channels;
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.input_channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const int32_t y0 = oy * p.stride_h - p.pad_top;
        const int32_t x0 = ox * p.stride_w - p.pad_left;
        for (int32_t o = 0; o < p.output_channels; ++o) {
          int32_t sum = depthwise_window<int32_t>(p, input + o / per_channel, weights + o, y0, x0,
                                                  p.input_zero_point);
          if (bias) sum += bias[o];
          sum = multiply_by_quantized_multiplier(sum, multipliers[o], shifts[o]);
          *output++ = (int8_t)clamp(sum + p.output_zero_point, p.output_min, p.output_max);
        }
      }
    }
  }
}

// float32: products are added to 0 in the order of ky, kx, then the bias, as TFLM's reference does.
MOTE_INLINE void depthwise_conv_2d_f32(const Conv2dF32Params& p, const float* input,
                                       const float* weights, const float* bias, float* output) {
  const int32_t per_channel = p.output_channels / p.input_channels;
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.input_channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const int32_t y0 = oy * p.stride_h - p.pad_top;
        const int32_t x0 = ox * p.stride_w - p.pad_left;
        for (int32_t o = 0; o < p.output_channels; ++o) {
          float sum =
              depthwise_window<float>(p, input + o / per_channel, weights + o, y0, x0, 0.0f);
          if (bias) sum += bias[o];
          *output++ = clamp(sum, p.output_min, p.output_max);
        }
      }
    }
  }
}

}  // namespace mote
