// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 for cores with DSP instructions, one group: of each place of the output the window is
// gathered and unfolded once, then meets four rows of weights at a time (ops/nn/byte_fold.h). Every
// byte as by conv_2d.h: integer sums do not depend on their order, and what lies outside x is its
// zero point. Arguments as there, but `packed` by fold_layer() (ops/nn/packed_layer.h); work:
// unfolded_words(taps) words, then taps bytes.
#pragma once
#include "ops/nn/byte_fold.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/gather_window.h"

namespace mote {

template <class Rule>
MOTE_INLINE void folded_conv_2d(const Conv2dParams& p, const Rule& rule, const int8_t* input,
                                const uint32_t* packed, uint32_t* work, int8_t* output) {
  const int32_t taps = p.kernel_h * p.kernel_w * p.input_channels;
  int8_t* const window = (int8_t*)(work + unfolded_words(taps));
  const bool is_point = p.kernel_h == 1 && p.kernel_w == 1 && p.pad_top == 0 && p.pad_left == 0;
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.input_channels) {
    for (int32_t oy = 0; oy < p.output_h; ++oy) {
      for (int32_t ox = 0; ox < p.output_w; ++ox) {
        const int32_t y = oy * p.stride_h - p.pad_top, x = ox * p.stride_w - p.pad_left;
        const int8_t* from = window;
        if (is_point && y < p.input_h && x < p.input_w)
          from = input + (y * p.input_w + x) * p.input_channels;
        else
          gather_window(p, input, y, x, window);
        unfold(from, taps, work);
        output = folded_outputs(rule, taps, p.output_channels, work, packed, output);
      }
    }
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
