// SPDX-License-Identifier: Apache-2.0
// Arithmetic of integers without a scale, modulo 2^32 or 2^64 as machines count: what TFLite means
// by "expected overflow". In: int16_t, int32_t or int64_t. Out: the same type, never undefined.
#pragma once
#include <stdint.h>

namespace mote {

template <class T>
struct WrappingOf;
template <>
struct WrappingOf<int16_t> {
  using Type = uint32_t;  // uint16_t would be promoted to a signed int
};
template <>
struct WrappingOf<int32_t> {
  using Type = uint32_t;
};
template <>
struct WrappingOf<int64_t> {
  using Type = uint64_t;
};

template <class T>
constexpr T wrapping_add(T a, T b) {
  using U = typename WrappingOf<T>::Type;
  return static_cast<T>(static_cast<U>(a) + static_cast<U>(b));
}
template <class T>
constexpr T wrapping_mul(T a, T b) {
  using U = typename WrappingOf<T>::Type;
  return static_cast<T>(static_cast<U>(a) * static_cast<U>(b));
}
template <class T>
constexpr T wrapping_neg(T a) {
  using U = typename WrappingOf<T>::Type;
  return static_cast<T>(U(0) - static_cast<U>(a));
}

}  // namespace mote
