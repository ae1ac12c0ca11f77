// SPDX-License-Identifier: Apache-2.0
// floor_mod: y = a - b * floor(a / b), broadcast: the remainder with the sign of b.
#pragma once
#include "core/float_division.h"
#include "ops/nn/broadcast.h"
#include "ops/nn/integer_arithmetic.h"

namespace mote {

// TFLM FloorMod (tensorflow/lite/kernels/internal/reference/floor_mod.h). y may be an operand that
// is not repeated.
MOTE_INLINE void floor_mod_each_f32(const PairParams& p, const float* a, const float* b, float* y) {
  for_each_pair(
      p, a, b, y,
      [](float x, float z) __attribute__((always_inline)) { return floored_remainder_f32(x, z); });
}

// Integers without a scale; 0 where b is 0. y may be an operand that is not repeated.
template <class T>
MOTE_INLINE void floor_mod_each_integer(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return floored_remainder(x, z); });
}

}  // namespace mote
