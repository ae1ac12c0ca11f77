// SPDX-License-Identifier: Apache-2.0
// mul: y = activation(a * b), broadcast. Kernels for real numbers, quantised ones, and integers
// that mean themselves.
#pragma once
#include "ops/nn/integer_arithmetic.h"
#include "ops/nn/scaled_product.h"

namespace mote {

// Bit-exact with TFLM MulElementwise
// (tensorflow/lite/kernels/internal/reference/integer_ops/mul.h). |q - zero point| <= 255 for 8
// bits and 2^15 for 16 bits: the product stays below 2^31. y may be an operand that is not
// repeated.
template <class T>
MOTE_INLINE void mul_scaled(const ScaledProductParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        const int32_t product = (x - p.a_zero_point) * (z - p.b_zero_point);
        const int32_t q =
            multiply_by_quantized_multiplier(product, p.output_multiplier, p.output_shift);
        return (T)clamp(q + p.output_zero_point, p.output_min, p.output_max);
      });
}

// y may be an operand that is not repeated.
MOTE_INLINE void mul_f32(const PairF32Params& p, const float* a, const float* b, float* y) {
  for_each_pair(
      p, a, b, y, [&p](float x, float z) __attribute__((always_inline)) {
        return clamp(x * z, p.output_min, p.output_max);
      });
}

// The product wraps around. y may be an operand that is not repeated.
MOTE_INLINE void mul_s32(const PairS32Params& p, const int32_t* a, const int32_t* b, int32_t* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        return clamp(wrapping_mul(x, z), p.output_min, p.output_max);
      });
}

// Integers without a scale; the product wraps around. y may be an operand that is not repeated.
template <class T>
MOTE_INLINE void mul_wrapping(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return wrapping_mul(x, z); });
}

}  // namespace mote
