// SPDX-License-Identifier: Apache-2.0
// transpose_conv: each input pixel (iy, ix) adds x[b][iy][ix][c] * weights[o][ky][kx][c] to the
// output at (iy * stride_h - pad_top + ky, ix * stride_w - pad_left + kx) where that lies inside;
// then bias and activation. Shapes: x [batches, input_h, input_w, input_channels], weights
// [output_channels, kernel_h, kernel_w, input_channels], bias [output_channels] or null, y
// [batches, output_h, output_w, output_channels]. The sums are gathered, output by output, in the
// order of iy, ix, c: the order in which TFLM scatters them
// (tensorflow/lite/kernels/internal/reference/transpose_conv.h, integer_ops/transpose_conv.h), so
// floats are equal as well. y may not overlap x.
#pragma once
#include <stdint.h>

#include "ops/nn/conv_2d_params.h"
#include "ops/nn/layer_output.h"

namespace mote {

// Where along one axis the input pixels lie that reach output position `at` (padding added): first
// .. last, and the tap of the first; later ones use taps `stride` lower each.
struct TransposedReach {
  int32_t first, last, tap;
};
MOTE_INLINE TransposedReach transposed_reach(int32_t at, int32_t kernel, int32_t stride,
                                             int32_t input) {
  const int32_t before = at - kernel + 1;
  const int32_t first = before <= 0 ? 0 : (before + stride - 1) / stride;
  const int32_t last = at / stride < input ? at / stride : input - 1;
  return {first, last, at - first * stride};
}

template <class Rule, class P, class X, class W>
MOTE_INLINE typename Rule::Sum transpose_conv_sum(const P& p, const Rule& rule, const X* image,
                                                  const W* weights, TransposedReach rows,
                                                  TransposedReach columns) {
  typename Rule::Sum sum = 0;
  int32_t ky = rows.tap;
  for (int32_t iy = rows.first; iy <= rows.last; ++iy, ky -= p.stride_h) {
    int32_t kx = columns.tap;
    for (int32_t ix = columns.first; ix <= columns.last; ++ix, kx -= p.stride_w) {
      const X* x = image + (iy * p.input_w + ix) * p.input_channels;
      const W* w = weights + (ky * p.kernel_w + kx) * p.input_channels;
      for (int32_t c = 0; c < p.input_channels; ++c)
        sum += (typename Rule::Sum)(rule.input(x[c]) * w[c]);
    }
  }
  return sum;
}

template <class Rule, class P, class X, class W, class Y>
MOTE_INLINE void transpose_conv(const P& p, const Rule& rule, const X* input, const W* weights,
                                Y* output) {
  const int32_t taps = p.kernel_h * p.kernel_w * p.input_channels;
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.input_channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      const TransposedReach rows =
          transposed_reach(oy + p.pad_top, p.kernel_h, p.stride_h, p.input_h);
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const TransposedReach columns =
            transposed_reach(ox + p.pad_left, p.kernel_w, p.stride_w, p.input_w);
        for (int32_t o = 0; o < p.output_channels; ++o)
          *output++ =
              rule.output(transpose_conv_sum(p, rule, input, weights + o * taps, rows, columns), o);
      }
    }
  }
}

// int8, weights symmetric, one multiplier and shift an output channel; the limits of conv_2d_s8.
MOTE_INLINE void transpose_conv_s8(const Conv2dParams& p, const int8_t* input,
                                   const int8_t* weights, const int32_t* bias,
                                   const int32_t* multipliers, const int32_t* shifts,
                                   int8_t* output) {
  transpose_conv(p, OutputS8<Conv2dParams>{{p, multipliers, shifts}, bias}, input, weights, output);
}

// int16 activations at zero point 0, weights as above, 64-bit sums.
MOTE_INLINE void transpose_conv_s16(const Conv2dParams& p, const int16_t* input,
                                    const int8_t* weights, const int64_t* bias,
                                    const int32_t* multipliers, const int32_t* shifts,
                                    int16_t* output) {
  transpose_conv(p, OutputS16<Conv2dParams>{{p, multipliers, shifts}, bias}, input, weights,
                 output);
}

MOTE_INLINE void transpose_conv_f32(const Conv2dF32Params& p, const float* input,
                                    const float* weights, const float* bias, float* output) {
  transpose_conv(p, OutputF32<Conv2dF32Params>{p, bias}, input, weights, output);
}

}  // namespace mote
