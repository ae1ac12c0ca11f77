// SPDX-License-Identifier: Apache-2.0
// energy: re^2 + im^2 of the bins start .. end - 1 of a spectrum; the others are 0. In: interleaved
// int16 complex numbers. Out: uint32. The rule is TFLM's SignalEnergy (signal/src/energy.cc), which
// leaves the other bins undefined.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

struct EnergyParams {
  int32_t count;  // bins
  int32_t start;
  int32_t end;  // 0 <= start <= end <= count
};
template <class Visitor>
void for_each_field(const EnergyParams& p, Visitor& field) {
  field("count", p.count);
  field("start", p.start);
  field("end", p.end);
}

// x [count][2], y [count]. Both squares are at most 2^30, their sum 2^31.
MOTE_INLINE void energy_s16(const EnergyParams& p, const int16_t* x, uint32_t* y) {
  for (int32_t i = 0; i < p.count; ++i) {
    const int32_t re = x[2 * i], im = x[2 * i + 1];
    y[i] = i < p.start || i >= p.end ? 0 : (uint32_t)(re * re) + (uint32_t)(im * im);
  }
}

}  // namespace mote
