// SPDX-License-Identifier: Apache-2.0
// remainder: y = a - b * trunc(a / b), broadcast: with the sign of a, as C's % and fmod (ONNX Mod
// with fmod = 1).
#pragma once
#include "core/float_division.h"
#include "ops/nn/broadcast.h"
#include "ops/nn/integer_arithmetic.h"

namespace mote {

// Exact. y may be an operand that is not repeated.
MOTE_INLINE void remainder_each_f32(const PairParams& p, const float* a, const float* b, float* y) {
  for_each_pair(
      p, a, b, y,
      [](float x, float z) __attribute__((always_inline)) { return remainder_f32(x, z); });
}

// Integers without a scale; 0 where b is 0. y may be an operand that is not repeated.
template <class T>
MOTE_INLINE void remainder_each_integer(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y,
      [](T x, T z) __attribute__((always_inline)) { return truncated_remainder(x, z); });
}

}  // namespace mote
