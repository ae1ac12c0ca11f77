// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 of 3x3 windows, stride 1 or 2, for cores with vectors: four places of a row of the
// output at a time, for channels of the input in whole vectors and of the output in fours. Rows of
// the image are copied to a ring of three, with the input's zero point around, as their time comes.
// The last four places of a row may be computed a second time. Every byte as by conv_2d.h: integer
// sums do not depend on their order. Arguments as there, but packed: of channels 0 and 2, then 1
// and 3 of each four: weights, of each row and vector of a pixel the three taps, of each tap both
// channels; biases, multipliers, the other numbers of the rule (ops/nn/vector_output.h); work
// [row_ring_bytes()].
#pragma once
#include "core/simd_window_rows.h"
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/folded_output.h"
#include "ops/nn/vector_runs.h"

namespace mote {

MOTE_INLINE constexpr int32_t ring_row_bytes(const Conv2dParams& p) {
  return ((p.output_w - 1) * p.stride_w + 3) * p.input_channels;
}
MOTE_INLINE constexpr int32_t row_ring_bytes(const Conv2dParams& p) {
  return 3 * ring_row_bytes(p);
}

// Four places by two channels: in halfwords, as the loop has them.
template <class Rule>
MOTE_INLINE const int32_t* plain_two_channels(const Rule& rule, const Conv2dParams& p,
                                              const int8_t* const (&rows)[3], const int32_t* packed,
                                              int8_t (&outputs)[2][4]) {
  int32_t sums[2][4] = {};
  const int8_t* w = (const int8_t*)packed;
  for (const int8_t* row : rows)
    for (int32_t c = 0; c < p.input_channels; c += kVector)
      for (int32_t tap = 0; tap < 3; ++tap)
        for (int32_t k = 0; k < 2; ++k, w += kVector)
          for (int32_t place = 0; place < 4; ++place)
            for (int32_t i = 0; i < kVector; ++i)
              sums[k][place] += row[(place * p.stride_w + tap) * p.input_channels + c + i] * w[i];
  packed = (const int32_t*)w;
  for (int32_t k = 0; k < 2; ++k) {
    Int32x4 four{}, numbers[Rule::kNumbers];
    for (int32_t i = 0; i < 4; ++i) four[i] = wrapping_add(sums[k][i], packed[k]);
    for (int32_t n = 0; n < Rule::kNumbers; ++n) numbers[n] = all_4(packed[2 + 2 * n + k]);
    const Int32x4 highest = rule.in_highest_byte(four, numbers) >> 24;
    for (int32_t i = 0; i < 4; ++i) outputs[k][i] = (int8_t)highest[i];
  }
  return packed + 2 + 2 * Rule::kNumbers;
}

// As window_rows() of core/simd_window_rows.h.
template <class Rule>
MOTE_SHARED void plain_window_rows(const Rule& rule, const Conv2dParams& p, const WindowRows& all) {
  int8_t* output = all.output;
  for (int32_t four = 0; four < all.fours; ++four, output += all.skipped) {
    const int8_t* const rows[] = {all.rows[0] + four * all.step, all.rows[1] + four * all.step,
                                  all.rows[2] + four * all.step};
    for (const int32_t* packed = all.packed; packed != all.packed_end; output += 4)
      for (int32_t first = 0; first < 2; ++first) {
        int8_t outputs[2][4];
        packed = plain_two_channels(rule, p, rows, packed, outputs);
        for (int32_t k = 0; k < 2; ++k)
          for (int32_t place = 0; place < 4; ++place)
            output[all.places[4 * place + first + 2 * k]] = outputs[k][place];
      }
  }
}

template <class Rule>
MOTE_INLINE void outputs_of_rows(const Rule& rule, const Conv2dParams& p, WindowRows rows) {
  if constexpr (kHasWindowRows) {
    with_steps(
        p.input_channels / kVector, [&](auto steps) __attribute__((always_inline)) {
          const auto run = [&](auto stride) __attribute__((always_inline)) {
            constexpr int32_t back = kColumnsBack<steps.count, stride.count>;
            for (const int8_t*& row : rows.rows) row += back;
            window_rows<steps.count, stride.count, Rule::kIsRounded>(rows);
          };
          if constexpr (16 * steps.count * kColumnsOfFour<2> <= kMostColumnBytes)
            if (p.stride_w == 2) return run(Steps<2>{});
          if constexpr (16 * steps.count * kColumnsOfFour<1> <= kMostColumnBytes) run(Steps<1>{});
        });
  } else {
    plain_window_rows(rule, p, rows);
  }
}

// The row of the ring that a row of the image has; rows above and below the image come, too.
MOTE_INLINE int8_t* row_of_ring(const Conv2dParams& p, int32_t y, int8_t* work) {
  return work + (y + p.pad_top) % 3 * ring_row_bytes(p);
}
MOTE_INLINE void take_row(const Conv2dParams& p, const int8_t* image, int32_t y, int8_t* work) {
  int8_t* to = row_of_ring(p, y, work);
  const int32_t columns = ring_row_bytes(p) / p.input_channels - p.pad_left;
  const int32_t inside = p.input_w < columns ? p.input_w : columns;
  if (is_inside(y, p.input_h))
    copy_bytes(image + y * p.input_w * p.input_channels, inside * p.input_channels,
               to + p.pad_left * p.input_channels);
  else
    fill_vectors(p.input_zero_point, ring_row_bytes(p) / kVector, to);
}

template <class Rule>
MOTE_INLINE void conv_2d_s8_rows_mve(const Packed<Conv2dParams>& m, const int8_t* input,
                                     const uint32_t* packed, int8_t* work, int8_t* output) {
  const Conv2dParams& p = m.layer;
  const Rule rule(p, m.shift);
  WindowRows rows{};
  rows.packed = (const int32_t*)packed;
  rows.packed_end =
      rows.packed + (9 * p.input_channels / 4 + 1 + Rule::kNumbers) * p.output_channels;
  rows.step = 4 * p.stride_w * p.input_channels;
  rows.skipped = 3 * p.output_channels;
  rows.left = rule.left;
  for (int32_t i = 0; i < 16; ++i) rows.places[i] = (uint8_t)(i / 4 * p.output_channels + i % 4);
  fill_vectors(p.input_zero_point, row_ring_bytes(p) / kVector, work);
  for (int32_t b = 0; b < p.batches; ++b, input += p.input_h * p.input_w * p.input_channels) {
    int32_t next = -p.pad_top;
    for (int32_t oy = 0; oy < p.output_h; ++oy, output += p.output_w * p.output_channels) {
      const int32_t y = oy * p.stride_h - p.pad_top;
      for (; next < y + 3; ++next) take_row(p, input, next, work);
      for (int32_t k = 0; k < 3; ++k) rows.rows[k] = row_of_ring(p, y + k, work);
      rows.output = output, rows.fours = p.output_w / 4;
      outputs_of_rows(rule, p, rows);
      if (p.output_w % 4 == 0) continue;
      for (const int8_t*& row : rows.rows) row += (p.output_w - 4) * p.stride_w * p.input_channels;
      rows.output += (p.output_w - 4) * p.output_channels, rows.fours = 1;
      outputs_of_rows(rule, p, rows);
    }
  }
}

}  // namespace mote
