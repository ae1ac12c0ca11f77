// SPDX-License-Identifier: Apache-2.0
// How four sums become outputs, for cores with vectors: in the highest byte of a word each. In: the
// sums, and the numbers of their channels, four of a kind after four of another, which stand behind
// the channels' weights (ops/nn/packed_layer.h). Out: what OutputS8 (ops/nn/layer_output.h) makes
// of them.
#pragma once
#include "core/simd_mve.h"

namespace mote {

// Any layer: TFLM's own steps. Numbers are multiplier, shift.
struct VectorOutput {
  int32_t zero_point;
  int32_t min;
  int32_t max;
  static constexpr int32_t kNumbers = 2;
  static constexpr bool kIsTiled = false;  // whether core/simd_tiles.h has it

  template <class P>
  MOTE_INLINE VectorOutput(const P& p, int32_t)
      : zero_point(p.output_zero_point), min(p.output_min), max(p.output_max) {}

  MOTE_INLINE Int32x4 in_highest_byte(Int32x4 sums, const Int32x4 (&numbers)[kNumbers]) const {
    const Int32x4 zero = all_4(0), shifts = numbers[1];
    const Int32x4 left = shifts > zero ? shifts : zero, right = shifts < zero ? shifts : zero;
    const Int32x4 high = saturating_rounding_doubling_high_mul_4(
        (Int32x4)((Uint32x4)sums << (Uint32x4)left), numbers[0]);
    // Ties away from zero, where anything is shifted out: one less below zero.
    const Int32x4 scaled = rounding_shift_right_4(add_4(high, (high & right) >> 31), right);
    const Int32x4 y = add_4(scaled, all_4(zero_point));
    const Int32x4 least = all_4(min), most = all_4(max), above = y < least ? least : y;
    return (Int32x4)((Uint32x4)(above > most ? most : above) << 24);
  }
};

// Layers whose shifts all go to the right, and whose activation ends with int8: the same, less than
// half of one and the zero point added before the shift, the clamp by what a shift into the highest
// byte leaves. Numbers are multiplier, addend, 24 - shift. The sum of high half, its sign and the
// addend stays in 32 bits: see rounded_rule() in ops/nn/packed_layer.cc.
struct RoundedVectorOutput {
  int32_t left = 0;
  static constexpr int32_t kNumbers = 3;
  static constexpr bool kIsTiled = true;
  static constexpr bool kIsRounded = true;

  template <class P>
  MOTE_INLINE RoundedVectorOutput(const P&, int32_t) {}

  MOTE_INLINE Int32x4 in_highest_byte(Int32x4 sums, const Int32x4 (&numbers)[kNumbers]) const {
    const Int32x4 high = saturating_rounding_doubling_high_mul_4(sums, numbers[0]);
    return saturating_shift_left_4(add_4(add_4(high, high >> 31), numbers[1]), numbers[2]);
  }
};

// By numbers that ops/nn/exact_requantize.h has found: clamp((high half of the doubled product
// + offset) >> shift), the clamp as above. Numbers are multiplier, offset.
struct ExactVectorOutput {
  int32_t left;  // 24 - shift
  static constexpr int32_t kNumbers = 2;
  static constexpr bool kIsTiled = true;
  static constexpr bool kIsRounded = false;

  template <class P>
  MOTE_INLINE ExactVectorOutput(const P&, int32_t shift) : left(24 - shift) {}

  MOTE_INLINE Int32x4 in_highest_byte(Int32x4 sums, const Int32x4 (&numbers)[kNumbers]) const {
    return saturating_shift_left_4(add_4(doubling_high_mul_4(sums, numbers[0]), numbers[1]),
                                   all_4(left));
  }
};

// By the numbers of which the first kind stands kFirst words behind `numbers`, the next kinds kKind
// behind each other.
template <int32_t kFirst, int32_t kKind, class Rule>
MOTE_INLINE Int32x4 in_highest_bytes(const Rule& rule, Int32x4 sums, const int32_t* numbers) {
  Int32x4 four[Rule::kNumbers];
  four[0] = constants_4<kFirst>(numbers);
  four[1] = constants_4<kFirst + kKind>(numbers);
  if constexpr (Rule::kNumbers > 2) four[2] = constants_4<kFirst + 2 * kKind>(numbers);
  return rule.in_highest_byte(sums, four);
}

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
