// SPDX-License-Identifier: Apache-2.0
// rectify: the magnitude of each sample, the first step of an envelope. In: any shape of int16 or
// float32. Out: the same.
#pragma once
#include "core/fixed_math.h"
#include "core/fixed_point.h"
#include "core/float_bits.h"

namespace mote {

struct RectifyParams {
  int32_t count;
};
template <class Visitor>
void for_each_field(const RectifyParams& p, Visitor& field) {
  field("count", p.count);
}

// out[i] = |in[i]|; -32768 becomes 32767. out may be in.
MOTE_INLINE void rectify_s16(const RectifyParams& p, const int16_t* in, int16_t* out) {
  for (int32_t i = 0; i < p.count; ++i) out[i] = saturate_s16(in[i] < 0 ? -in[i] : in[i]);
}

MOTE_INLINE void rectify_f32(const RectifyParams& p, const float* in, float* out) {
  for (int32_t i = 0; i < p.count; ++i) out[i] = abs_f32(in[i]);
}

}  // namespace mote
