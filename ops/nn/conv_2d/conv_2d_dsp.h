// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 for cores with DSP instructions, one group: four places of the output at a time, whose
// windows are gathered and unfolded once, meet two rows of weights at a time (ops/nn/byte_fold.h).
// Every byte as by conv_2d.h: integer sums do not depend on their order, and what lies outside x is
// its zero point. Arguments as there, but `packed` by fold_layer() in pairs of channels
// (ops/nn/packed_layer.h); work: kConvPlaces * unfolded_words(taps) words, then taps bytes.
#pragma once
#include "ops/nn/byte_fold.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/gather_window.h"

namespace mote {

constexpr int32_t kConvPlaces = 4;

// A place of the output, in the order in which it lies in memory.
struct OutputPlace {
  const int8_t* image;
  int32_t y, x;

  MOTE_INLINE void next(const Conv2dParams& p) {
    if (++x < p.output_w) return;
    x = 0;
    if (++y < p.output_h) return;
    y = 0;
    image += p.input_h * p.input_w * p.input_channels;
  }
};

// The window of a place, unfolded as one of kPlaces. `window`: taps bytes to gather it in.
template <int kPlaces>
MOTE_INLINE void unfold_window(const Conv2dParams& p, const OutputPlace& place, int8_t* window,
                               uint32_t* unfolded) {
  const int32_t y = place.y * p.stride_h - p.pad_top, x = place.x * p.stride_w - p.pad_left;
  const int32_t run = p.kernel_w * p.input_channels;
  const bool is_inside = y >= 0 && y + (p.kernel_h - 1) * p.dilation_h < p.input_h && x >= 0 &&
                         x + p.kernel_w <= p.input_w;
  if (is_inside && p.dilation_w == 1 && (p.kernel_h == 1 || run % 4 == 0)) {
    const int8_t* row = place.image + (y * p.input_w + x) * p.input_channels;
    for (int32_t ky = 0; ky < p.kernel_h; ++ky) {
      unfold<kPlaces>(row, run, unfolded);
      row += p.dilation_h * p.input_w * p.input_channels, unfolded += kPlaces * run / 2;
    }
  } else {
    gather_window(p, place.image, y, x, window);
    unfold<kPlaces>(window, p.kernel_h * run, unfolded);
  }
}

template <class Rule>
MOTE_INLINE void folded_conv_2d(const Conv2dParams& p, const Rule& rule, const int8_t* input,
                                const uint32_t* packed, uint32_t* work, int8_t* output) {
  const int32_t taps = p.kernel_h * p.kernel_w * p.input_channels;
  int8_t* const window = (int8_t*)(work + kConvPlaces * unfolded_words(taps));
  OutputPlace place{input, 0, 0};
  int32_t left = p.batches * p.output_h * p.output_w;
  FoldBlock block = fold_block_of<kConvPlaces>(work, taps, packed);
  block.output = output, block.stride = block.channels = p.output_channels;
  for (; left >= kConvPlaces; left -= kConvPlaces) {
    for (int32_t i = 0; i < kConvPlaces; ++i, place.next(p))
      unfold_window<kConvPlaces>(p, place, window, work + i);
    fold_outputs<kConvPlaces>(rule, block);
    block.output += kConvPlaces * p.output_channels;
  }
  for (; left > 0; --left, place.next(p), block.output += p.output_channels) {
    unfold_window<1>(p, place, window, work);
    block.end = work + unfolded_words(taps);
    fold_outputs<1>(rule, block);
  }
}

MOTE_INLINE void conv_2d_s8_dsp(const Conv2dParams& p, const int8_t* input, const uint32_t* packed,
                                uint32_t* work, int8_t* output) {
  const FoldedOutput rule{p.output_zero_point, p.output_min, p.output_max};
  folded_conv_2d(p, rule, input, packed, work, output);
}

MOTE_INLINE void conv_2d_s8_dsp_exact(const Exact<Conv2dParams>& p, const int8_t* input,
                                      const uint32_t* packed, uint32_t* work, int8_t* output) {
  with_exact_output(
      p, [&](const auto& rule) __attribute__((always_inline)) {
        folded_conv_2d(p.layer, rule, input, packed, work, output);
      });
}

}  // namespace mote
