// SPDX-License-Identifier: Apache-2.0
// depthwise_conv_2d_s8 for cores without SIMD. First windows of 3x3 at stride 1 or 2, as many
// outputs as input channels. A channel at a time is copied to a plane of words with the input's
// zero point around it: in the lower halves the input of the upper rows of outputs, in the upper
// halves that of the lower rows, so that one product serves both (core/simd_lanes.h). Every byte as
// by depthwise_conv_2d.h: integer sums do not depend on their order. Rows and columns may be
// exchanged, whichever makes better rows (depthwise_conv_2d.cc).
//   input, output: images of s8; packed by lane_layer_3x3() (ops/nn/lane_layer.h); plane:
//   lane_plane_bytes(p) of work.
#pragma once
#include "core/simd_lane_rows.h"
#include "ops/nn/conv_2d_params.h"
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

// `count` numbers of the channel's row `low` and of that which lies `apart` bytes behind it.
MOTE_SHARED void pair_row(const int8_t* low, int32_t apart, int32_t step, int32_t count,
                          uint32_t* plane) {
  low += count * step;
  const int8_t* const high = low + apart;
  for (int32_t x = -count * step; x != 0; x += step) *plane++ = two_places(low[x], high[x]);
}

// The same where one row or both are outside, and null.
MOTE_SHARED void pair_border(const Depthwise3x3Params& p, const int8_t* low, const int8_t* high,
                             uint32_t* plane, int32_t count) {
  const int32_t outside = p.input_zero_point;
  for (; count > 0; --count) {
    *plane++ = two_places(low ? *low : outside, high ? *high : outside);
    if (low) low += p.input_column_step;
    if (high) high += p.input_column_step;
  }
}

// `count` rows of the plane, the first of which is row `y` of the channel. What stands left and
// right of the channel stays as it is: padding.
MOTE_INLINE void pair_rows(const Depthwise3x3Params& p, const int8_t* channel, int32_t y,
                           int32_t count, uint32_t* plane) {
  const int32_t pitch = plane_pitch(p), room = pitch - p.pad_columns;
  const int32_t columns = p.input_columns < room ? p.input_columns : room;
  const int32_t apart = lower_rows(p) * p.stride;
  for (plane += p.pad_columns; count > 0; --count, ++y, plane += pitch) {
    const bool has_low = (uint32_t)y < (uint32_t)p.input_rows;
    const bool has_high = (uint32_t)(y + apart) < (uint32_t)p.input_rows;
    const int8_t *low = channel + y * p.input_row_step, *high = low + apart * p.input_row_step;
    if (has_low && has_high)
      pair_row(low, apart * p.input_row_step, p.input_column_step, columns, plane);
    else
      pair_border(p, has_low ? low : nullptr, has_high ? high : nullptr, plane, columns);
  }
}

// Bytes of a row of the plane that two outputs meet.
MOTE_INLINE constexpr int32_t lane_row_bytes(int32_t stride) { return 4 * (3 + stride); }

template <class Rule>
MOTE_SHARED void lane_plane_plain(const Rule& rule, int32_t stride, bool twos,
                                  const LanePlane& rows) {
  const int32_t pitch = (rows.next_row + lane_row_bytes(stride)) / 4;
  const int32_t columns = (rows.even_bytes + rows.odd_bytes) / (4 * stride);
  for (int32_t y = 0; y < rows.rows; ++y) {
    const uint32_t* first = rows.plane + y * rows.plane_step / 4;
    int8_t *low = rows.low + y * rows.row_step, *high = rows.high + y * rows.row_step;
    for (int32_t x = 0; x < columns; ++x, first += stride) {
      LaneSums sums = rows.first;
      uint32_t word = kLaneHalf;
      for (int32_t i = 0; i < 9; ++i) {
        word += first[i / 3 * pitch + i % 3] * rows.weights[i];
        const bool goes_on = i % 3 == 2 ? i < 8 && rows.left_out[i / 3] != 0 : i % 3 == 0 || !twos;
        if (goes_on) continue;
        sums.add_run(word);
        word = kLaneHalf;
      }
      *high = rule.output(sums.high, rows.numbers);
      *low = rule.output(sums.low_sum(), rows.numbers);
      high += rows.column_step, low += rows.column_step;
    }
  }
}

template <int kStride, bool kTwos, class Rule>
MOTE_INLINE void lane_rows(const Rule& rule, const LanePlane& rows) {
  if constexpr (kHasLanePlane && Rule::kFixedLowBits != 0)
    lane_plane_3x3<kStride, kTwos, Rule::kHasSigns, Rule::kFixedLowBits>(rows);
  else
    lane_plane_plain(rule, kStride, kTwos, rows);
}
template <int kStride, class Rule>
MOTE_SHARED void lane_rows(const Rule& rule, bool twos, const LanePlane& rows) {
  if (rows.rows == 0) return;
  if (twos)
    lane_rows<kStride, true>(rule, rows);
  else
    lane_rows<kStride, false>(rule, rows);
}

// A channel's weights, sums and numbers. Returns whether its runs are of two weights at most.
template <class Rule>
MOTE_SHARED bool take_channel(const Rule&, const uint32_t* packed, LanePlane& rows) {
  rows.first = {packed[0], (int32_t)packed[1]};
  rows.left_out[0] = (packed[2] & kRunGoesOn) != 0 ? kLaneSplitBytes : 0;
  rows.left_out[1] = (packed[2] & kRunGoesOn << 1) != 0 ? kLaneSplitBytes : 0;
  const int8_t* weights = (const int8_t*)(packed + 3);
  for (int32_t i = 0; i < 9; ++i) rows.weights[i] = (uint32_t)weights[i];
  for (int32_t i = 0; i < Rule::kNumbers; ++i) rows.numbers[i] = packed[6 + i];
  return (packed[2] & kRunsOfTwo) != 0;
}

template <int kStride, class Rule>
MOTE_INLINE void lane_depthwise_3x3(const Depthwise3x3Params& p, const Rule& rule,
                                    const int8_t* input, const uint32_t* packed, uint32_t* plane,
                                    int8_t* output) {
  const int32_t pitch = plane_pitch(p), kept = 3 - kStride, half = lower_rows(p);
  const int32_t odd = p.output_columns % 2;
  for (int32_t i = 0; i < lane_plane_bytes(p) / 4; ++i)
    plane[i] = two_places(p.input_zero_point, p.input_zero_point);
  LanePlane rows{};
  rows.next_row = 4 * pitch - lane_row_bytes(kStride);
  rows.next_pair = 8 * kStride - 8 * pitch - lane_row_bytes(kStride);
  rows.even_bytes = 4 * kStride * (p.output_columns - odd);
  rows.odd_bytes = 4 * kStride * odd;
  rows.column_step = p.output_column_step, rows.row_step = p.output_row_step;
  rows.plane_step = 4 * kStride * pitch;
  for (int32_t c = 0; c < p.channels; ++c, packed += 6 + Rule::kNumbers) {
    const bool twos = take_channel(rule, packed, rows);
    int32_t y = -p.pad_rows, fresh = 0;
    for (int32_t done = 0; done < half;) {
      const int32_t count = half - done < p.band ? half - done : p.band;
      const int32_t needed = plane_rows(p, count), both = p.output_rows - half - done;
      pair_rows(p, input + c, y + fresh, needed - fresh, plane + fresh * pitch);
      rows.plane = plane;
      rows.low = output + c + done * p.output_row_step;
      rows.high = rows.low + half * p.output_row_step;
      rows.rows = both < count ? both : count;
      lane_rows<kStride>(rule, twos, rows);
      rows.plane += rows.rows * kStride * pitch;
      rows.low += rows.rows * p.output_row_step;
      rows.high = rows.low;
      rows.rows = count - rows.rows;
      lane_rows<kStride>(rule, twos, rows);
      done += count;
      if (done < half)
        for (int32_t i = 0; i < kept * pitch; ++i) plane[i] = plane[i + (needed - kept) * pitch];
      y += count * kStride, fresh = kept;
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

// One place whose window is the image: of tap t the numbers t channels + c of `input` and of the
// weights, with which `packed` by lane_layer_by_taps() begins.
template <class Rule>
MOTE_INLINE void lone_depthwise(const Conv2dParams& p, const Rule& rule, const int8_t* input,
                                const uint32_t* packed, int8_t* output) {
  const int32_t channels = p.input_channels, numbers = p.kernel_h * p.kernel_w * channels;
  const int8_t* weights = (const int8_t*)packed;
  packed += (numbers + 3) / 4;
  for (int32_t c = 0; c < channels; ++c, packed += 1 + Rule::kNumbers) {
    int32_t sum = (int32_t)*packed;
#pragma GCC unroll 4
    for (int32_t at = c; at < numbers; at += channels) sum += input[at] * weights[at];
    *output++ = rule.output(sum, packed + 1);
  }
}

MOTE_INLINE void depthwise_conv_2d_lone_scalar(const Clamped<Conv2dParams>& p, const int8_t* input,
                                               const uint32_t* packed, int8_t* output) {
  with_clamped_output(
      p, [&](const auto& rule) __attribute__((always_inline)) {
        lone_depthwise(p.layer, rule, input, packed, output);
      });
}

}  // namespace mote
