// SPDX-License-Identifier: Apache-2.0
// How a sum, 256 times the layer's, becomes an output. In: the sum, and the numbers of its channel,
// which stand behind the channels' weights (ops/nn/packed_layer.h). Out: what OutputS8
// (ops/nn/layer_output.h) makes of the layer's sum.
#pragma once
#include "core/fixed_point.h"
#include "core/simd_dsp.h"

namespace mote {

// A layer's parameters, and what its channels share of an ExactOutput: `shift` where the rule has
// none of its own, `multiplier` and `negative` where channels are alike; in Winograd's form
// `negative` says whether channels have one.
template <class P>
struct Packed {
  P layer;
  int32_t shift;
  int32_t offset = 0;
  int32_t multiplier = 0;
  int32_t negative = 0;
};
template <class P, class Visitor>
void for_each_field(const Packed<P>& p, Visitor& field) {
  for_each_field(p.layer, field);
  field("shift", p.shift);
  field("offset", p.offset);
  field("multiplier", p.multiplier);
  field("negative", p.negative);
}

// Any layer: numbers are multiplier, shift.
struct FoldedOutput {
  int32_t zero_point;
  int32_t min;
  int32_t max;
  static constexpr int32_t kNumbers = 2;
  static constexpr bool kHasSigns = false;
  static constexpr int32_t kFixedShift = 0;

  template <class P>
  MOTE_INLINE explicit FoldedOutput(const Packed<P>& p)
      : zero_point(p.layer.output_zero_point), min(p.layer.output_min), max(p.layer.output_max) {}

  MOTE_INLINE int8_t output(int32_t sum, const int32_t*& numbers) const {
    const int32_t scaled = multiply_by_quantized_multiplier(sum >> 8, numbers[0], numbers[1]);
    numbers += kNumbers;
    return (int8_t)clamp(wrapping_add(scaled, zero_point), min, max);
  }
};

// Shifts that may stand in instructions; exact_requantize.h tries kUsualShift first, so that nearly
// all layers share their loops. Long rows, as of channels that are alike, often allow no larger one
// than 9.
constexpr int32_t kUsualShift = 10, kUsualShiftAlike = 9, kLeastShift = 8, kMostShift = 11;

// Numbers are multiplier and, with kSigns, negative; none where all channels are kAlike. Two
// instructions, or four; where kShift is 0, for any other shift, more.
template <bool kSigns, int32_t kShift, bool kAlike = false>
struct ExactOutput {
  int32_t shift, offset, multiplier, negative;
  static constexpr int32_t kNumbers = kAlike ? 0 : kSigns ? 2 : 1;
  static constexpr bool kHasSigns = kSigns, kIsAlike = kAlike;
  static constexpr int32_t kFixedShift = kShift;

  template <class P>
  MOTE_INLINE explicit ExactOutput(const Packed<P>& p)
      : shift(p.shift), offset(p.offset), multiplier(p.multiplier), negative(p.negative) {}

  MOTE_INLINE int8_t output(int32_t sum, const int32_t*& numbers) const {
    if (kSigns) sum -= (kAlike ? negative : numbers[1]) & (sum >> 31);
    const int32_t scaled = smmla(sum, kAlike ? multiplier : numbers[0], offset);
    numbers += kNumbers;
    return (int8_t)(kShift != 0 ? ssat_8_shifted<kShift>(scaled) : ssat_8(scaled >> shift));
  }
};

// Of four channels the first `left`, or all. No loop: the sums stay in registers.
template <class Rule>
MOTE_INLINE int8_t* four_outputs(const Rule& rule, const int32_t (&sums)[4], int32_t left,
                                 const int32_t*& numbers, int8_t* output) {
  *output++ = rule.output(sums[0], numbers);
  if (left > 1) *output++ = rule.output(sums[1], numbers);
  if (left > 2) *output++ = rule.output(sums[2], numbers);
  if (left > 3) *output++ = rule.output(sums[3], numbers);
  return output;
}

}  // namespace mote
