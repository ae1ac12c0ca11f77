// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 for cores with DSP instructions: windows of 3x3 of which neighbours share
// little, as many outputs as input channels, in fours, straight from the image; only windows over
// the border are gathered first. Every byte as by depthwise_conv_2d.h: integer sums do not depend
// on their order. Arguments as there, but `packed` by ops/nn/packed_layer.h, four channels at a
// time, taps in the order of kPairsOfTaps; window: 9 * channels bytes.
#pragma once
#include "core/simd_dsp.h"
#include "core/simd_window_3x3.h"
#include "ops/nn/folded_output.h"
#include "ops/nn/gather_window.h"

namespace mote {

// By row and column; the last has no partner.
constexpr int32_t kPairsOfTaps[9] = {1, 2, 0, 3, 4, 5, 7, 8, 6};

template <class Rule>
MOTE_INLINE void window_outputs(const Rule& rule, const Window3x3& window) {
  if constexpr (kHasWindow3x3 && Rule::kFixedShift != 0)
    return window_3x3<Rule::kHasSigns, Rule::kFixedShift>(window);
  const int8_t* first = window.first;
  const uint32_t* packed = window.packed;
  for (int8_t* output = window.output; output != window.end; first += 4) {
    const int32_t* numbers = (const int32_t*)packed + 4 + 4 * 4 + 2;
    for (int32_t c = 0; c < 4; ++c) {
      const auto tap = [&](int32_t i) {
        const int32_t at = kPairsOfTaps[i];
        return (int32_t)first[at / 3 * window.row_step + at % 3 * window.column_step + c];
      };
      int32_t sum = (int32_t)packed[c];
      for (int32_t i = 0; i < 4; ++i) {
        const uint32_t both = (uint16_t)tap(2 * i) | (uint32_t)(uint16_t)tap(2 * i + 1) << 16;
        sum = smlad(both, packed[4 + 4 * i + c], sum);
      }
      const uint32_t last = packed[20 + c % 2] >> (c < 2 ? 0 : 16);
      *output++ = rule.output(wrapping_add<int32_t>(sum, tap(8) * (int16_t)last), numbers);
    }
    packed = (const uint32_t*)numbers;
  }
}

// The outputs of one place, whose window begins at (y, x).
template <class Rule>
MOTE_SHARED void depthwise_window(const Rule& rule, const ImageOfWords& image, int32_t y, int32_t x,
                                  int8_t* gathered, Window3x3 window) {
  window.first = gathered;
  window.row_step = 3 * image.channels;
  window.end = window.output + image.channels;
  if (y >= 0 && y + 3 <= image.height && x >= 0 && x + 3 <= image.width) {
    window.first = image.pixels + (y * image.width + x) * image.channels;
    window.row_step = image.width * image.channels;
  } else {
    gather_words(image, {y, x, 3, 3}, gathered);
  }
  window_outputs(rule, window);
}

template <class Rule>
MOTE_INLINE void depthwise_windows_s8_3x3(const Packed<Conv2dParams>& packed_params,
                                          const int8_t* input, const uint32_t* packed,
                                          int8_t* gathered, int8_t* output) {
  const Conv2dParams& p = packed_params.layer;
  const Rule rule(packed_params);
  ImageOfWords image{input, p.input_h, p.input_w, p.input_channels, p.input_zero_point};
  Window3x3 window{};
  window.column_step = p.input_channels;
  window.output = output, window.packed = packed;
  window.offset = packed_params.offset;
  for (int32_t b = 0; b < p.batches; ++b) {
    for (int32_t oy = 0; oy < p.output_h; ++oy)
      for (int32_t ox = 0; ox < p.output_w; ++ox, window.output += p.input_channels)
        depthwise_window(rule, image, oy * p.stride_h - p.pad_top, ox * p.stride_w - p.pad_left,
                         gathered, window);
    image.pixels += p.input_h * p.input_w * p.input_channels;
  }
}

}  // namespace mote
