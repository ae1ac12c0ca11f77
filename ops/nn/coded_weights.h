// SPDX-License-Identifier: Apache-2.0
// int8 weights in a prefix code: each of the 256 values has a code of its own of at most
// kLongestCode bits, frequent ones a short one, so that a layer's weights take about their entropy.
// In: `codes`, one behind the other from the lowest bit of the first byte on; `table`, of each
// `longest` bits that may come next the value (low byte) and its code's length (high byte). Out:
// the weights as ops/nn/byte_fold.h wants them.
#pragma once
#include "ops/nn/byte_fold.h"

namespace mote {

constexpr int32_t kLongestCode = 12;

struct WeightReader {
  const uint8_t* codes;
  const uint16_t* table;
  uint32_t mask;      // of `longest` bits
  uint32_t position;  // in bits

  // A pair as halfword: 256 w0 - w1. One load has 25 bits, enough for two codes.
  MOTE_INLINE uint32_t pair() {
    uint32_t bits;
    memcpy(&bits, codes + (position >> 3), 4);
    bits >>= position & 7;
    const uint32_t first = table[bits & mask];
    bits >>= first >> 8;
    const uint32_t second = table[bits & mask];
    position += (first >> 8) + (second >> 8);
    return (uint32_t)((int8_t)first * 256 - (int8_t)second) & 0xFFFFu;
  }
};

// The next `count` words of folded weights.
MOTE_SHARED uint32_t* decode_weights(WeightReader& weights, int32_t count, uint32_t* words) {
  WeightReader reader = weights;
  for (; count > 0; --count) {
    const uint32_t low = reader.pair();
    *words++ = low | reader.pair() << 16;
  }
  weights.position = reader.position;
  return words;
}

}  // namespace mote
