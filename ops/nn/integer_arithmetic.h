// SPDX-License-Identifier: Apache-2.0
// Arithmetic of integers that mean themselves, without overflow that C++ leaves undefined: sums and
// products wrap around, division truncates or takes the floor, division by zero gives zero. In: two
// numbers of one type. Out: one of the same.
#pragma once
#include <stdint.h>

#include "core/wrapping.h"

namespace mote {

// Whether b is -1 of a signed type: what divides the smallest number beyond the largest.
template <class T>
MOTE_INLINE constexpr bool is_minus_one(T b) {
  return (T)-1 < (T)0 && b == (T)-1;
}

// Towards zero. The smallest number by -1 wraps to itself.
template <class T>
MOTE_INLINE constexpr T truncated_quotient(T a, T b) {
  if (b == 0) return 0;
  if (is_minus_one(b)) return wrapping_sub<T>(0, a);
  return (T)(a / b);
}
// a - truncated_quotient * b: the sign of a.
template <class T>
MOTE_INLINE constexpr T truncated_remainder(T a, T b) {
  if (b == 0 || is_minus_one(b)) return 0;
  return (T)(a % b);
}

// Towards minus infinity.
template <class T>
MOTE_INLINE constexpr T floored_quotient(T a, T b) {
  const T quotient = truncated_quotient(a, b);
  const T rest = truncated_remainder(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? (T)(quotient - 1) : quotient;
}
// a - floored_quotient * b: the sign of b.
template <class T>
MOTE_INLINE constexpr T floored_remainder(T a, T b) {
  const T rest = truncated_remainder(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? (T)(rest + b) : rest;
}

}  // namespace mote
