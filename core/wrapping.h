// SPDX-License-Identifier: Apache-2.0
// Arithmetic of integers without a scale, modulo 2^32 or 2^64 as machines count: what TFLite means
// by "expected overflow", and what a sum does that a hostile file makes too large. In: two numbers
// of one integer type. Out: the same type, never undefined.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

// Through uint64_t: its lowest bits are those of the wrapped result in any narrower type.
template <class T>
MOTE_INLINE constexpr T wrapping_add(T a, T b) {
  return (T)((uint64_t)a + (uint64_t)b);
}
template <class T>
MOTE_INLINE constexpr T wrapping_sub(T a, T b) {
  return (T)((uint64_t)a - (uint64_t)b);
}
template <class T>
MOTE_INLINE constexpr T wrapping_mul(T a, T b) {
  return (T)((uint64_t)a * (uint64_t)b);
}
template <class T>
MOTE_INLINE constexpr T wrapping_neg(T a) {
  return wrapping_sub<T>(0, a);
}

}  // namespace mote
