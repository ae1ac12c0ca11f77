// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 for cores with DSP instructions: windows of 3x3 at stride 1 or 2, as many
// outputs as input channels. A channel at a time is copied to a plane of int16 with the input's
// zero point around it, a few rows at once, where two neighbouring outputs share what they load.
// Every byte as by depthwise_conv_2d.h: integer sums do not depend on their order. Rows and columns
// may be exchanged, whichever makes better rows (depthwise_conv_2d.cc).
//   input, output: images of s8, [batches, ...] of `input_bytes` and `output_bytes`; packed by
//   ops/nn/packed_layer.h, channel by channel; plane: plane_bytes(p) of work.
#pragma once
#include <stdint.h>

#include "core/simd_dsp.h"
#include "core/simd_plane_3x3.h"
#include "ops/nn/depthwise_conv_2d/depthwise_3x3_params.h"
#include "ops/nn/folded_output.h"

namespace mote {

MOTE_INLINE constexpr int32_t plane_bytes(const Depthwise3x3Params& p) {
  return 2 * plane_pitch(p) * plane_rows(p, p.band);
}

// `count` rows of the plane, the first of which is row `y` of the channel. What stands left and
// right of the channel stays as it is: padding.
MOTE_INLINE void copy_to_plane(const Depthwise3x3Params& p, const int8_t* channel, int32_t y,
                               int32_t count, int16_t* plane) {
  const int32_t pitch = plane_pitch(p), room = pitch - p.pad_columns;
  const int32_t columns = p.input_columns < room ? p.input_columns : room;
  for (plane += p.pad_columns; count > 0; --count, ++y, plane += pitch) {
    if ((uint32_t)y < (uint32_t)p.input_rows) {
      const int8_t* from = channel + y * p.input_row_step;
#pragma GCC unroll 4
      for (int32_t x = 0; x < columns; ++x) plane[x] = from[x * p.input_column_step];
    } else if (p.band < p.output_rows) {
      for (int32_t x = 0; x < columns; ++x) plane[x] = (int16_t)p.input_zero_point;
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
      const int32_t* numbers = (const int32_t*)plane.packed + 7;
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

template <int kStride, class Rule>
MOTE_INLINE void depthwise_3x3(const Depthwise3x3Params& p, const Rule& rule, const int8_t* input,
                               const uint32_t* packed, int16_t* plane, int8_t* output) {
  const int32_t pitch = plane_pitch(p), kept = 3 - kStride;
  Plane3x3 rows{};
  rows.column_step = p.output_column_step;
  rows.row_step = p.output_row_step - p.output_columns * p.output_column_step;
  rows.pairs = p.output_columns / 2 * 4 * kStride;
  rows.is_odd = p.output_columns % 2;
  rows.next_row = 2 * kStride * pitch - (p.output_columns + 1) / 2 * 4 * kStride;
  rows.first = plane, rows.second = plane + pitch, rows.third = plane + 2 * pitch;
  rows.packed = packed;
  for (int32_t i = 0; i < plane_bytes(p) / 2; ++i) plane[i] = (int16_t)p.input_zero_point;
  for (int32_t c = 0; c < p.channels; ++c, rows.packed += 7 + Rule::kNumbers) {
    int32_t y = -p.pad_rows, fresh = 0;
    rows.output = output + c;
    for (int32_t left = p.output_rows; left > 0; left -= rows.rows) {
      rows.rows = left < p.band ? left : p.band;
      const int32_t needed = plane_rows(p, rows.rows);
      copy_to_plane(p, input + c, y + fresh, needed - fresh, plane + fresh * pitch);
      plane_outputs<kStride>(rule, rows);
      if (left > rows.rows)
        for (int32_t i = 0; i < kept * pitch; ++i) plane[i] = plane[i + (needed - kept) * pitch];
      y += rows.rows * kStride, fresh = kept;
      rows.output += rows.rows * p.output_row_step;
    }
  }
}

template <class Rule>
MOTE_INLINE void depthwise_conv_2d_s8_3x3(const Packed<Depthwise3x3Params>& packed_params,
                                          const int8_t* input, const uint32_t* packed,
                                          int16_t* plane, int8_t* output) {
  const Depthwise3x3Params& p = packed_params.layer;
  const Rule rule(packed_params);
  for (int32_t b = 0; b < p.batches; ++b) {
    if (p.stride == 1)
      depthwise_3x3<1>(p, rule, input, packed, plane, output);
    else
      depthwise_3x3<2>(p, rule, input, packed, plane, output);
    input += p.channels * p.input_rows * p.input_columns;
    output += p.channels * p.output_rows * p.output_columns;
  }
}

}  // namespace mote
