// SPDX-License-Identifier: Apache-2.0
// Samples that never came: the interpolated sample between the last one and the next. Used by every push().
#pragma once
#include "core/fixed_point.h"

namespace mote {

// out[a] = last[a] + (next[a] - last[a]) * i / (n + 1), rounded toward negative infinity at half a count added;
// 1 <= i <= n < 2^15. |next - last| < 2^16 and i < 2^15, so the product fits 32 bits.
MOTE_INLINE void interpolate_s16(const int16_t* last, const int16_t* next, int32_t axes, int32_t i,
                                 int32_t n, int16_t* out) {
  for (int32_t a = 0; a < axes; ++a) {
    const int64_t twice = 2 * int64_t(next[a] - last[a]) * i + (n + 1);
    const int64_t divisor = 2 * int64_t(n + 1);
    int64_t quotient = twice / divisor;
    if (quotient * divisor > twice) --quotient;
    out[a] = int16_t(last[a] + quotient);
  }
}

}  // namespace mote
