// SPDX-License-Identifier: Apache-2.0
// minimum: y = min(a, b), broadcast, of any numbers.
#pragma once
#include "ops/nn/broadcast.h"

namespace mote {

// TFLM MinimumOp (micro/kernels/maximum_minimum.h): b where neither is smaller. y may be an operand
// that is not repeated.
template <class T>
MOTE_INLINE void minimum_each(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return x < z ? x : z; });
}

}  // namespace mote
