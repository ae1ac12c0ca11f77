// SPDX-License-Identifier: Apache-2.0
// How a sum becomes an output where a 64-bit product is dear (Cortex-M0+ multiplies 32 bits to 32).
// In: the sum, and the numbers of its channel. Out: what OutputS8 (ops/nn/layer_output.h) makes of
// the layer's sum.
#pragma once
#include "core/fixed_point.h"
#include "core/simd_lanes.h"

namespace mote {

// A layer's parameters, and how ops/nn/clamped_requantize.h found its numbers.
template <class P>
struct Clamped {
  P layer;
  int32_t low_bits;
  bool signs;
};
template <class P, class Visitor>
void for_each_field(const Clamped<P>& p, Visitor& field) {
  for_each_field(p.layer, field);
  field("low_bits", p.low_bits);
  field("signs", p.signs);
}

// a = the sum, which the bias makes 0 at the first sum whose output must be computed, `span` at the
// last. Others give the ends of the activation; these
//   y = the top byte of floor(a * multiplier / 2^low_bits) + offset, modulo 2^32:
// the product in two, whose lower half fits as span * 2^low_bits <= 2^32. With kSigns sums below
// zero, a < zero, get `negative` more. kLowBits: they stand
// in instructions, and the ends are those of int8; 0: any.
template <bool kSigns, int32_t kLowBits>
struct ClampedOutput {
  int32_t low_bits;
  int32_t min;
  int32_t max;
  static constexpr bool kHasSigns = kSigns;
  static constexpr int32_t kFixedLowBits = kLowBits;
  static constexpr int32_t kNumbers = kSigns ? 6 : 4;

  MOTE_INLINE int8_t output(int32_t sum, const uint32_t* n) const {
    const uint32_t a = (uint32_t)sum, high = n[0], low = n[1], span = n[2], offset = n[3];
    if (a > span) return (int8_t)(sum < 0 ? min : max);
    uint32_t scaled = a * high + (a * low >> (kLowBits != 0 ? kLowBits : low_bits)) + offset;
    if (kSigns && a < n[4]) scaled += n[5];
    return (int8_t)(scaled >> 24);
  }
};

// Any layer: numbers are multiplier, shift.
struct PlainOutput {
  int32_t zero_point;
  int32_t min;
  int32_t max;
  static constexpr int32_t kNumbers = 2, kFixedLowBits = 0;

  MOTE_INLINE int8_t output(int32_t sum, const uint32_t* n) const {
    const int32_t scaled = multiply_by_quantized_multiplier(sum, (int32_t)n[0], (int32_t)n[1]);
    return (int8_t)clamp(wrapping_add(scaled, zero_point), min, max);
  }
};

// use(rule) with the rule that `p` says.
template <bool kSigns, class P, class Use>
MOTE_INLINE void with_signs(const Clamped<P>& p, const Use& use) {
  static_assert(kMostLowBits == 14 && kLeastLowBits == 13);
  const int32_t min = p.layer.output_min, max = p.layer.output_max;
  const bool whole = min == -128 && max == 127;
  if (whole && p.low_bits == 14)
    use(ClampedOutput<kSigns, 14>{14, min, max});
  else if (whole && p.low_bits == 13)
    use(ClampedOutput<kSigns, 13>{13, min, max});
  else
    use(ClampedOutput<kSigns, 0>{p.low_bits, min, max});
}
template <class P, class Use>
MOTE_INLINE void with_clamped_output(const Clamped<P>& p, const Use& use) {
  if (p.signs)
    with_signs<true>(p, use);
  else
    with_signs<false>(p, use);
}

}  // namespace mote
