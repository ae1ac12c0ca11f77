// SPDX-License-Identifier: Apache-2.0
// resample: a stream at a lower rate, by a rational ratio and linear interpolation. A gate: at most
// one row out for a row in. In: [axes] int16 or float32. Out: the same, the n-th (from 0) at the
// time of input sample n * num / den; aligned, of (n + 1) * num / den - 1, so that a window that is
// a whole number of both ends with its last input sample (`ahead` then starts at num - den). Put a
// low-pass `iir` before it: interpolation does not remove what the lower rate cannot carry.
#pragma once
#include "core/fixed_math.h"
#include "core/fixed_point.h"

namespace mote {

struct ResampleParams {
  int32_t axes;
  int32_t num;  // input samples ...
  int32_t den;  // ... for so many outputs: num >= den, num <= 16384
};
template <class Visitor>
void for_each_field(const ResampleParams& p, Visitor& field) {
  field("axes", p.axes);
  field("num", p.num);
  field("den", p.den);
}

// Where the next output lies, as seen from the newest input sample: `ahead` / den samples later.
// Returns the numerator of its place between the sample before (0) and the newest (den), 1 .. den,
// or 0 if it is still to come.
inline int32_t resample_step(const ResampleParams& p, int32_t* ahead) {
  int32_t place = 0;
  if (*ahead <= 0) {
    place = p.den + *ahead;
    *ahead += p.num;
  }
  *ahead -= p.den;
  return place;
}

// out = before + (newest - before) place / den, to nearest, halves away from zero. |difference| <
// 2^16, place <= 2^14.
MOTE_INLINE bool resample_s16(const ResampleParams& p, const int16_t* in, int16_t* before,
                              int32_t* ahead, int16_t* out) {
  const int32_t place = resample_step(p, ahead);
  for (int32_t a = 0; a < p.axes; ++a) {
    const int32_t difference = in[a] - before[a];
    const uint32_t size = static_cast<uint32_t>(difference < 0 ? -difference : difference);
    const int32_t moved = static_cast<int32_t>(
        (size * static_cast<uint32_t>(place) + static_cast<uint32_t>(p.den) / 2) /
        static_cast<uint32_t>(p.den));
    if (place != 0) out[a] = static_cast<int16_t>(before[a] + (difference < 0 ? -moved : moved));
    before[a] = in[a];
  }
  return place != 0;
}

MOTE_INLINE bool resample_f32(const ResampleParams& p, const float* in, float* before,
                              int32_t* ahead, float* out) {
  const int32_t place = resample_step(p, ahead);
  const float share = static_cast<float>(place) / static_cast<float>(p.den);
  for (int32_t a = 0; a < p.axes; ++a) {
    if (place != 0) out[a] = place == p.den ? in[a] : before[a] + (in[a] - before[a]) * share;
    before[a] = in[a];
  }
  return place != 0;
}

}  // namespace mote
