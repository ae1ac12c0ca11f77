// SPDX-License-Identifier: Apache-2.0
// 1 / sqrt(n) of a positive integer as multiplier and shift: what int8 rsqrt and l2_normalization
// divide by. Bit-exact with TFLite's GetInvSqrtQuantizedMultiplierExp
// (tensorflow/lite/kernels/internal/common.h) on gemmlowp's fixed point.
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"
#include "ops/nn/fixed_exp.h"

namespace mote {

struct InverseSqrt {
  int32_t multiplier;  // Q0.31
  int32_t shift;       // <= 0: 1 / sqrt(n) = multiplier 2^(shift - 31)
};

// n >= 0; 0 and 1 give 1. n is brought to 1/4 <= x < 1 (a Q3.28 number) by pairs of bits; five
// Newton steps x += x (1 - x^2 n) / 2 from 1, products of Q3.28 saturating into Q3.28 as gemmlowp's
// Rescale.
MOTE_INLINE InverseSqrt inverse_sqrt(int32_t n) {
  if (n <= 1) return {kInt32Max, 0};
  int32_t shift = 11;
  while (n >= (int32_t)1 << 29) {
    n /= 4;
    ++shift;
  }
  const int32_t pairs = (leading_zeros_u32((uint32_t)n) - 1) / 2 - 1;
  shift -= pairs;
  n = (int32_t)((uint32_t)n << (2 * pairs));
  const int32_t input = n >> 1;
  const int32_t half_input = rounding_divide_by_power_of_two(input, 1);
  constexpr int32_t kOneAndHalf = ((int32_t)1 << 28) + ((int32_t)1 << 27);
  int32_t x = (int32_t)1 << 28;
  for (int32_t step = 0; step < 5; ++step) {
    const int32_t square = saturating_rounding_doubling_high_mul(x, x);           // Q6.25
    const int32_t cube = saturating_rounding_doubling_high_mul(square, x);        // Q9.22
    const int32_t third = saturating_shift_left(cube, 6);                         // Q3.28
    const int32_t grown = saturating_rounding_doubling_high_mul(kOneAndHalf, x);  // Q6.25
    const int32_t less = saturating_rounding_doubling_high_mul(half_input, third);
    x = saturating_shift_left((int32_t)((uint32_t)grown - (uint32_t)less), 3);
  }
  constexpr int32_t kHalfSqrt2 = 1518500250;
  x = saturating_rounding_doubling_high_mul(x, kHalfSqrt2);
  if (shift < 0) {
    x = (int32_t)((uint32_t)x << -shift);
    shift = 0;
  }
  return {x, -shift};
}

}  // namespace mote
