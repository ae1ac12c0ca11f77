// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 for cores with DSP instructions: windows of 3x3 at stride 1, as many outputs
// as input channels. Bands of two rows of outputs: the four rows that they see are unfolded to
// int16, four channels at a time, pairs of rows in a word, and two of them stay for the next band.
// Every byte as by depthwise_conv_2d.h: integer sums do not depend on their order.
//   input, output: images of s8; packed: channel by channel, see widen_channel(), by columns of the
//   kernel; columns: band_bytes(p) of work, aligned as words.
#pragma once
#include "core/simd_band_3x3.h"
#include "ops/nn/byte_fold.h"
#include "ops/nn/depthwise_conv_2d/depthwise_conv_2d_3x3.h"

namespace mote {

// Columns that a band sees.
MOTE_INLINE constexpr int32_t band_columns(const Depthwise3x3Params& p) {
  return p.output_columns + 2;
}
MOTE_INLINE constexpr int32_t band_bytes(const Depthwise3x3Params& p) {
  return 4 * kBandColumn * band_columns(p);
}

// Some rows of four channels, the same or others: where the next pixel is, and the step to the one
// behind it.
struct BandRows {
  const int8_t* pixel[4];
  int32_t step[4];
};
// Of up to four channels.
template <bool kFour>
MOTE_INLINE uint32_t next_pixel(BandRows& rows, int32_t row, int32_t channels) {
  const int8_t* const pixel = rows.pixel[row];
  rows.pixel[row] += rows.step[row];
  if (kFour) return load_word(pixel);
  uint32_t some = 0;
  for (int32_t c = channels; c-- > 0;) some = some << 8 | (uint8_t)pixel[c];
  return some;
}

// `count` columns of two rows below those that are there, or of all four.
template <bool kFour>
MOTE_INLINE void unfold_band(BandRows rows, int32_t channels, bool all, int32_t count,
                             uint32_t* to) {
  if (all)
    for (; count > 0; --count, to += kBandColumn) {
      uint32_t pixels[4];
#pragma GCC unroll 4
      for (int32_t i = 0; i < 4; ++i) pixels[i] = next_pixel<kFour>(rows, i, channels);
      fill_column(pixels, to);
    }
  else
    for (; count > 0; --count, to += kBandColumn) {
      const uint32_t third = next_pixel<kFour>(rows, 2, channels);
      move_column(third, next_pixel<kFour>(rows, 3, channels), to);
    }
}
MOTE_SHARED void unfold_four_channels(const BandRows& rows, bool all, int32_t count, uint32_t* to) {
  unfold_band<true>(rows, 4, all, count, to);
}

// The rows y .. y + 3 of some channels for the columns that lie inside; what lies outside is zero.
MOTE_INLINE void unfold_rows_of_band(const Depthwise3x3Params& p, const int8_t* channel, int32_t y,
                                     int32_t channels, uint32_t* columns) {
  const uint32_t zero = 0x01010101u * (uint8_t)p.input_zero_point;
  BandRows rows;
  for (int32_t i = 0; i < 4; ++i) {
    const bool inside = is_inside(y + i, p.input_rows);
    rows.pixel[i] = inside ? channel + (y + i) * p.input_row_step : (const int8_t*)&zero;
    rows.step[i] = inside ? p.input_column_step : 0;
  }
  const int32_t room = band_columns(p) - p.pad_columns;
  const int32_t count = p.input_columns < room ? p.input_columns : room;
  uint32_t* const to = columns + p.pad_columns * kBandColumn;
  if (channels == 4)
    unfold_four_channels(rows, y == -p.pad_rows, count, to);
  else
    unfold_band<false>(rows, channels, y == -p.pad_rows, count, to);
}

// Padding left and right.
MOTE_INLINE void fill_band(const Depthwise3x3Params& p, uint32_t* columns) {
  const uint32_t zero = 0x00010001u * (uint16_t)p.input_zero_point;
  for (int32_t x = 0; x < band_columns(p); ++x)
    if (!is_inside(x - p.pad_columns, p.input_columns))
      for (int32_t i = 0; i < kBandColumn; ++i) columns[x * kBandColumn + i] = zero;
}

template <class Rule>
MOTE_SHARED void band_outputs_plain(const Rule& rule, const Band3x3& band) {
  const int32_t columns = int32_t(band.end - band.first) / kBandColumn + band.is_odd;
  for (int32_t x = 0; x < columns; ++x)
    for (int32_t y = 1; y >= 0; --y) {
      int32_t sum = (int32_t)band.packed[0];
      for (int32_t kx = 0; kx < 3; ++kx) {
        const uint32_t* const in = band.first + (x + kx) * kBandColumn;
        const uint32_t* const w = band.packed + 1 + 2 * kx;
        for (int32_t ky = 0; ky < 3; ++ky) {
          const int16_t number = (int16_t)(in[(y + ky) / 2] >> (16 * ((y + ky) % 2)));
          const int16_t weight = (int16_t)(w[ky / 2] >> (16 * (ky == 1 || ky == 2)));
          sum = wrapping_add<int32_t>(sum, number * weight);
        }
      }
      const int32_t own[2] = {(int32_t)band.packed[7], (int32_t)band.packed[9]};
      const int32_t* numbers = own;
      band.output[x * band.column_step + y * band.row_step] = rule.output(sum, numbers);
    }
}

template <class Rule>
MOTE_INLINE void band_outputs(const Rule& rule, const Band3x3& band) {
  if constexpr (kHasBand3x3 && Rule::kFixedShift != 0)
    band_3x3<Rule::kHasSigns, Rule::kFixedShift>(band);
  else
    band_outputs_plain(rule, band);
}

// Up to four channels of one image. Returns the end of their numbers.
template <class Rule>
MOTE_SHARED const uint32_t* depthwise_bands(const Packed<Depthwise3x3Params>& packed_params,
                                            const Rule& rule, const int8_t* input, int32_t channels,
                                            const uint32_t* packed, uint32_t* columns,
                                            int8_t* output) {
  const Depthwise3x3Params& p = packed_params.layer;
  uint32_t widened[4][10];
  for (int32_t i = 0; i < channels; ++i)
    packed = widen_channel(packed, (uint32_t)packed_params.offset, widened[i]);
  Band3x3 band{};
  band.column_step = p.output_column_step;
  band.is_odd = p.output_columns % 2;
  int32_t y = -p.pad_rows;
  for (int32_t left = p.output_rows; left > 0; left -= 2, y += 2) {
    unfold_rows_of_band(p, input, y, channels, columns);
    band.row_step = left > 1 ? p.output_row_step : 0;
    for (int32_t i = 0; i < channels; ++i) {
      band.first = columns + 2 * i;
      band.end = band.first + p.output_columns / 2 * 2 * kBandColumn;
      band.output = output + i;
      band.packed = widened[i];
      band_outputs(rule, band);
    }
    output += 2 * p.output_row_step;
  }
  return packed;
}

template <class Rule>
MOTE_INLINE void depthwise_bands_s8_3x3(const Packed<Depthwise3x3Params>& packed_params,
                                        const int8_t* input, const uint32_t* packed,
                                        uint32_t* columns, int8_t* output) {
  const Depthwise3x3Params& p = packed_params.layer;
  const Rule rule(packed_params);
  fill_band(p, columns);
  for (int32_t b = 0; b < p.batches; ++b) {
    const uint32_t* from = packed;
    for (int32_t c = 0; c < p.channels; c += 4) {
      const int32_t left = p.channels - c;
      from = depthwise_bands(packed_params, rule, input + c, left < 4 ? left : 4, from, columns,
                             output + c);
    }
    input += p.channels * p.input_rows * p.input_columns;
    output += p.channels * p.output_rows * p.output_columns;
  }
}

}  // namespace mote
