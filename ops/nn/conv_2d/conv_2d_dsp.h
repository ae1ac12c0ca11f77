// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 for cores with DSP instructions, one group: of each place of the output the window is
// gathered and unfolded once, then meets four rows of weights at a time (ops/nn/byte_fold.h). Every
// byte as by conv_2d.h: integer sums do not depend on their order, and what lies outside x is its
// zero point. Arguments as there, but `packed` by ops/nn/packed_layer.h with kByteFold; work:
// unfolded_words(taps) words, then taps bytes.
#pragma once
#include "ops/nn/byte_fold.h"
#include "ops/nn/conv_2d/conv_2d.h"

namespace mote {

// By words: a library's memcpy may go byte by byte.
MOTE_INLINE int8_t* copy_run(const int8_t* from, int32_t count, int8_t* to) {
  for (; count >= 4; count -= 4, from += 4, to += 4) memcpy(to, from, 4);
  for (; count > 0; --count) *to++ = *from++;
  return to;
}
MOTE_INLINE int8_t* fill_run(int32_t value, int32_t count, int8_t* to) {
  for (; count > 0; --count) *to++ = (int8_t)value;
  return to;
}

// The window whose first tap lies at (y0, x0) of `image`, in the order of a row of weights.
MOTE_INLINE void gather_window(const Conv2dParams& p, const int8_t* image, int32_t y0, int32_t x0,
                               int8_t* window) {
  const int32_t depth = p.input_channels;
  for (int32_t ky = 0; ky < p.kernel_h; ++ky) {
    const int32_t y = y0 + ky * p.dilation_h;
    if (!is_inside(y, p.input_h)) {
      window = fill_run(p.input_zero_point, p.kernel_w * depth, window);
      continue;
    }
    const int8_t* row = image + y * p.input_w * depth;
    if (p.dilation_w == 1 && x0 >= 0 && x0 + p.kernel_w <= p.input_w) {
      window = copy_run(row + x0 * depth, p.kernel_w * depth, window);
    } else {
      for (int32_t kx = 0; kx < p.kernel_w; ++kx) {
        const int32_t x = x0 + kx * p.dilation_w;
        window = is_inside(x, p.input_w) ? copy_run(row + x * depth, depth, window)
                                         : fill_run(p.input_zero_point, depth, window);
      }
    }
  }
}

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
  if (p.signs)
    folded_conv_2d(p.layer, ExactOutput<true>{p.shift}, input, packed, work, output);
  else
    folded_conv_2d(p.layer, ExactOutput<false>{p.shift}, input, packed, work, output);
}

}  // namespace mote
