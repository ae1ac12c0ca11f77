// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 for cores with DSP instructions: as many outputs as input channels, in
// fours. Four neighbouring channels of two taps are two words; sign-extended and interleaved they
// meet a word of two weights a channel, each 256 times. Windows over the border are gathered first,
// with the input's zero point outside. Every byte as by depthwise_conv_2d.h: integer sums do not
// depend on their order. Arguments as there, but, with taps = kernel_h * kernel_w in pairs, a last
// odd one with weight 0: packed by ops/nn/packed_layer.h, of each pair a word a channel; inside,
// gathered [2 * pairs]: where the taps lie in the image and in the window; window [taps * channels]
// bytes.
#pragma once
#include "core/simd_dsp.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/folded_output.h"
#include "ops/nn/gather_window.h"

namespace mote {

// One place of the output: all channels of the window that begins at `first`.
template <class Rule>
MOTE_SHARED int8_t* depthwise_outputs(const Rule& rule, const int8_t* first, const int32_t* taps,
                                      int32_t pairs, int32_t channels, const uint32_t* packed,
                                      int8_t* output) {
  const Rule own = rule;
  for (int32_t left = channels; left > 0; left -= 4, first += 4) {
    const int32_t* bias = (const int32_t*)packed;
    ChannelDot dot{first, taps, packed + 4, {bias[0], bias[1], bias[2], bias[3]}};
    channel_dot_4(dot, pairs);
    const int32_t* numbers = (const int32_t*)dot.weights;
    output = four_outputs(own, dot.sums, 4, numbers, output);
    packed = (const uint32_t*)numbers;
  }
  return output;
}

template <class Rule>
MOTE_INLINE void depthwise_conv_2d_s8_dsp(const Packed<Conv2dParams>& packed_params,
                                          const int8_t* input, const uint32_t* packed,
                                          const int32_t* inside, const int32_t* gathered,
                                          int8_t* window, int8_t* output) {
  const Conv2dParams& p = packed_params.layer;
  const Rule rule(packed_params);
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
          gather_window(p, input, y, x, window);
        output = depthwise_outputs(rule, first, taps, pairs, p.input_channels, packed, output);
      }
    }
  }
}

}  // namespace mote
