// SPDX-License-Identifier: Apache-2.0
// atan2: the angle of the point (b, a) in -pi .. pi, broadcast; float32.
#pragma once
#include "core/float_power.h"
#include "ops/nn/broadcast.h"

namespace mote {

// y may be an operand that is not repeated.
MOTE_INLINE void atan2_each_f32(const PairParams& p, const float* a, const float* b, float* y) {
  for_each_pair(
      p, a, b, y, [](float x, float z) __attribute__((always_inline)) { return atan2_f32(x, z); });
}

}  // namespace mote
