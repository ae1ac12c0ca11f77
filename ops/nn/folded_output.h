// SPDX-License-Identifier: Apache-2.0
// How a sum of ops/nn/byte_fold.h, 256 times the layer's, becomes an output. In: the sum and its
// channel. Out: what OutputS8 (ops/nn/layer_output.h) makes of the layer's sum.
#pragma once
#include "core/simd_dsp.h"
#include "ops/nn/layer_output.h"

namespace mote {

// A layer's parameters with those of ExactOutput.
template <class P>
struct Exact {
  P layer;
  int32_t shift;
};
template <class P, class Visitor>
void for_each_field(const Exact<P>& p, Visitor& field) {
  for_each_field(p.layer, field);
  field("shift", p.shift);
}

// Any layer. P as for OutputS8.
template <class P>
struct FoldedOutput {
  OutputS8<P> rule;

  MOTE_INLINE int8_t output(int32_t sum, int32_t channel) const {
    return rule.output(sum >> 8, channel);
  }
};

// With numbers that ops/nn/exact_requantize.h found: three instructions, or five.
struct ExactOutput {
  int32_t shift;
  const int32_t* multipliers;
  const int32_t* offsets;
  const int32_t* negatives;  // null: 0 for all

  MOTE_INLINE int8_t output(int32_t sum, int32_t channel) const {
    if (negatives) sum -= negatives[channel] & (sum >> 31);
    const int32_t scaled = smmla(sum, multipliers[channel], offsets[channel]);
    return (int8_t)clamp<int32_t>(scaled >> shift, -128, 127);
  }
};

}  // namespace mote
