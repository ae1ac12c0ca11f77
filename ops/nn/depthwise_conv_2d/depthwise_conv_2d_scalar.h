// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 for cores without SIMD: windows of 3x3 at stride 1 or 2, as many outputs as
// input channels. A channel at a time is copied to a plane of words with the input's zero point
// around it: in the lower halves the input of the upper rows of outputs, in the upper halves that
// of the lower rows, so that one product serves both (core/simd_lanes.h). Every byte as by
// depthwise_conv_2d.h: integer sums do not depend on their order. Rows and columns may be
// exchanged, whichever makes better rows (depthwise_conv_2d.cc).
//   input, output: images of s8; packed by lane_layer_3x3() (ops/nn/lane_layer.h); plane:
//   lane_plane_bytes(p) of work.
#pragma once
#include "core/simd_lane_rows.h"
#include "ops/nn/depthwise_conv_2d/depthwise_3x3_params.h"
#include "ops/nn/lane_outputs.h"

namespace mote {

// Rows of outputs that lie in the lower halves; the last one may have no other.
MOTE_INLINE constexpr int32_t lower_rows(const Depthwise3x3Params& p) {
  return (p.output_rows + 1) / 2;
}
MOTE_INLINE constexpr int32_t lane_plane_bytes(const Depthwise3x3Params& p) {
  return 4 * plane_pitch(p) * plane_rows(p, p.band);
}

// `count` rows of the plane, the first of which is row `y` of the channel. What stands left and
// right of the channel stays as it is: padding.
MOTE_INLINE void pair_rows(const Depthwise3x3Params& p, const int8_t* channel, int32_t y,
                           int32_t count, uint32_t* plane) {
  const int32_t pitch = plane_pitch(p), room = pitch - p.pad_columns;
  const int32_t columns = p.input_columns < room ? p.input_columns : room;
  const int32_t apart = lower_rows(p) * p.stride;
  const int8_t outside = (int8_t)p.input_zero_point;
  for (plane += p.pad_columns; count > 0; --count, ++y, plane += pitch) {
    const bool has_low = (uint32_t)y < (uint32_t)p.input_rows;
    const bool has_high = (uint32_t)(y + apart) < (uint32_t)p.input_rows;
    const int8_t* low = has_low ? channel + y * p.input_row_step : &outside;
    const int8_t* high = has_high ? channel + (y + apart) * p.input_row_step : &outside;
    const int32_t low_step = has_low ? p.input_column_step : 0;
    const int32_t high_step = has_high ? p.input_column_step : 0;
    uint32_t* const end = plane + columns;
    for (uint32_t* to = plane; to != end; low += low_step, high += high_step)
      *to++ = two_places(*low, *high);
  }
}

template <class Rule>
MOTE_SHARED void lane_row_plain(const Rule& rule, int32_t stride, int32_t run, const LaneRow& row) {
  const uint32_t* rows[3] = {row.rows[0], row.rows[1], row.rows[2]};
  int8_t *low = row.low, *high = row.high;
  for (; rows[0] != row.end; low += row.column_step, high += row.column_step) {
    LaneSums sums = row.first;
    uint32_t word = kLaneHalf;
    for (int32_t i = 0; i < 9; ++i) {
      word += rows[i / 3][i % 3] * row.weights[i];
      if ((i + 1) % run != 0 && i != 8) continue;
      sums.add_run(word);
      word = kLaneHalf;
    }
    *high = rule.output(sums.high, row.numbers);
    *low = rule.output(sums.low_sum(), row.numbers);
    for (const uint32_t*& x : rows) x += stride;
  }
}

template <int kStride, class Rule>
MOTE_INLINE void lane_row(const Rule& rule, int32_t run, const LaneRow& row) {
  if constexpr (kHasLaneRow && Rule::kFixedLowBits != 0) {
    if (run == 9) return lane_row_3x3<kStride, Rule::kHasSigns, Rule::kFixedLowBits, 9>(row);
    if (run == 3) return lane_row_3x3<kStride, Rule::kHasSigns, Rule::kFixedLowBits, 3>(row);
    return lane_row_3x3<kStride, Rule::kHasSigns, Rule::kFixedLowBits, 2>(row);
  } else {
    lane_row_plain(rule, kStride, run, row);
  }
}

// Of one channel the rows of outputs for which `plane` holds the input. Where their number is odd
// the last two are made together with one that is there already.
template <int kStride, class Rule>
MOTE_SHARED void lane_rows(const Rule& rule, const Depthwise3x3Params& p, int32_t run,
                           const uint32_t* plane, LaneRow& row) {
  const int32_t pitch = plane_pitch(p), even = p.output_columns / 2 * 2;
  for (int32_t i = 0; i < 3; ++i) row.rows[i] = plane + i * pitch;
  row.end = plane + even * kStride;
  lane_row<kStride>(rule, run, row);
  if (even == p.output_columns) return;
  const int32_t back = even - 1;
  for (const uint32_t*& x : row.rows) x += back * kStride;
  row.end += kStride;
  int8_t *const low = row.low, *const high = row.high;
  row.low += back * p.output_column_step, row.high += back * p.output_column_step;
  lane_row<kStride>(rule, run, row);
  row.low = low, row.high = high;
}

template <int kStride, class Rule>
MOTE_INLINE void lane_depthwise_3x3(const Depthwise3x3Params& p, const Rule& rule,
                                    const int8_t* input, const uint32_t* packed, uint32_t* plane,
                                    int8_t* output) {
  const int32_t pitch = plane_pitch(p), kept = 3 - kStride, half = lower_rows(p);
  for (int32_t i = 0; i < lane_plane_bytes(p) / 4; ++i)
    plane[i] = two_places(p.input_zero_point, p.input_zero_point);
  LaneRow row{};
  row.column_step = p.output_column_step;
  for (int32_t c = 0; c < p.channels; ++c, packed += 6 + Rule::kNumbers) {
    row.first = {packed[0], (int32_t)packed[1]};
    const int8_t* weights = (const int8_t*)(packed + 3);
    for (int32_t i = 0; i < 9; ++i) row.weights[i] = (uint32_t)weights[i];
    for (int32_t i = 0; i < Rule::kNumbers; ++i) row.numbers[i] = packed[6 + i];
    int32_t y = -p.pad_rows, fresh = 0;
    row.low = output + c;
    for (int32_t done = 0; done < half;) {
      const int32_t rows = half - done < p.band ? half - done : p.band;
      const int32_t needed = plane_rows(p, rows);
      pair_rows(p, input + c, y + fresh, needed - fresh, plane + fresh * pitch);
      for (int32_t i = 0; i < rows; ++i, ++done, row.low += p.output_row_step) {
        row.high = done + half < p.output_rows ? row.low + half * p.output_row_step : row.low;
        lane_rows<kStride>(rule, p, (int32_t)packed[2], plane + i * kStride * pitch, row);
      }
      if (done < half)
        for (int32_t i = 0; i < kept * pitch; ++i) plane[i] = plane[i + (needed - kept) * pitch];
      y += rows * kStride, fresh = kept;
    }
  }
}

MOTE_INLINE void depthwise_conv_2d_3x3_scalar(const Clamped<Depthwise3x3Params>& p,
                                              const int8_t* input, const uint32_t* packed,
                                              uint32_t* plane, int8_t* output) {
  const Depthwise3x3Params& layer = p.layer;
  with_clamped_output(
      p, [&](const auto& rule) __attribute__((always_inline)) {
        for (int32_t b = 0; b < layer.batches; ++b) {
          if (layer.stride == 1)
            lane_depthwise_3x3<1>(layer, rule, input, packed, plane, output);
          else
            lane_depthwise_3x3<2>(layer, rule, input, packed, plane, output);
          input += layer.channels * layer.input_rows * layer.input_columns;
          output += layer.channels * layer.output_rows * layer.output_columns;
        }
      });
}

}  // namespace mote
