// SPDX-License-Identifier: Apache-2.0
// What every push() does before the graph: physical values to counts, and samples that never came.
#pragma once
#include "core/fixed_point.h"

namespace mote {

// counts[a] = round(sample[a] * counts_per_unit[a]), half to even, saturating to int16. False, and
// counts undefined, if a value is not finite. Adding and subtracting 1.5 * 2^23 rounds in IEEE
// binary32 itself, so every core agrees.
MOTE_INLINE bool to_counts(const float* sample, const float* counts_per_unit, int32_t axes,
                           int16_t* counts) {
  constexpr float kRound = 12582912.0f;
  for (int32_t a = 0; a < axes; ++a) {
    const float scaled = clamp(sample[a] * counts_per_unit[a], -32768.0f, 32767.0f);
    if (!(scaled == scaled) || sample[a] - sample[a] != 0.0f) return false;
    const volatile float shifted = scaled + kRound;
    counts[a] = (int16_t)(shifted - kRound);
  }
  return true;
}

// out[a] = last[a] + (next[a] - last[a]) * i / (n + 1), rounded toward negative infinity at half a
// count added; 1 <= i <= n < 2^15. |next - last| < 2^16 and i < 2^15, so the product fits 32 bits.
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
