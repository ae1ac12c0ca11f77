// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 for cores with DSP instructions: windows of 3x3 of which neighbours share
// little, as many outputs as input channels, four at a time and then what is left, straight from
// the image; only windows over the border are gathered first. Every byte as by depthwise_conv_2d.h:
// integer sums do not depend on their order. Arguments as there, but `packed` by
// ops/nn/packed_layer.h, four channels at a time, taps in the order of kPairsOfTaps; window: 9 *
// channels bytes.
#pragma once
#include "core/simd_dsp.h"
#include "core/simd_window_3x3.h"
#include "ops/nn/folded_output.h"
#include "ops/nn/gather_window.h"

namespace mote {

// By row and column; the last has no partner.
constexpr int32_t kPairsOfTaps[9] = {1, 2, 0, 3, 4, 5, 7, 8, 6};

// A window of 3x3 whose pixels are no whole words: rare, so small rather than fast.
MOTE_SHARED void gather_pixels(const ImageOfWords& image, int32_t y, int32_t x, int8_t* to) {
  for (int32_t i = 0; i < 9; ++i) {
    const int32_t row = y + i / 3, column = x + i % 3;
    const bool inside = is_inside(row, image.height) && is_inside(column, image.width);
    const int8_t* const from = image.pixels + (row * image.width + column) * image.channels;
    for (int32_t c = 0; c < image.channels; ++c)
      *to++ = inside ? from[c] : (int8_t)image.zero_point;
  }
}

// Up to four channels. Returns the end of their numbers.
template <class Rule>
MOTE_INLINE const uint32_t* window_outputs_plain(const Rule& rule, const Window3x3& window,
                                                 const int8_t* first, const uint32_t* packed,
                                                 int32_t channels, int8_t* output) {
  const int32_t* numbers = (const int32_t*)packed + 4 + 4 * 4 + 2;
  for (int32_t c = 0; c < channels; ++c) {
    const auto tap = [&](int32_t i) {
      const int32_t at = kPairsOfTaps[i];
      return (int32_t)first[at / 3 * window.row_step + at % 3 * window.column_step + c];
    };
    int32_t sum = (int32_t)packed[c];
#pragma GCC unroll 1
    for (int32_t i = 0; i < 4; ++i) {
      const uint32_t both = (uint16_t)tap(2 * i) | (uint32_t)(uint16_t)tap(2 * i + 1) << 16;
      sum = smlad(both, packed[4 + 4 * i + c], sum);
    }
    const uint32_t last = packed[20 + c % 2] >> (c < 2 ? 0 : 16);
    output[c] = rule.output(wrapping_add<int32_t>(sum, tap(8) * (int16_t)last), numbers);
  }
  return (const uint32_t*)numbers;
}

template <class Rule>
MOTE_INLINE void window_outputs(const Rule& rule, const Window3x3& window) {
  if constexpr (kHasWindow3x3 && Rule::kFixedShift != 0)
    return window_3x3<Rule::kHasSigns, Rule::kFixedShift>(window);
  const int8_t* first = window.first;
  const uint32_t* packed = window.packed;
  for (int8_t* output = window.output; output != window.end; first += 4, output += 4)
    packed = window_outputs_plain(rule, window, first, packed, 4, output);
}

// The outputs of one place, whose window begins at (y, x); kRest: channels are left that are no
// four.
template <bool kRest, class Rule>
MOTE_SHARED void depthwise_window(const Rule& rule, const ImageOfWords& image, int32_t y, int32_t x,
                                  int8_t* gathered, Window3x3 window) {
  const int32_t fours = image.channels / 4;
  window.first = gathered;
  window.row_step = 3 * image.channels;
  window.end = window.output + (kRest ? 4 * fours : image.channels);
  if (y >= 0 && y + 3 <= image.height && x >= 0 && x + 3 <= image.width) {
    window.first = image.pixels + (y * image.width + x) * image.channels;
    window.row_step = image.width * image.channels;
  } else if (kRest) {
    gather_pixels(image, y, x, gathered);
  } else {
    gather_words(image, {y, x, 3, 3}, gathered);
  }
  window_outputs(rule, window);
  if (kRest)
    window_outputs_plain(rule, window, window.first + 4 * fours,
                         window.packed + fours * (22 + 4 * Rule::kNumbers), image.channels % 4,
                         window.output + 4 * fours);
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
      for (int32_t ox = 0; ox < p.output_w; ++ox, window.output += p.input_channels) {
        const int32_t y = oy * p.stride_h - p.pad_top, x = ox * p.stride_w - p.pad_left;
        if (p.input_channels % 4 == 0)
          depthwise_window<false>(rule, image, y, x, gathered, window);
        else
          depthwise_window<true>(rule, image, y, x, gathered, window);
      }
    image.pixels += p.input_h * p.input_w * p.input_channels;
  }
}

}  // namespace mote
