// SPDX-License-Identifier: Apache-2.0
// maximum: y = max(a, b), broadcast, of any numbers.
#pragma once
#include "ops/nn/broadcast.h"

namespace mote {

// TFLM MaximumOp (micro/kernels/maximum_minimum.h): b where neither is larger. y may be an operand
// that is not repeated.
template <class T>
MOTE_INLINE void maximum_each(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return x > z ? x : z; });
}

}  // namespace mote
