// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 for cores with DSP instructions, one group: windows of 3x3 at stride 1, input channels
// in fours. The columns that six or four neighbouring places see are unfolded once (byte_fold.h),
// and each serves up to three of them (core/simd_rows_3x3.h). Every byte as by conv_2d.h: integer
// sums do not depend on their order, and what lies outside x is its zero point. Arguments as there,
// but `packed` by ops/nn/packed_layer.h, channel by channel; work: conv_2d_3x3_work_bytes().
#pragma once
#include "core/simd_rows_3x3.h"
#include "ops/nn/byte_fold.h"
#include "ops/nn/conv_2d/conv_place.h"
#include "ops/nn/gather_window.h"

namespace mote {

// Of a row of `width` outputs, at least 4, the next that are taken together; a last few with some
// of those before them.
struct PlacesOfRow {
  int32_t begin, count;
};
MOTE_INLINE constexpr PlacesOfRow places_of_row(int32_t width, int32_t x) {
  const int32_t left = width - x;
  const int32_t count = width < 6 || left <= 4 || left == 7 || left == 8 ? 4 : 6;
  return {left < count ? width - count : x, count};
}

// Pixels of a row that the most places taken together see.
MOTE_INLINE constexpr int32_t widest(const Conv2dParams& p) {
  return 2 + (p.output_w == 6 || p.output_w >= 9 ? 6 : 4);
}
// Of what is unfolded, and of what windows over the border see, which is gathered first.
MOTE_INLINE int32_t conv_2d_3x3_work_bytes(const Conv2dParams& p) {
  return 3 * widest(p) * p.input_channels * (has_no_border(p) ? 2 : 3);
}

// Four numbers of two pixels, so many bytes apart, the first two of which are moved on.
template <int kWide, int kFirst>
MOTE_INLINE void unfold_pixels(const int8_t*& first, int32_t step, uint32_t* unfolded) {
  const uint32_t next = load_word(first + step);
  unfold_two<kFirst, kWide>(load_word(first), next, unfolded);
  first += 4;
}

// kWide pixels of `channels` numbers. Returns the end of what was written.
template <int kWide>
MOTE_INLINE uint32_t* unfold_columns(const int8_t* pixel, int32_t channels, uint32_t* unfolded) {
  const int8_t *third = pixel + 2 * channels, *fifth = third + 2 * channels;
  const int8_t* seventh = fifth + 2 * channels;
  for (const int8_t* const end = pixel + channels; pixel != end; unfolded += 2 * kWide) {
    unfold_pixels<kWide, 0>(pixel, channels, unfolded);
    unfold_pixels<kWide, 2>(third, channels, unfolded);
    unfold_pixels<kWide, 4>(fifth, channels, unfolded);
    if (kWide == 8) unfold_pixels<kWide, 6>(seventh, channels, unfolded);
  }
  return unfolded;
}

// What the windows of so many places see, the first of which begins at (y, x).
template <int kColumns>
MOTE_SHARED uint32_t* unfold_rows(const ImageOfWords& image, int32_t y, int32_t x, int8_t* patch,
                                  uint32_t* unfolded) {
  constexpr int32_t kWide = kColumns + 2;
  const int8_t* from;
  int32_t row = image.channels;
  if (y >= 0 && y + 3 <= image.height && x >= 0 && x + kWide <= image.width) {
    from = image.pixels + (y * image.width + x) * image.channels;
    row *= image.width;
  } else {
    gather_words(image, {y, x, 3, kWide}, patch);
    from = patch;
    row *= kWide;
  }
  for (int32_t ky = 0; ky < 3; ++ky, from += row)
    unfolded = unfold_columns<kWide>(from, image.channels, unfolded);
  return unfolded;
}

template <int kColumns, class Rule>
MOTE_INLINE void rows_outputs(const Rule& rule, const Rows3x3& rows) {
  if constexpr (kHasRows3x3 && Rule::kFixedShift != 0)
    return rows_3x3<kColumns, Rule::kFixedShift>(rows);
  constexpr int32_t kWide = kColumns + 2;
  int8_t* output = rows.output;
  for (const uint32_t* packed = rows.packed; packed != rows.packed_end; ++output) {
    int32_t sums[kColumns];
    for (int32_t& sum : sums) sum = (int32_t)*packed;
    ++packed;
    for (const uint32_t* x = rows.inputs; x != rows.end; x += 2 * kWide, packed += 3)
      for (int32_t kx = 0; kx < 3; ++kx) {
        const uint32_t w = packed[kx], low = sxtb16(w);
        for (int32_t i = 0; i < kColumns; ++i)
          sums[i] = smlad(x[kWide + i + kx], low, smlad(x[i + kx], w, sums[i]));
      }
    for (int32_t i = 0; i < kColumns; ++i) {
      const int32_t* numbers = (const int32_t*)packed;
      output[i * rows.stride] = rule.output(sums[i], numbers);
    }
    packed += Rule::kNumbers;
  }
}

template <int kColumns, class Rule>
MOTE_SHARED void places_3x3(const Rule& rule, const ImageOfWords& image, int32_t y, int32_t x,
                            int8_t* patch, uint32_t* work, Rows3x3 rows) {
  rows.inputs = work;
  rows.end = unfold_rows<kColumns>(image, y, x, patch, work);
  rows_outputs<kColumns>(rule, rows);
}

template <class Rule>
MOTE_INLINE void conv_2d_s8_3x3_dsp(const Packed<Conv2dParams>& packed_params, const int8_t* input,
                                    const uint32_t* packed, uint32_t* work, int8_t* output) {
  const Conv2dParams& p = packed_params.layer;
  const Rule rule(packed_params);
  ImageOfWords image{input, p.input_h, p.input_w, p.input_channels, p.input_zero_point};
  int8_t* const patch = (int8_t*)work + 3 * widest(p) * p.input_channels * 2;
  Rows3x3 rows{};
  rows.signs = Rule::kNumbers == 2;  // of ExactOutput, the only rule that asks
  rows.offset = packed_params.offset;
  rows.packed = packed;
  rows.packed_end = packed + p.output_channels * (1 + 9 * p.input_channels / 4 + Rule::kNumbers);
  rows.stride = p.output_channels;
  for (int32_t b = 0; b < p.batches; ++b) {
    for (int32_t oy = 0; oy < p.output_h; ++oy, output += p.output_w * p.output_channels) {
      for (int32_t ox = 0; ox < p.output_w;) {
        const PlacesOfRow places = places_of_row(p.output_w, ox);
        const int32_t y = oy - p.pad_top, x = places.begin - p.pad_left;
        rows.output = output + places.begin * p.output_channels;
        if (places.count == 4)
          places_3x3<4>(rule, image, y, x, patch, work, rows);
        else
          places_3x3<6>(rule, image, y, x, patch, work, rows);
        ox = places.begin + places.count;
      }
    }
    image.pixels += p.input_h * p.input_w * p.input_channels;
  }
}

}  // namespace mote
