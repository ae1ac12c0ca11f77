// SPDX-License-Identifier: Apache-2.0
// Eight output channels of an s8 layer at a time, for vectors of 128 bits (core/simd_128.h). In:
// words of flash, of each group of eight channels: a bias each, from which the zero point's share
// is taken off; of each two taps the weights, a word of two int16 a channel; four numbers of the
// output rule, eight of a kind (ops/nn/eights_layer.h makes them). Out: the bytes of OutputS8
// (ops/nn/layer_output.h): sums modulo 2^32 do not depend on their order, and |sum| < 2^30.
#pragma once
#include "core/simd_128.h"

namespace mote {

constexpr int32_t kEight = 8;
constexpr int32_t kEightNumbers = 4 * kEight;  // words

struct EightSums {
  Int32x4 low, high;
};
MOTE_INLINE EightSums biases_of_eight(const uint32_t* packed) {
  return {load_vector<Int32x4>(packed), load_vector<Int32x4>(packed + 4)};
}

// TFLM's steps, r = -shift in 1 .. 31. Each is (a * b + addend) >> 31 of unsigned numbers: 2^31 is
// added to what may be negative, and what that adds to the result is taken off. `numbers`:
// multiplier; 2^31 and half of 2^r; 2^(31 - r); zero point - 2^(31 - r).
MOTE_INLINE Int32x4 scaled_sums(Int32x4 sums, const uint32_t* numbers) {
  const auto number = [&](int32_t k) __attribute__((always_inline)) {
    return load_vector<Uint32x4>(numbers + k * kEight);
  };
  const Uint32x4 flipped = (Uint32x4)sums ^ 0x80000000u;
  const Uint32x4 high = multiply_high_31(flipped, number(0), 1u << 30) - number(0);
  // Ties away from zero: one less below zero.
  const Uint32x4 rounded = high + (Uint32x4)((Int32x4)high >> 31) + number(1);
  return (Int32x4)(multiply_high_31(rounded, number(2), 0) + number(3));
}

// Eight outputs, or the first `left`. P holds output_min and output_max.
template <class P>
MOTE_INLINE void store_eight_outputs(const P& p, const EightSums& sums, const uint32_t* numbers,
                                     int32_t left, int8_t* output) {
  const Int16x8 halves =
      narrow_to_halves(scaled_sums(sums.low, numbers), scaled_sums(sums.high, numbers + 4));
  const Int16x8 y = clamp_vector(halves, all_halves(p.output_min), all_halves(p.output_max));
  if (left >= kEight) return store_eight(y, output);
  int8_t eight[kEight];
  store_eight(y, eight);
  for (int32_t c = 0; c < left; ++c) output[c] = eight[c];
}

}  // namespace mote
