// SPDX-License-Identifier: Apache-2.0
// conv_2d_s8 for vectors of 128 bits, one group: four places of the output at a time, whose windows
// are widened to int16 once, meet eight channels at a time (ops/nn/eight_channels.h). Every byte as
// by conv_2d.h: what lies outside x is its zero point. Arguments as there, but `packed` by
// eights_layer(); work: conv_2d_simd128_bytes().
#pragma once
#include "ops/nn/conv_2d/conv_place.h"
#include "ops/nn/eight_channels.h"
#include "ops/nn/gather_window.h"

namespace mote {

constexpr int32_t kPlacesTogether = 4;

MOTE_INLINE int32_t taps_of(const Conv2dParams& p) {
  return p.kernel_h * p.kernel_w * p.input_channels;
}
MOTE_INLINE int32_t pairs_of(int32_t taps) { return (taps + 1) / 2; }

MOTE_INLINE int32_t widened_windows(const Conv2dParams& p) {
  return p.batches * p.output_h * p.output_w >= kPlacesTogether ? kPlacesTogether : 1;
}
MOTE_INLINE bool is_gathered(const Conv2dParams& p) {
  return !is_one_row(p) && (p.dilation_w != 1 || !has_no_border(p));
}
// Of the widened windows, and of one that is gathered first.
MOTE_INLINE int32_t conv_2d_simd128_bytes(const Conv2dParams& p) {
  return widened_windows(p) * 4 * pairs_of(taps_of(p)) + (is_gathered(p) ? taps_of(p) : 0);
}

MOTE_INLINE int16_t* widen_run(const int8_t* from, int32_t count, int16_t* to) {
  for (; count >= 8; count -= 8, from += 8, to += 8) {
    const Int16x8 wide = widen_lower(load_eight(from));
    memcpy(to, &wide, sizeof(wide));
  }
  for (; count > 0; --count) *to++ = *from++;
  return to;
}

// The window of a place. `window`: taps bytes.
MOTE_INLINE void widen_window(const Conv2dParams& p, const ConvPlace& place, int8_t* window,
                              int16_t* to) {
  const int32_t taps = taps_of(p), run = p.kernel_w * p.input_channels;
  if (taps % 2 != 0) to[taps] = 0;
  if (is_one_row(p)) {
    widen_run(place.first(p), taps, to);
  } else if (p.dilation_w == 1 && are_inside(p, place, 1)) {
    const int8_t* from = place.first(p);
    for (int32_t ky = 0; ky < p.kernel_h; ++ky, from += p.dilation_h * p.input_w * p.input_channels)
      to = widen_run(from, run, to);
  } else {
    gather_window(p, place.image, place.y(p), place.x(p), window);
    widen_run(window, taps, to);
  }
}

// Of kPlaces windows, one after the other, all outputs.
template <int kPlaces>
MOTE_INLINE void outputs_of_windows(const Conv2dParams& p, const int16_t* windows,
                                    const uint32_t* packed, int8_t* output) {
  const int32_t pairs = pairs_of(taps_of(p));
  for (int32_t left = p.output_channels; left > 0; left -= kEight, output += kEight) {
    EightSums sums[kPlaces];
    const EightSums biases = biases_of_eight(packed);
#pragma GCC unroll 4
    for (int32_t i = 0; i < kPlaces; ++i) sums[i] = biases;
    packed += kEight;
    for (int32_t k = 0; k < pairs; ++k, packed += kEight) {
      const auto low = load_vector<Int16x8>(packed), high = load_vector<Int16x8>(packed + 4);
#pragma GCC unroll 4
      for (int32_t i = 0; i < kPlaces; ++i) {
        const Int16x8 x = all_pairs(windows + 2 * (i * pairs + k));
        sums[i] = {add_dot_pairs(sums[i].low, x, low), add_dot_pairs(sums[i].high, x, high)};
      }
    }
#pragma GCC unroll 4
    for (int32_t i = 0; i < kPlaces; ++i)
      store_eight_outputs(p, sums[i], packed, left, output + i * p.output_channels);
    packed += kEightNumbers;
  }
}

MOTE_INLINE void conv_2d_s8_simd128(const Conv2dParams& p, const int8_t* input,
                                    const uint32_t* packed, int16_t* work, int8_t* output) {
  const int32_t wide = 2 * pairs_of(taps_of(p));
  int8_t* const window = (int8_t*)(work + widened_windows(p) * wide);
  ConvPlace place{input, 0, 0};
  int32_t left = p.batches * p.output_h * p.output_w;
  for (; left >= kPlacesTogether; left -= kPlacesTogether) {
    for (int32_t i = 0; i < kPlacesTogether; ++i, place.move(p, 1))
      widen_window(p, place, window, work + i * wide);
    outputs_of_windows<kPlacesTogether>(p, work, packed, output);
    output += kPlacesTogether * p.output_channels;
  }
  for (; left > 0; --left, place.move(p, 1), output += p.output_channels) {
    widen_window(p, place, window, work);
    outputs_of_windows<1>(p, work, packed, output);
  }
}

}  // namespace mote
