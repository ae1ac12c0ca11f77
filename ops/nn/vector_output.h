// SPDX-License-Identifier: Apache-2.0
// How four sums of four channels become outputs, for cores with vectors: in the highest byte of a
// word each. In: the sums, and the numbers of their channels, four multipliers and then four of the
// others, which stand behind the channels' weights (ops/nn/packed_layer.h). Out: what OutputS8
// (ops/nn/layer_output.h) makes of them.
#pragma once
#include "core/simd_mve.h"

namespace mote {

// Of four channels: the others are offsets or shifts.
struct VectorNumbers {
  Int32x4 multipliers;
  Int32x4 others;
};
MOTE_INLINE const int32_t* load_numbers(const int32_t* from, VectorNumbers& numbers) {
  numbers = {load_4(from), load_4(from + 4)};
  return from + 8;
}

// Of four places of one channel.
struct ChannelNumbers {
  Int32x4 multipliers;
  int32_t other;
};

// TFLM's own steps.
struct VectorOutput {
  int32_t zero_point;
  int32_t min;
  int32_t max;

  MOTE_INLINE Int32x4 in_highest_byte(Int32x4 sums, const VectorNumbers& numbers) const {
    const Int32x4 zero = all_4(0), shifts = numbers.others;
    const Int32x4 left = shifts > zero ? shifts : zero, right = shifts < zero ? shifts : zero;
    const Int32x4 high = saturating_rounding_doubling_high_mul_4(
        (Int32x4)((Uint32x4)sums << (Uint32x4)left), numbers.multipliers);
    // Ties away from zero, where anything is shifted out: one less below zero.
    const Int32x4 scaled = rounding_shift_right_4(add_4(high, (high & right) >> 31), right);
    const Int32x4 y = add_4(scaled, all_4(zero_point));
    const Int32x4 least = all_4(min), most = all_4(max), above = y < least ? least : y;
    return (Int32x4)((Uint32x4)(above > most ? most : above) << 24);
  }
  MOTE_INLINE Int32x4 in_highest_byte(Int32x4 sums, const ChannelNumbers& numbers) const {
    return in_highest_byte(sums, VectorNumbers{numbers.multipliers, all_4(numbers.other)});
  }
};

// By numbers that ops/nn/exact_requantize.h has found: clamp((high half + offset) >> shift), the
// clamp by what a shift into the highest byte leaves.
struct ExactVectorOutput {
  int32_t shift;

  MOTE_INLINE Int32x4 in_highest_byte(Int32x4 sums, const VectorNumbers& numbers) const {
    const Int32x4 scaled = multiply_high(sums, numbers.multipliers) + numbers.others;
    return saturating_shift_left_4(scaled, all_4(24 - shift));
  }
  MOTE_INLINE Int32x4 in_highest_byte(Int32x4 sums, const ChannelNumbers& numbers) const {
    const Int32x4 scaled = add_to_all(multiply_high(sums, numbers.multipliers), numbers.other);
    return saturating_shift_all_left(scaled, 24 - shift);
  }
};

// Four outputs from the highest bytes, or the first `left`.
MOTE_INLINE void store_outputs(Int32x4 highest, int32_t left, int8_t* to) {
  const Int32x4 outputs = highest >> 24;
  if (left >= 4) {
    store_bytes_4(outputs, to);
  } else {
    *to++ = (int8_t)outputs[0];
    if (left > 1) *to++ = (int8_t)outputs[1];
    if (left > 2) *to++ = (int8_t)outputs[2];
  }
}

}  // namespace mote
