// SPDX-License-Identifier: Apache-2.0
// floor_div: y = floor(a / b), broadcast.
#pragma once
#include "core/float_division.h"
#include "ops/nn/broadcast.h"
#include "ops/nn/integer_arithmetic.h"

namespace mote {

// TFLM FloorDiv (tensorflow/lite/kernels/internal/reference/floor_div.h): the floor of the exact
// quotient. y may be an operand that is not repeated.
MOTE_INLINE void floor_div_each_f32(const PairParams& p, const float* a, const float* b, float* y) {
  for_each_pair(
      p, a, b, y,
      [](float x, float z) __attribute__((always_inline)) { return floored_quotient_f32(x, z); });
}

// Integers without a scale; 0 where b is 0. y may be an operand that is not repeated.
template <class T>
MOTE_INLINE void floor_div_each_integer(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return floored_quotient(x, z); });
}

}  // namespace mote
