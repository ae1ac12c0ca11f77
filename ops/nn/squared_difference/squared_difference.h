// SPDX-License-Identifier: Apache-2.0
// squared_difference: y = (a - b)^2, broadcast. Kernels for real numbers, quantised ones, and
// integers that mean themselves.
#pragma once
#include "ops/nn/common_scale.h"
#include "ops/nn/integer_arithmetic.h"

namespace mote {

// Bit-exact with TFLM SquaredDifference (micro/kernels/squared_difference.cc). left_shift is 7 for
// 8 bits and 0 for 16: each term is below 2^14, their difference at most 2^15, its square 2^30. y
// may be an operand that is not repeated.
template <class T>
MOTE_INLINE void squared_difference_scaled(const CommonScaleParams& p, const T* a, const T* b,
                                           T* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        const int32_t difference = a_at_common_scale(p, x) - b_at_common_scale(p, z);
        return (T)to_output_scale(p, difference * difference);
      });
}

// y may be an operand that is not repeated.
MOTE_INLINE void squared_difference_f32(const PairParams& p, const float* a, const float* b,
                                        float* y) {
  for_each_pair(
      p, a, b, y,
      [](float x, float z) __attribute__((always_inline)) { return (x - z) * (x - z); });
}

// Integers without a scale; wraps around. y may be an operand that is not repeated.
template <class T>
MOTE_INLINE void squared_difference_wrapping(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) {
        return wrapping_mul(wrapping_sub(x, z), wrapping_sub(x, z));
      });
}

}  // namespace mote
