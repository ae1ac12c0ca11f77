// SPDX-License-Identifier: Apache-2.0
// relative_level: levels below the loudest of a window, as a share of a range. How loud a recording
// is, how near the microphone, changes nothing. In: any shape of Q16 int32 or float32, levels in
// units of the range (log_filterbank, scaling "decibel"). Out: the same shape, 0 .. 1.
//   out[i] = max(0, 1 + in[i] - max(in))
// Source: librosa's power_to_db(ref=np.max, top_db=...), divided by top_db, plus 1.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

struct RelativeLevelParams {
  int32_t count;  // at least 1
};
template <class Visitor>
void for_each_field(const RelativeLevelParams& p, Visitor& field) {
  field("count", p.count);
}

// Any inputs: the difference of two int32 fits uint32. out may be in.
MOTE_INLINE void relative_level_s32(const RelativeLevelParams& p, const int32_t* in, int32_t* out) {
  int32_t loudest = in[0];
  for (int32_t i = 1; i < p.count; ++i)
    if (in[i] > loudest) loudest = in[i];
  for (int32_t i = 0; i < p.count; ++i) {
    const uint32_t below = static_cast<uint32_t>(loudest) - static_cast<uint32_t>(in[i]);
    out[i] = below < 65536u ? static_cast<int32_t>(65536u - below) : 0;
  }
}

// Finite inputs. out may be in.
MOTE_INLINE void relative_level_f32(const RelativeLevelParams& p, const float* in, float* out) {
  float loudest = in[0];
  for (int32_t i = 1; i < p.count; ++i)
    if (in[i] > loudest) loudest = in[i];
  for (int32_t i = 0; i < p.count; ++i) {
    const float share = 1.0f - (loudest - in[i]);
    out[i] = share > 0 ? share : 0;
  }
}

}  // namespace mote
