// SPDX-License-Identifier: Apache-2.0
// flatten: up to seven statistics of each axis over a window.
// In: window [length, axes] of int16 counts or float32. Out: [axes * features] Q16 int32 in counts,
// or float32.
#pragma once
#include "core/fixed_point.h"
#include "ops/dsp/moments.h"

namespace mote {

struct FlattenParams {
  int32_t length;  // samples in the window, 1 .. 65535
  int32_t axes;
  int32_t
      features;  // bits: 1 average, 2 minimum, 4 maximum, 8 rms, 16 stdev, 32 skewness, 64 kurtosis
};
template <class Visitor>
void for_each_field(const FlattenParams& p, Visitor& field) {
  field("length", p.length);
  field("axes", p.axes);
  field("features", p.features);
}

// Writes the chosen ones in the order of the bits; returns how many.
template <typename Statistics, typename Number>
inline int32_t write_statistics(const Statistics& s, int32_t features, Number* out) {
  const Number all[7] = {s.average, s.minimum, s.maximum, s.rms, s.stdev, s.skewness, s.kurtosis};
  int32_t count = 0;
  for (int32_t i = 0; i < 7; ++i) {
    if ((features >> i & 1) != 0) out[count++] = all[i];
  }
  return count;
}

// Formulas and bounds in ops/dsp/moments.h. out must not overlap window.
MOTE_INLINE void flatten_s16(const FlattenParams& p, const int16_t* window, int32_t* out) {
  for (int32_t a = 0; a < p.axes; ++a) {
    out +=
        write_statistics(axis_statistics(AxisS16{window + a, p.length, p.axes}), p.features, out);
  }
}

MOTE_INLINE void flatten_f32(const FlattenParams& p, const float* window, float* out) {
  for (int32_t a = 0; a < p.axes; ++a) {
    out +=
        write_statistics(axis_statistics(AxisF32{window + a, p.length, p.axes}), p.features, out);
  }
}

}  // namespace mote
