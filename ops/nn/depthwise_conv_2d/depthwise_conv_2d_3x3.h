// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 for cores with DSP instructions: windows of 3x3 at stride 1 or 2, as many
// outputs as input channels. Two channels at a time are copied to planes of int16 with the input's
// zero point around them, a few rows at once, where two neighbouring outputs share what they load.
// Every byte as by depthwise_conv_2d.h: integer sums do not depend on their order. Rows and columns
// may be exchanged, whichever makes better rows (depthwise_conv_2d.cc).
//   input, output: images of s8, [batches, ...] of `input_bytes` and `output_bytes`; packed:
//   channel by channel, see widen_channel(); planes: two_planes_bytes(p) of work.
#pragma once
#include <stdint.h>

#include "core/simd_dsp.h"
#include "core/simd_plane_3x3.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/depthwise_conv_2d/depthwise_3x3_params.h"
#include "ops/nn/folded_output.h"

namespace mote {

// Numbers of one plane; bytes of two, which a layer of one channel does not need.
MOTE_INLINE constexpr int32_t plane_numbers(const Depthwise3x3Params& p) {
  return plane_pitch(p) * plane_rows(p, p.band);
}
MOTE_INLINE constexpr int32_t two_planes_bytes(const Depthwise3x3Params& p) {
  return 2 * (p.channels < 2 ? 1 : 2) * plane_numbers(p);
}

// A channel in flash: its bias; of each row of weights w0..w2 the bytes w2, w0, x, w1; its
// multiplier. The three x are its second number, negative or shift. Widened as Plane3x3 wants it.
MOTE_SHARED const uint32_t* widen_channel(const uint32_t* packed, uint32_t offset,
                                          uint32_t* channel) {
  uint32_t second = 0;
  channel[0] = *packed++;
#pragma GCC unroll 3
  for (int32_t row = 0; row < 3; ++row) {
    const uint32_t word = *packed++, first = word & 0xFF00FF00u;
    channel[1 + 2 * row] = first;
    channel[2 + 2 * row] = first >> 16 | word << 24;
    second = second >> 8 | (word << 8 & 0xFF000000u);
  }
  channel[7] = *packed++;
  channel[8] = offset;
  channel[9] = (uint32_t)((int32_t)second >> 8);
  return packed;
}

// Two pixels of two channels to planes that are `apart` numbers from each other.
MOTE_INLINE void copy_two_pixels(const int8_t* from, int32_t step, int32_t apart, int16_t* to) {
  uint16_t first, second;
  memcpy(&first, from, 2);
  memcpy(&second, from + step, 2);
  const uint32_t bytes = first | (uint32_t)second << 16;
  const uint32_t one = sxtb16(bytes), other = sxtb16_odd(bytes);
  memcpy(to, &one, 4);
  memcpy(to + apart, &other, 4);
}

// A row of them.
MOTE_INLINE void copy_two_rows(const int8_t* from, int32_t step, int32_t columns, int32_t apart,
                               int16_t* to) {
  for (; columns >= 4; columns -= 4, from += 4 * step, to += 4) {
    copy_two_pixels(from, step, apart, to);
    copy_two_pixels(from + 2 * step, step, apart, to + 2);
  }
  if (columns >= 2) {
    copy_two_pixels(from, step, apart, to);
    from += 2 * step, to += 2;
  }
  if (columns % 2 != 0) to[0] = from[0], to[apart] = from[1];
}

// `count` rows of one or two planes, the first of which is row `y` of the channels. What stands
// left and right of the channels stays as it is: padding.
MOTE_SHARED void copy_to_planes(const Depthwise3x3Params& p, const int8_t* channel, int32_t y,
                                int32_t count, int32_t channels, int16_t* plane) {
  const int32_t pitch = plane_pitch(p), room = pitch - p.pad_columns, apart = plane_numbers(p);
  const int32_t columns = p.input_columns < room ? p.input_columns : room;
  const int32_t step = p.input_column_step;
  for (plane += p.pad_columns; count > 0; --count, ++y, plane += pitch) {
    if (is_inside(y, p.input_rows)) {
      const int8_t* from = channel + y * p.input_row_step;
      if (channels == 2)
        copy_two_rows(from, step, columns, apart, plane);
      else
        for (int32_t x = 0; x < columns; ++x) plane[x] = from[x * step];
    } else if (p.band < p.output_rows) {
      for (int32_t c = 0; c < channels; ++c)
        for (int32_t x = 0; x < columns; ++x) plane[c * apart + x] = (int16_t)p.input_zero_point;
    }
  }
}

// The rows of outputs that `plane` says.
template <class Rule>
MOTE_SHARED void plane_outputs_plain(const Rule& rule, int32_t stride, const Plane3x3& plane) {
  const int16_t* rows[3] = {plane.first, plane.second, plane.third};
  const uint32_t* w = plane.packed + 1;
  int8_t* output = plane.output;
  for (int32_t r = 0; r < plane.rows; ++r, output += plane.row_step) {
    const int32_t columns = plane.pairs / (2 * stride) + plane.is_odd;
    for (int32_t x = 0; x < columns; ++x, output += plane.column_step) {
      int32_t sum = (int32_t)plane.packed[0];
      for (int32_t ky = 0; ky < 3; ++ky) {
        const int16_t* in = rows[ky] + x * stride;
        sum = wrapping_add<int32_t>(sum, in[0] * (int16_t)w[2 * ky]);
        sum = wrapping_add<int32_t>(sum, in[1] * (int16_t)(w[2 * ky] >> 16));
        sum = wrapping_add<int32_t>(sum, in[2] * (int16_t)(w[2 * ky + 1] >> 16));
      }
      const int32_t own[2] = {(int32_t)plane.packed[7], (int32_t)plane.packed[9]};
      const int32_t* numbers = own;
      *output = rule.output(sum, numbers);
    }
    const int32_t moved = (columns + 1) / 2 * 4 * stride + plane.next_row;
    for (const int16_t*& row : rows) row += moved / 2;
  }
}

template <int kStride, class Rule>
MOTE_INLINE void plane_outputs(const Rule& rule, const Plane3x3& plane) {
  if constexpr (kHasPlane3x3 && Rule::kFixedShift != 0)
    plane_outputs_3x3<kStride, Rule::kHasSigns, Rule::kFixedShift>(plane);
  else
    plane_outputs_plain(rule, kStride, plane);
}

// So many words, from even places to even places.
MOTE_INLINE void move_words(const int16_t* from, int32_t words, int16_t* to) {
#pragma GCC unroll 4
  for (; words > 0; --words, from += 2, to += 2) memcpy(to, from, 4);
}

// One image.
template <int kStride, class Rule>
MOTE_SHARED void depthwise_3x3(const Packed<Depthwise3x3Params>& packed_params, const Rule& rule,
                               const int8_t* input, const uint32_t* packed, int16_t* planes,
                               int8_t* output) {
  const Depthwise3x3Params& p = packed_params.layer;
  const int32_t pitch = plane_pitch(p), apart = plane_numbers(p), kept = 3 - kStride;
  Plane3x3 rows{};
  rows.column_step = p.output_column_step;
  rows.row_step = p.output_row_step - p.output_columns * p.output_column_step;
  rows.pairs = p.output_columns / 2 * 4 * kStride;
  rows.is_odd = p.output_columns % 2;
  rows.next_row = 2 * kStride * pitch - (p.output_columns + 1) / 2 * 4 * kStride;
  uint32_t widened[2][10];
  for (int32_t i = 0; i < two_planes_bytes(p) / 2; ++i) planes[i] = (int16_t)p.input_zero_point;
  for (int32_t c = 0; c < p.channels; c += 2) {
    const int32_t channels = p.channels - c < 2 ? 1 : 2;
    for (int32_t i = 0; i < channels; ++i)
      packed = widen_channel(packed, (uint32_t)packed_params.offset, widened[i]);
    int32_t y = -p.pad_rows, fresh = 0;
    int8_t* band = output + c;
    for (int32_t left = p.output_rows; left > 0; left -= rows.rows) {
      rows.rows = left < p.band ? left : p.band;
      const int32_t needed = plane_rows(p, rows.rows);
      copy_to_planes(p, input + c, y + fresh, needed - fresh, channels, planes + fresh * pitch);
      for (int32_t i = 0; i < channels; ++i) {
        int16_t* const plane = planes + i * apart;
        rows.first = plane, rows.second = plane + pitch, rows.third = plane + 2 * pitch;
        rows.output = band + i;
        rows.packed = widened[i];
        plane_outputs<kStride>(rule, rows);
        if (left > rows.rows) move_words(plane + (needed - kept) * pitch, kept * pitch / 2, plane);
      }
      y += rows.rows * kStride, fresh = kept;
      band += rows.rows * p.output_row_step;
    }
  }
}

template <class Rule>
MOTE_INLINE void depthwise_conv_2d_s8_3x3(const Packed<Depthwise3x3Params>& packed_params,
                                          const int8_t* input, const uint32_t* packed,
                                          int16_t* planes, int8_t* output) {
  const Depthwise3x3Params& p = packed_params.layer;
  const Rule rule(packed_params);
  for (int32_t b = 0; b < p.batches; ++b) {
    if (p.stride == 1)
      depthwise_3x3<1>(packed_params, rule, input, packed, planes, output);
    else
      depthwise_3x3<2>(packed_params, rule, input, packed, planes, output);
    input += p.channels * p.input_rows * p.input_columns;
    output += p.channels * p.output_rows * p.output_columns;
  }
}

}  // namespace mote
