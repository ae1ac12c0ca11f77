// SPDX-License-Identifier: Apache-2.0
// auto_scale: samples times the power of two that brings the largest near full scale, and the
// power. In: int16. Out: int16 and one int32. The rule is TFLM's SignalFftAutoScale
// (signal/src/fft_auto_scale.cc, max_abs.cc), its treatment of -32768 included.
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"
#include "core/target.h"

namespace mote {

struct AutoScaleParams {
  int32_t count;
};
template <class Visitor>
void for_each_field(const AutoScaleParams& p, Visitor& field) {
  field("count", p.count);
}

// The largest magnitude in 16 bits: that of -32768 is -32768, below everything that follows.
MOTE_INLINE int16_t largest_magnitude_s16(const int16_t* x, int32_t count) {
  int16_t largest = 0;
  for (int32_t i = 0; i < count; ++i) {
    const int32_t value = x[i];
    if (value > largest)
      largest = (int16_t)value;
    else if (-value > largest)
      largest = (int16_t)-value;
  }
  return largest;
}

// x, y [count], bits [1]; y may be x. bits = 15 - the bits of the largest magnitude, at least 0;
// |x| 2^bits < 2^15 then, but for the case above.
MOTE_INLINE void auto_scale_s16(const AutoScaleParams& p, const int16_t* x, int16_t* y,
                                int32_t* bits) {
  const int32_t largest = largest_magnitude_s16(x, p.count);
  int32_t shift = largest > 0 ? leading_zeros_u32((uint32_t)largest) - 17 : 0;
  shift = shift < 0 ? 0 : shift;
  for (int32_t i = 0; i < p.count; ++i) y[i] = (int16_t)(x[i] * (1 << shift));
  *bits = shift;
}

}  // namespace mote
