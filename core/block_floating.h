// SPDX-License-Identifier: Apache-2.0
// Block floating point: one exponent for a block of integers, so that a quiet block keeps as many
// bits as a loud one. In: a block of samples. Out: the block shifted up to the bits asked for, and
// the shift that was made.
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"

namespace mote {

// Bits of the largest magnitude: the smallest b such that -2^b <= x < 2^b for all x; 0 for zeros
// and minus ones.
inline int magnitude_bits_s32(const int32_t* x, int32_t count) {
  uint32_t seen = 0;
  for (int32_t i = 0; i < count; ++i) seen |= static_cast<uint32_t>(x[i] ^ (x[i] >> 31));
  return 32 - leading_zeros_u32(seen);
}
inline int magnitude_bits_s16(const int16_t* x, int32_t count) {
  uint32_t seen = 0;
  for (int32_t i = 0; i < count; ++i) seen |= static_cast<uint32_t>(x[i] ^ (x[i] >> 15));
  return 32 - leading_zeros_u32(seen);
}

// Multiplies the block by 2^shift, shift >= 0 chosen so that its magnitudes use `bits` bits (a
// block with more is left as it is, one of only zeros and minus ones gets the full shift). Returns
// shift: value = x / 2^shift.
inline int normalise_block_s32(int32_t* x, int32_t count, int bits) {
  const int shift = bits - magnitude_bits_s32(x, count);
  if (shift <= 0) return 0;
  for (int32_t i = 0; i < count; ++i)
    x[i] = static_cast<int32_t>(static_cast<uint32_t>(x[i]) << shift);
  return shift;
}

}  // namespace mote
