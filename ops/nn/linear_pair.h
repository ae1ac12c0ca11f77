// SPDX-License-Identifier: Apache-2.0
// Element-wise sums and differences of quantised numbers as one linear form, where the host has
// shown that it gives what the portable kernel does for all 65,536 pairs (linear_pair_layer.h).
#pragma once
#include <stdint.h>

#include "core/simd_dsp.h"

namespace mote {

struct LinearPairParams {
  int32_t count;
  int32_t a_multiplier;
  int32_t b_multiplier;
  int32_t offset;
  int32_t shift;
};
template <class Visitor>
void for_each_field(const LinearPairParams& p, Visitor& field) {
  field("count", p.count);
  field("a_multiplier", p.a_multiplier);
  field("b_multiplier", p.b_multiplier);
  field("offset", p.offset);
  field("shift", p.shift);
}

// y = clamp((a * a_multiplier + b * b_multiplier + offset) >> shift, -128, 127); no sum leaves 32
// bits, whichever comes first. y may be a or b.
MOTE_INLINE void linear_pair_s8(const LinearPairParams& p, const int8_t* a, const int8_t* b,
                                int8_t* y) {
#pragma GCC unroll 4
  for (int32_t i = 0; i < p.count; ++i) {
    const int32_t sum = a[i] * p.a_multiplier + p.offset + b[i] * p.b_multiplier;
    y[i] = (int8_t)ssat_8(sum >> p.shift);
  }
}

}  // namespace mote
