// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 for cores without SIMD, one group: four places of the output at a time, whose windows
// are gathered once as words of two places (core/simd_lanes.h) and meet all channels. Every byte as
// by conv_2d.h: integer sums do not depend on their order, and what lies outside x is its zero
// point. Arguments as there, but `packed` by lane_layer_by_places() (ops/nn/lane_layer.h); work:
// conv_2d_lane_bytes(taps).
#pragma once
#include "ops/nn/conv_2d/conv_place.h"
#include "ops/nn/gather_window.h"
#include "ops/nn/lane_outputs.h"

namespace mote {

// Of the windows as words, and of the windows where they must be gathered first.
MOTE_INLINE constexpr int32_t conv_2d_lane_bytes(int32_t taps) { return (8 + kLanePlaces) * taps; }

// Four windows from `place` on, of which `count` exist; the last one stands for those that do not.
MOTE_INLINE void pair_windows(const Conv2dParams& p, const ConvPlace& place, int32_t count,
                              int8_t* windows, uint32_t* words) {
  const int32_t run = p.kernel_w * p.input_channels;
  const int8_t* from[kLanePlaces];
  if (p.dilation_w == 1 && count == kLanePlaces &&
      (is_one_row(p) || are_inside(p, place, kLanePlaces))) {
    const int32_t step = p.stride_w * p.input_channels;
    from[0] = place.first(p);
    for (int32_t i = 1; i < kLanePlaces; ++i) from[i] = from[i - 1] + step;
    for (int32_t ky = 0; ky < p.kernel_h; ++ky) {
      words = pair_places(from, run, words);
      for (const int8_t*& row : from) row += p.dilation_h * p.input_w * p.input_channels;
    }
  } else {
    ConvPlace one = place;
    for (int32_t i = 0; i < kLanePlaces; ++i) {
      from[i] = windows;
      gather_window(p, one.image, one.y(p), one.x(p), windows);
      if (i + 1 >= count) continue;
      one.move(p, 1);
      windows += p.kernel_h * run;
    }
    pair_places(from, p.kernel_h * run, words);
  }
}

template <class Rule>
MOTE_INLINE void lane_conv_2d(const Conv2dParams& p, const Rule& rule, const int8_t* input,
                              const uint32_t* packed, uint32_t* work, int8_t* output) {
  const int32_t taps = p.kernel_h * p.kernel_w * p.input_channels;
  int8_t* const windows = (int8_t*)(work + 2 * taps);
  ConvPlace place{input, 0, 0};
  LaneBlock block{work, work + 2 * taps, packed, output, nullptr, {}};
  for (int32_t left = p.batches * p.output_h * p.output_w; left > 0; left -= kLanePlaces) {
    const int32_t count = left < kLanePlaces ? left : kLanePlaces;
    pair_windows(p, place, count, windows, work);
    block.outputs_end = block.outputs + p.output_channels;
    for (int32_t i = 1; i < kLanePlaces; ++i)
      block.steps[i - 1] = (i < count ? i : count - 1) * p.output_channels;
    lane_outputs(rule, block);
    block.outputs += kLanePlaces * p.output_channels;
    if (left > kLanePlaces) place.move(p, kLanePlaces);
  }
}

MOTE_INLINE void conv_2d_s8_scalar(const Conv2dParams& p, const int8_t* input,
                                   const uint32_t* packed, uint32_t* work, int8_t* output) {
  const PlainOutput rule{p.output_zero_point, p.output_min, p.output_max};
  lane_conv_2d(p, rule, input, packed, work, output);
}

MOTE_INLINE void conv_2d_s8_scalar_clamped(const Clamped<Conv2dParams>& p, const int8_t* input,
                                           const uint32_t* packed, uint32_t* work, int8_t* output) {
  with_clamped_output(
      p, [&](const auto& rule) __attribute__((always_inline)) {
        lane_conv_2d(p.layer, rule, input, packed, work, output);
      });
}

}  // namespace mote
