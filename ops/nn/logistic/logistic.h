// SPDX-License-Identifier: Apache-2.0
// logistic: y[i] = 1 / (1 + e^-x[i]). f32 by core/float_math.h; s8 by a table (ops/nn/lookup.h),
// output scale 1/256, zero point -128.
#pragma once
#include <stdint.h>

#include "core/float_math.h"
#include "ops/nn/lookup.h"

namespace mote {

// x, y [count]; y may be x.
MOTE_INLINE void logistic_each_f32(const LookupParams& p, const float* x, float* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = logistic_f32(x[i]);
}

}  // namespace mote
