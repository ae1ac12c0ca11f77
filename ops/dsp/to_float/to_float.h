// SPDX-License-Identifier: Apache-2.0
// to_float: int16 counts to physical units, one scale an axis. In: [rows, axes] int16. Out: [rows,
// axes] float32.
#pragma once
#include "core/fixed_point.h"

namespace mote {

struct ToFloatParams {
  int32_t rows;
  int32_t axes;
};
template <class Visitor>
void for_each_field(const ToFloatParams& p, Visitor& field) {
  field("rows", p.rows);
  field("axes", p.axes);
}

// out[r][a] = in[r][a] * scales[a]: one rounding, counts are exact in binary32. No aliasing.
MOTE_INLINE void to_float(const ToFloatParams& p, const int16_t* in, const float* scales,
                          float* out) {
  for (int32_t r = 0; r < p.rows; ++r) {
    for (int32_t a = 0; a < p.axes; ++a) *out++ = static_cast<float>(*in++) * scales[a];
  }
}

}  // namespace mote
