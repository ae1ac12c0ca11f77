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

#include "core/simd_fold.h"
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

// Four inputs as the words u, z; of kPlaces that are unfolded side by side, one place's words.
template <int kPlaces>
MOTE_INLINE void unfold_four(uint32_t four, uint32_t* unfolded) {
  const uint32_t z = four ^ 0xFF7FFF7Fu;  // ~(x + 128) where it is u's, ~x
  unfolded[0] = uxtb16(~z);
  unfolded[kPlaces] = z;
}

// x [count] of kPlaces, 1 or 4, that lie `step` bytes apart; `count` a multiple of 4.
template <int kPlaces>
MOTE_SHARED void unfold(const int8_t* x, int32_t step, int32_t count, uint32_t* unfolded) {
  static_assert(kPlaces == 1 || kPlaces == 4);
  if (kPlaces == 1) {
    for (; count >= 8; count -= 8, x += 8, unfolded += 4)
      unfold_in_turn(load_word(x), load_word(x + 4), unfolded);
    if (count != 0) unfold_four<kPlaces>(load_word(x), unfolded);
    return;
  }
  const int8_t *second = x + step, *third = second + step, *fourth = third + step;
  for (const int8_t* const end = x + count; x != end; x += 4, unfolded += 2 * kPlaces) {
    unfold_two<0, kPlaces>(load_word(x), load_word(second), unfolded);
    unfold_two<2, kPlaces>(load_word(third), load_word(fourth), unfolded);
    second += 4, third += 4, fourth += 4;
  }
}

// x [count] of one place among the kPlaces that stand side by side.
template <int kPlaces>
MOTE_SHARED void unfold_beside(const int8_t* x, int32_t count, uint32_t* unfolded) {
  for (const int8_t* const end = x + count; x != end; x += 4, unfolded += 2 * kPlaces)
    unfold_four<kPlaces>(load_word(x), unfolded);
}

// Of kPlaces `step` bytes apart the last one, two or three numbers before `end`, filled up with
// anything: it meets weights of 0.
template <int kPlaces>
MOTE_SHARED void unfold_rest(const int8_t* end, int32_t step, int32_t count, uint32_t* unfolded) {
  for (int32_t i = 0; i < kPlaces; ++i, end += step) {
    uint32_t four = (uint8_t)end[-1];
    if (count > 1) four = four << 8 | (uint8_t)end[-2];
    if (count > 2) four = four << 8 | (uint8_t)end[-3];
    unfold_four<kPlaces>(four, unfolded + i);
  }
}

// x of kPlaces, one behind the other, [count] each.
template <int kPlaces>
MOTE_INLINE void unfold_row(const int8_t* x, int32_t count, uint32_t* unfolded) {
  const int32_t whole = count / 4 * 4;
  unfold<kPlaces>(x, count, whole, unfolded);
  if (whole != count)
    unfold_rest<kPlaces>(x + count, count, count - whole, unfolded + kPlaces * whole / 2);
}

// How many channels of a place's outputs are computed together, and of how many numbers its weights
// are a multiple, filled up with 0.
MOTE_INLINE constexpr int32_t channels_together(int32_t places) { return places == 1 ? 4 : 2; }
MOTE_INLINE constexpr int32_t filled_up(int32_t places, int32_t count) {
  const int32_t unit = places == 1 ? 8 : 4;
  return (count + unit - 1) / unit * unit;
}

// Of a loop that is unrolled so many times, what is skipped where it is entered; nothing left: all.
MOTE_INLINE constexpr int32_t skipped_of_loop(int32_t bodies, int32_t times) {
  return bodies == 0 ? times : (times - bodies % times) % times;
}

// A block of places whose windows of `count` numbers are unfolded at `work`.
template <int kPlaces, class P>
MOTE_INLINE FoldBlock fold_block_of(const Packed<P>& p, const uint32_t* work, int32_t count,
                                    const uint32_t* packed) {
  const int32_t filled = filled_up(kPlaces, count);
  FoldBlock block{};
  block.inputs = work;
  block.skipped = kPlaces == 1 ? skipped_of_loop(filled / 8, kFold1x4Times) * kFold1x4Bytes
                               : skipped_of_loop(filled / 4 - 1, kFold4x2Times) * kFold4x2Bytes;
  block.end = work + kPlaces * filled / 2;
  block.offset = p.offset, block.multiplier = p.multiplier, block.negative = p.negative;
  block.packed = packed;
  return block;
}

// The outputs of kPlaces that are unfolded side by side, some channels at a time.
template <int kPlaces, int kChannels, class Rule>
MOTE_SHARED void fold_outputs(const Rule& rule, const FoldBlock& block) {
  if constexpr (kHasFold && Rule::kFixedShift != 0 && kPlaces == 4)
    return fold_4x2<Rule::kHasSigns, Rule::kFixedShift>(block);
  else if constexpr (kHasFold && Rule::kFixedShift != 0 && kChannels == 4)
    return fold_1x4<Rule::kHasSigns, Rule::kFixedShift, Rule::kIsAlike>(block);
  const uint32_t* packed = block.packed;
  for (int32_t first = 0; first < block.channels; first += kChannels) {
    int32_t sums[kChannels][kPlaces];
    for (int32_t(&channel)[kPlaces] : sums) {
      for (int32_t& sum : channel) sum = (int32_t)*packed;
      ++packed;
    }
    const uint32_t* x = block.inputs;
    do {
      for (int32_t(&channel)[kPlaces] : sums) {
        const uint32_t w = *packed++, low = sxtb16(w);
        for (int32_t i = 0; i < kPlaces; ++i)
          channel[i] = smlad(x[kPlaces + i], low, smlad(x[i], w, channel[i]));
      }
      x += 2 * kPlaces;
    } while (x != block.end);
    const int32_t* numbers = (const int32_t*)packed;
    for (int32_t c = 0; c < kChannels; ++c) {
      const int32_t* const own = numbers;
      for (int32_t i = 0; i < kPlaces; ++i) {
        numbers = own;
        const int8_t y = rule.output(sums[c][i], numbers);
        if (first + c < block.channels) block.output[i * block.stride + first + c] = y;
      }
    }
    packed = (const uint32_t*)numbers;
  }
}

}  // namespace mote
