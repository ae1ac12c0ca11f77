// SPDX-License-Identifier: Apache-2.0
// sub: y = activation(a - b), broadcast. Kernels for real numbers, quantised ones, and integers
// that mean themselves.
#pragma once
#include "ops/nn/common_scale.h"
#include "ops/nn/integer_arithmetic.h"

namespace mote {

// Bit-exact with TFLM SubElementwise (tensorflow/lite/kernels/internal/reference/sub.h). Why 32
// bits suffice: common_scale.h. y may be an operand that is not repeated.
template <class T>
MOTE_INLINE void sub_scaled(const CommonScaleParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        return (T)to_output_scale(p, a_at_common_scale(p, x) - b_at_common_scale(p, z));
      });
}

// y may be an operand that is not repeated.
MOTE_INLINE void sub_f32(const PairF32Params& p, const float* a, const float* b, float* y) {
  for_each_pair(
      p, a, b, y, [&p](float x, float z) __attribute__((always_inline)) {
        return clamp(x - z, p.output_min, p.output_max);
      });
}

// The difference wraps around. y may be an operand that is not repeated.
MOTE_INLINE void sub_s32(const PairS32Params& p, const int32_t* a, const int32_t* b, int32_t* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        return clamp(wrapping_sub(x, z), p.output_min, p.output_max);
      });
}

// Integers without a scale; the difference wraps around. y may be an operand that is not repeated.
template <class T>
MOTE_INLINE void sub_wrapping(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return wrapping_sub(x, z); });
}

}  // namespace mote
