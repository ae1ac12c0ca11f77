// SPDX-License-Identifier: Apache-2.0
// How a sum, 256 times the layer's, becomes an output. In: the sum, and the numbers of its channel,
// which stand behind the channels' weights (ops/nn/packed_layer.h). Out: what OutputS8
// (ops/nn/layer_output.h) makes of the layer's sum.
#pragma once
#include "core/fixed_point.h"
#include "core/simd_dsp.h"

namespace mote {

// A layer's parameters, and how ops/nn/exact_requantize.h found its numbers.
template <class P>
struct Exact {
  P layer;
  int32_t shift;
  bool signs;  // whether channels have a `negative`
};
template <class P, class Visitor>
void for_each_field(const Exact<P>& p, Visitor& field) {
  for_each_field(p.layer, field);
  field("shift", p.shift);
  field("signs", p.signs);
}

// Any layer: numbers are multiplier, shift.
struct FoldedOutput {
  int32_t zero_point;
  int32_t min;
  int32_t max;
  static constexpr bool kIsUsual = false;

  MOTE_INLINE int8_t output(int32_t sum, const int32_t*& numbers) const {
    const int32_t scaled = multiply_by_quantized_multiplier(sum >> 8, numbers[0], numbers[1]);
    numbers += 2;
    return (int8_t)clamp(wrapping_add(scaled, zero_point), min, max);
  }
};

// The shift that exact_requantize.h tries first: one for all layers lets it stand in instructions.
constexpr int32_t kUsualShift = 10;

// Numbers are multiplier, offset, and with kSigns negative: two instructions, or four; with another
// shift than the usual one more.
template <bool kSigns, bool kUsual>
struct ExactOutput {
  int32_t shift;
  static constexpr bool kIsUsual = kUsual, kHasSigns = kSigns;

  MOTE_INLINE int8_t output(int32_t sum, const int32_t*& numbers) const {
    if (kSigns) sum -= numbers[2] & (sum >> 31);
    const int32_t scaled = smmla(sum, numbers[0], numbers[1]);
    numbers += kSigns ? 3 : 2;
    return (int8_t)(kUsual ? ssat_8_shifted<kUsualShift>(scaled) : ssat_8(scaled >> shift));
  }
};

// use(rule) with the rule that `p` says.
template <class P, class Use>
MOTE_INLINE void with_exact_output(const Exact<P>& p, const Use& use) {
  if (p.shift != kUsualShift && p.signs)
    use(ExactOutput<true, false>{p.shift});
  else if (p.shift != kUsualShift)
    use(ExactOutput<false, false>{p.shift});
  else if (p.signs)
    use(ExactOutput<true, true>{p.shift});
  else
    use(ExactOutput<false, true>{p.shift});
}

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
