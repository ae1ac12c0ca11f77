// SPDX-License-Identifier: Apache-2.0
// int8 products two at a time, with one sign extension for four weights: two neighbouring weights
// w0, w1 (|w| <= 127) become the halfword H = 256 w0 - w1, whose low byte is -w1. Of the inputs
// x0, x1 that they meet, u = x0 + 128 and z = -(256 x1 + u) - 1, both halfwords. Then
//   u H + z (-w1) = 256 (u w0 + x1 w1) + w1,
// so a sum of such pairs is 256 times the sum of the products and a constant that depends on the
// weights alone: the host puts it, with the input's zero point, into the bias (packed_layer.cc).
// A word holds the pairs of four neighbouring numbers; 256 times the sum stays below 2^31.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/simd_fold_block.h"
#include "ops/nn/folded_output.h"

namespace mote {

MOTE_INLINE constexpr int32_t in_fours(int32_t count) { return (count + 3) / 4 * 4; }
// Words of `unfolded` for so many inputs.
MOTE_INLINE constexpr int32_t unfolded_words(int32_t count) { return in_fours(count) / 2; }

MOTE_INLINE uint32_t load_word(const int8_t* x) {
  uint32_t word;
  memcpy(&word, x, 4);
  return word;
}

// Four inputs as the words u, z that fold_dot_4 takes; of kPlaces that are unfolded side by side,
// one place's words.
template <int kPlaces>
MOTE_INLINE void unfold_four(uint32_t four, uint32_t* unfolded) {
  const uint32_t t = four ^ 0x00800080u;
  unfolded[0] = uxtb16(t);
  unfolded[kPlaces] = ~t;
}

// x [count] of kPlaces, 1 or 4, that lie `step` bytes apart; `count` a multiple of 4.
template <int kPlaces>
MOTE_SHARED void unfold(const int8_t* x, int32_t step, int32_t count, uint32_t* unfolded) {
  static_assert(kPlaces == 1 || kPlaces == 4);
  const int8_t *second = x + step, *third = second + step, *fourth = third + step;
  for (const int8_t* const end = x + count; x != end; unfolded += 2 * kPlaces) {
    unfold_four<kPlaces>(load_word(x), unfolded);
    x += 4;
    if (kPlaces == 1) continue;
    unfold_four<kPlaces>(load_word(second), unfolded + 1);
    unfold_four<kPlaces>(load_word(third), unfolded + 2);
    unfold_four<kPlaces>(load_word(fourth), unfolded + 3);
    second += 4, third += 4, fourth += 4;
  }
}

// x [count] of one place, filled up to fours with anything: it meets weights of 0.
MOTE_INLINE void unfold_all(const int8_t* x, int32_t count, uint32_t* unfolded) {
  const int32_t whole = count / 4 * 4;
  unfold<1>(x, 0, whole, unfolded);
  if (whole == count) return;
  uint32_t four = 0;
  for (int32_t k = whole; k < count; ++k) four |= (uint32_t)(uint8_t)x[k] << (8 * (k - whole));
  unfold_four<1>(four, unfolded + whole / 2);
}

// One output of each of `channels` from inputs [count] that are unfolded; `packed` as by
// ops/nn/packed_layer.h.
template <class Rule>
MOTE_SHARED int8_t* folded_outputs(const Rule& rule, int32_t count, int32_t channels,
                                   const uint32_t* unfolded, const uint32_t* packed,
                                   int8_t* output) {
  const Rule own = rule;
  const int32_t fours = (count + 3) / 4;
  for (int32_t left = channels; left > 0; left -= 4) {
    const int32_t* bias = (const int32_t*)packed;
    FoldedDot dot{unfolded, packed + 4, {bias[0], bias[1], bias[2], bias[3]}};
    fold_dot_4(dot, fours);
    const int32_t* numbers = (const int32_t*)dot.weights;
    output = four_outputs(own, dot.sums, left, numbers, output);
    packed = (const uint32_t*)numbers;
  }
  return output;
}

// The outputs of kPlaces that are unfolded side by side, two channels at a time.
template <int kPlaces, class Rule>
MOTE_SHARED void fold_outputs(const Rule& rule, const FoldBlock& block) {
  if constexpr (kHasFoldBlock && kPlaces == 4 && Rule::kIsUsual)
    return fold_block_4x2<Rule::kHasSigns, kUsualShift>(block);
  const uint32_t* packed = block.packed;
  int8_t* output = block.output;
  for (int32_t left = block.channels; left > 0; left -= 2, output += 2) {
    int32_t sums[2][kPlaces];
    for (int32_t(&channel)[kPlaces] : sums) {
      for (int32_t& sum : channel) sum = (int32_t)*packed;
      ++packed;
    }
    for (const uint32_t* x = block.inputs; x != block.end; x += 2 * kPlaces)
      for (int32_t(&channel)[kPlaces] : sums) {
        const uint32_t w = *packed++, low = sxtb16(w);
        for (int32_t i = 0; i < kPlaces; ++i)
          channel[i] = smlad(x[kPlaces + i], low, smlad(x[i], w, channel[i]));
      }
    const int32_t* numbers = (const int32_t*)packed;
    for (int32_t c = 0; c < 2; ++c) {
      const int32_t* own = numbers;
      for (int32_t i = 0; i < kPlaces; ++i) {
        numbers = own;
        const int8_t y = rule.output(sums[c][i], numbers);
        if (c < left) output[i * block.stride + c] = y;
      }
    }
    packed = (const uint32_t*)numbers;
  }
}

// A block of places whose windows of `count` numbers are unfolded at `work`.
template <int kPlaces>
MOTE_INLINE FoldBlock fold_block_of(const uint32_t* work, int32_t count, const uint32_t* packed) {
  FoldBlock block{};
  block.inputs = work;
  block.whole = work + kPlaces * (count / 16 * 8);
  block.end = work + kPlaces * unfolded_words(count);
  block.packed = packed;
  return block;
}

}  // namespace mote
