// SPDX-License-Identifier: Apache-2.0
// arg_extreme: the position of the largest or smallest number along one dimension; of equal ones
// the first, or the last. The rule of TFLM ArgMinMax (tensorflow/lite/kernels/internal/reference/
// arg_min_max.h). Shapes: x [outer, count, inner], y [outer, inner]. y may not overlap x.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

struct ArgExtremeParams {
  int32_t outer;
  int32_t count;
  int32_t inner;
  bool smallest;
  bool last;
};
template <class Visitor>
void for_each_field(const ArgExtremeParams& p, Visitor& field) {
  field("outer", p.outer);
  field("count", p.count);
  field("inner", p.inner);
  field("smallest", p.smallest);
  field("last", p.last);
}

template <class T>
MOTE_INLINE int32_t arg_extreme_of(const ArgExtremeParams& p, const T* x) {
  int32_t best = 0;
  for (int32_t i = 1; i < p.count; ++i) {
    const T now = x[i * p.inner];
    const T then = x[best * p.inner];
    if ((p.smallest ? now < then : now > then) || (p.last && now == then)) best = i;
  }
  return best;
}

template <class T, class Y>
MOTE_INLINE void arg_extremes(const ArgExtremeParams& p, const T* x, Y* y) {
  for (int32_t o = 0; o < p.outer; ++o, x += p.count * p.inner)
    for (int32_t i = 0; i < p.inner; ++i) *y++ = arg_extreme_of(p, x + i);
}

// The position as int32, or as int64 where a file asks for it.
template <class T>
MOTE_INLINE void arg_extreme_s32(const ArgExtremeParams& p, const T* x, int32_t* y) {
  arg_extremes(p, x, y);
}
template <class T>
MOTE_INLINE void arg_extreme_s64(const ArgExtremeParams& p, const T* x, int64_t* y) {
  arg_extremes(p, x, y);
}

}  // namespace mote
