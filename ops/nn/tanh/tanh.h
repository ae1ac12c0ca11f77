// SPDX-License-Identifier: Apache-2.0
// tanh: y[i] = tanh x[i]. f32 by core/float_math.h; s8 by a table (ops/nn/lookup.h), output scale
// 1/128, zero point 0.
#pragma once
#include <stdint.h>

#include "core/float_math.h"
#include "ops/nn/lookup.h"

namespace mote {

// x, y [count]; y may be x.
MOTE_INLINE void tanh_each_f32(const LookupParams& p, const float* x, float* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = tanh_f32(x[i]);
}

}  // namespace mote
