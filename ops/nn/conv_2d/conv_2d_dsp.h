// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 for cores with DSP instructions, one group: four places of the output at a time, whose
// windows are gathered and unfolded once, meet two rows of weights at a time; an output of fewer
// places is taken one by one, with four rows at a time (ops/nn/byte_fold.h). Every byte as by
// conv_2d.h: integer sums do not depend on their order, and what lies outside x is its zero point.
// Arguments as there, but `packed` by fold_layer() (ops/nn/packed_layer.h) for kPlaces, which are
// conv_2d_places(); work: conv_2d_work_bytes().
#pragma once
#include "ops/nn/byte_fold.h"
#include "ops/nn/conv_2d/conv_place.h"
#include "ops/nn/gather_window.h"

namespace mote {

// How many places are taken together.
MOTE_INLINE constexpr int32_t conv_2d_places(const Conv2dParams& p) {
  return p.batches * p.output_h * p.output_w < 4 ? 1 : 4;
}

// Whether windows can be unfolded from the image, row by row.
MOTE_INLINE bool has_whole_runs(const Conv2dParams& p) {
  return p.kernel_w * p.input_channels % 4 == 0 && p.dilation_w == 1;
}

// Windows so small that the compiler tells all their words apart.
constexpr int32_t kSmallWindow = 32;
MOTE_INLINE bool has_small_runs(const Conv2dParams& p) {
  const int32_t run = p.kernel_w * p.input_channels;
  return run >= 4 && p.kernel_h * run <= kSmallWindow && p.dilation_w == 1;
}
// Windows of whose rows each is a word that lies inside in part at least.
MOTE_INLINE bool has_rows_of_a_word(const Conv2dParams& p) {
  return p.kernel_w * p.input_channels == 4 && p.dilation_w == 1 && p.input_w >= p.kernel_w &&
         p.pad_left < p.kernel_w && (p.output_w - 1) * p.stride_w - p.pad_left < p.input_w;
}
// Whether a window is unfolded from the image where it lies inside.
MOTE_INLINE bool is_direct(const Conv2dParams& p) { return has_whole_runs(p) || has_small_runs(p); }

// Of the unfolded windows, and of one where windows may have to be gathered first.
MOTE_INLINE int32_t conv_2d_work_bytes(const Conv2dParams& p) {
  const int32_t taps = p.kernel_h * p.kernel_w * p.input_channels, places = conv_2d_places(p);
  const bool gathers = !is_one_row(p) && !has_rows_of_a_word(p) &&  //
                       (!is_direct(p) || !has_no_border(p));
  return 2 * places * filled_up(places, taps) + (gathers ? in_fours(taps) : 0);
}

// Four numbers, from the k-th on, of the window whose first tap is `first`: a word of a row, or the
// end of one and the begin of the next.
MOTE_INLINE uint32_t window_word(const Conv2dParams& p, const int8_t* first, int32_t k) {
  const int32_t run = p.kernel_w * p.input_channels;
  const int32_t step = p.dilation_h * p.input_w * p.input_channels;
  const int8_t* row = first + k / run * step;
  const int32_t left = run - k % run, end = k + left;
  if (left >= 4) return load_word(row + k % run);
  const uint32_t word = load_word(row + run - 4) >> (8 * (4 - left));
  return end == p.kernel_h * run ? word : word | load_word(row + step) << (8 * left);
}

// The window of one place, whose rows are words: what lies outside is shifted in.
template <int kPlaces>
MOTE_INLINE void unfold_rows_of_a_word(const Conv2dParams& p, const ConvPlace& place,
                                       uint32_t* unfolded) {
  const int32_t width = p.input_w * p.input_channels, x = place.x(p) * p.input_channels;
  const int32_t before = x < 0 ? -8 * x : 0, after = x + 4 > width ? 8 * (x + 4 - width) : 0;
  const uint32_t zero = 0x01010101u * (uint8_t)p.input_zero_point;
  uint32_t outside = 0;
  if (before != 0) outside = zero >> (32 - before);
  if (after != 0) outside = zero << (32 - after);
  const int8_t* const first = place.image + x + before / 8 - after / 8;
  for (int32_t ky = 0, y = place.y(p); ky < p.kernel_h; ++ky, y += p.dilation_h) {
    const bool inside = is_inside(y, p.input_h);
    const uint32_t four = inside ? load_word(first + y * width) << before >> after | outside : zero;
    unfold_four<kPlaces>(four, unfolded);
    unfolded += 2 * kPlaces;
  }
}

// The small windows of kPlaces in a row of the image, two at a time.
template <int kPlaces>
MOTE_INLINE void unfold_small_windows(const Conv2dParams& p, const int8_t* first,
                                      uint32_t* unfolded) {
  const int32_t step = p.stride_w * p.input_channels;
  for (int32_t i = 0; i < kPlaces; i += 2, first += 2 * step, unfolded += 2) {
#pragma GCC unroll 8
    for (int32_t k = 0; k < p.kernel_h * p.kernel_w * p.input_channels; k += 4)
      unfold_two<0, kPlaces>(window_word(p, first, k), window_word(p, first + step, k),
                             unfolded + k / 2 * kPlaces);
  }
}

// The window of one place among the kPlaces that stand side by side. `window`: in_fours(taps)
// bytes.
template <int kPlaces>
MOTE_INLINE void unfold_window(const Conv2dParams& p, const ConvPlace& place, int8_t* window,
                               uint32_t* unfolded) {
  const int32_t run = p.kernel_w * p.input_channels, taps = p.kernel_h * run;
  if (!is_direct(p) || !are_inside(p, place, 1)) {
    if (p.input_channels % 4 == 0 && p.dilation_h == 1 && p.dilation_w == 1)
      gather_words({place.image, p.input_h, p.input_w, p.input_channels, p.input_zero_point},
                   {place.y(p), place.x(p), p.kernel_h, p.kernel_w}, window);
    else
      gather_window(p, place.image, place.y(p), place.x(p), window);
    return unfold_beside<kPlaces>(window, in_fours(taps), unfolded);
  }
  const int8_t* const first = place.first(p);
  const int32_t step = p.dilation_h * p.input_w * p.input_channels;
  if (has_whole_runs(p)) {
    for (int32_t ky = 0; ky < p.kernel_h; ++ky)
      unfold_beside<kPlaces>(first + ky * step, run, unfolded + ky * kPlaces * run / 2);
    return;
  }
#pragma GCC unroll 8
  for (int32_t k = 0; k < taps; k += 4)
    unfold_four<kPlaces>(window_word(p, first, k), unfolded + k / 2 * kPlaces);
}

// The windows of kPlaces from `place` on. `window`: in_fours(taps) bytes.
template <int kPlaces>
MOTE_INLINE void unfold_windows(const Conv2dParams& p, const ConvPlace& place, int8_t* window,
                                uint32_t* unfolded) {
  const int32_t run = p.kernel_w * p.input_channels, row = p.input_w * p.input_channels;
  if (is_one_row(p)) {
    unfold_row<kPlaces>(place.first(p), p.input_channels, unfolded);
  } else if (has_whole_runs(p) && are_inside(p, place, kPlaces)) {
    const int8_t* from = place.first(p);
    for (int32_t ky = 0; ky < p.kernel_h; ++ky) {
      unfold<kPlaces>(from, p.stride_w * p.input_channels, run, unfolded);
      from += p.dilation_h * row, unfolded += kPlaces * run / 2;
    }
  } else if (kPlaces > 1 && has_small_runs(p) && are_inside(p, place, kPlaces)) {
    unfold_small_windows<kPlaces>(p, place.first(p), unfolded);
  } else {
    ConvPlace one = place;
    for (int32_t i = 0; i < kPlaces; ++i, one.move(p, 1)) {
      if (has_rows_of_a_word(p))
        unfold_rows_of_a_word<kPlaces>(p, one, unfolded + i);
      else
        unfold_window<kPlaces>(p, one, window, unfolded + i);
    }
  }
}

template <int kPlaces, class Rule>
MOTE_INLINE void conv_2d_s8_dsp(const Packed<Conv2dParams>& packed_params, const int8_t* input,
                                const uint32_t* packed, uint32_t* work, int8_t* output) {
  constexpr int kChannels = channels_together(kPlaces);
  const Conv2dParams& p = packed_params.layer;
  const Rule rule(packed_params);
  const int32_t taps = p.kernel_h * p.kernel_w * p.input_channels;
  int8_t* const window = (int8_t*)work + 2 * kPlaces * filled_up(kPlaces, taps);
  ConvPlace place{input, 0, 0};
  int32_t left = p.batches * p.output_h * p.output_w;
  FoldBlock block = fold_block_of<kPlaces>(packed_params, work, taps, packed);
  block.output = output, block.stride = block.channels = p.output_channels;
  for (; left >= kPlaces; left -= kPlaces, place.move(p, kPlaces)) {
    unfold_windows<kPlaces>(p, place, window, work);
    fold_outputs<kPlaces, kChannels>(rule, block);
    block.output += kPlaces * p.output_channels;
  }
  block.end = work + unfolded_words(taps);
  for (; left > 0; --left, place.move(p, 1), block.output += p.output_channels) {
    unfold_windows<1>(p, place, window, work);
    fold_outputs<1, kChannels>(rule, block);
  }
}

}  // namespace mote
