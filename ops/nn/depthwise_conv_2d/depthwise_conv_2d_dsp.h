// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 for cores with DSP instructions: as many outputs as input channels, in
// fours. Four neighbouring channels of two taps are two words; sign-extended and interleaved they
// meet a word of two weights a channel. Windows over the border are gathered first, with the
// input's zero point outside. Every byte as by depthwise_conv_2d.h: integer sums do not depend on
// their order. Arguments as there, but, with taps = kernel_h * kernel_w and pairs of taps, a last
// odd one with weight 0: weights [channels / 4][pairs][4], two s16 a word; bias [channels] less the
// zero point's part; inside, gathered [2 * pairs]: where the taps lie in the image and in the
// window; biases, multipliers, offsets, negatives as ExactRequantize; window [taps * channels]
// bytes.
#pragma once
#include <string.h>

#include "core/simd_dsp.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/folded_output.h"

namespace mote {

// A sum as a multiple of 256 for ExactOutput.
struct ExactDepthwiseOutput {
  ExactOutput exact;
  const int32_t* biases;

  MOTE_INLINE int8_t output(int32_t sum, int32_t channel) const {
    return exact.output(biases[channel] + (int32_t)((uint32_t)sum << 8), channel);
  }
};

MOTE_INLINE uint32_t four_channels(const int8_t* x) {
  uint32_t word;
  memcpy(&word, x, 4);
  return word;
}

// One place of the output: all channels of the window that begins at `first`.
template <class Rule>
MOTE_SHARED int8_t* depthwise_outputs(const Rule& rule, const int8_t* first, const int32_t* taps,
                                      int32_t pairs, int32_t channels, const uint32_t* weights,
                                      const int32_t* bias, int8_t* output) {
  for (int32_t c = 0; c < channels; c += 4, first += 4) {
    int32_t sums[4] = {bias[c], bias[c + 1], bias[c + 2], bias[c + 3]};
    for (int32_t t = 0; t < 2 * pairs; t += 2, weights += 4) {
      const uint32_t x = four_channels(first + taps[t]), z = four_channels(first + taps[t + 1]);
      const uint32_t x02 = sxtb16(x), x13 = sxtb16_odd(x), z02 = sxtb16(z), z13 = sxtb16_odd(z);
      sums[0] = smlad(low_halves(x02, z02), weights[0], sums[0]);
      sums[1] = smlad(low_halves(x13, z13), weights[1], sums[1]);
      sums[2] = smlad(high_halves(x02, z02), weights[2], sums[2]);
      sums[3] = smlad(high_halves(x13, z13), weights[3], sums[3]);
    }
    *output++ = rule.output(sums[0], c);  // no loop: the sums stay in registers
    *output++ = rule.output(sums[1], c + 1);
    *output++ = rule.output(sums[2], c + 2);
    *output++ = rule.output(sums[3], c + 3);
  }
  return output;
}

// The window whose first tap lies at (y0, x0) of `image`; a pixel a tap, by words.
MOTE_INLINE void gather_pixels(const Conv2dParams& p, const int8_t* image, int32_t y0, int32_t x0,
                               int8_t* window) {
  const uint32_t outside = 0x01010101u * (uint8_t)p.input_zero_point;
  for (int32_t ky = 0; ky < p.kernel_h; ++ky) {
    for (int32_t kx = 0; kx < p.kernel_w; ++kx) {
      const int32_t y = y0 + ky * p.dilation_h, x = x0 + kx * p.dilation_w;
      const bool inside = is_inside(y, p.input_h) && is_inside(x, p.input_w);
      for (int32_t c = 0; c < p.input_channels; c += 4, window += 4) {
        uint32_t word = outside;
        if (inside) word = four_channels(image + (y * p.input_w + x) * p.input_channels + c);
        memcpy(window, &word, 4);
      }
    }
  }
}

MOTE_INLINE void depthwise_conv_2d_s8_dsp(const Exact<Conv2dParams>& exact, const int8_t* input,
                                          const uint32_t* weights, const int32_t* bias,
                                          const int32_t* inside, const int32_t* gathered,
                                          const int32_t* biases, const int32_t* multipliers,
                                          const int32_t* offsets, const int32_t* negatives,
                                          int8_t* window, int8_t* output) {
  const Conv2dParams& p = exact.layer;
  const ExactDepthwiseOutput rule{{exact.shift, multipliers, offsets, negatives}, biases};
  const int32_t pairs = (p.kernel_h * p.kernel_w + 1) / 2;
  const int32_t last_y = (p.kernel_h - 1) * p.dilation_h, last_x = (p.kernel_w - 1) * p.dilation_w;
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.input_channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const int32_t y = oy * p.stride_h - p.pad_top, x = ox * p.stride_w - p.pad_left;
        const int8_t* first = window;
        const int32_t* taps = gathered;
        if (y >= 0 && y < p.input_h - last_y && x >= 0 && x < p.input_w - last_x)
          first = input + (y * p.input_w + x) * p.input_channels, taps = inside;
        else
          gather_pixels(p, input, y, x, window);
        output =
            depthwise_outputs(rule, first, taps, pairs, p.input_channels, weights, bias, output);
      }
    }
  }
}

}  // namespace mote
