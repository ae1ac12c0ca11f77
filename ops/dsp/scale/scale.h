// SPDX-License-Identifier: Apache-2.0
// scale: samples times a constant factor. In: any shape of int16 or float32. Out: the same,
// saturating for int16.
#pragma once
#include "core/fixed_math.h"
#include "core/fixed_point.h"

namespace mote {

struct ScaleParams {
  int32_t count;
  int32_t multiplier;  // |multiplier| < 2^15
  int32_t shift;       // factor = multiplier / 2^shift, 0 .. 30
};
template <class Visitor>
void for_each_field(const ScaleParams& p, Visitor& field) {
  field("count", p.count);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
}

struct ScaleF32Params {
  int32_t count;
  float factor;
};
template <class Visitor>
void for_each_field(const ScaleF32Params& p, Visitor& field) {
  field("count", p.count);
  field("factor", p.factor);
}

// out[i] = in[i] * factor, to nearest, halves upwards; |product| < 2^30. out may be in.
MOTE_INLINE void scale_s16(const ScaleParams& p, const int16_t* in, int16_t* out) {
  for (int32_t i = 0; i < p.count; ++i)
    out[i] = saturate_s16(shift_right_rounding_s32(in[i] * p.multiplier, p.shift));
}

MOTE_INLINE void scale_f32(const ScaleF32Params& p, const float* in, float* out) {
  for (int32_t i = 0; i < p.count; ++i) out[i] = in[i] * p.factor;
}

}  // namespace mote
