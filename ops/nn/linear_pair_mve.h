// SPDX-License-Identifier: Apache-2.0
// linear_pair_s8 for cores with vectors: the same form, four numbers at a time.
#pragma once
#include "core/simd_mve.h"
#include "ops/nn/linear_pair.h"

namespace mote {

// Arguments as of linear_pair_s8.
MOTE_INLINE void linear_pair_s8_mve(const LinearPairParams& p, const int8_t* a, const int8_t* b,
                                    int8_t* y) {
  const WeightedSum sum{p.a_multiplier, p.b_multiplier, p.offset, p.shift};
  weighted_sums(sum, p.count, a, b, y);
}

}  // namespace mote
