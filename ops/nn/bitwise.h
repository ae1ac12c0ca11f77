// SPDX-License-Identifier: Apache-2.0
// Logic of bytes 0 and 1, bits of integers, and shifts, broadcast. In: one type. Out: the same.
#pragma once
#include "ops/nn/broadcast.h"

namespace mote {

// y may be an operand that is not repeated, in all of these.
MOTE_INLINE void logical_and_each(const PairParams& p, const uint8_t* a, const uint8_t* b,
                                  uint8_t* y) {
  for_each_pair(
      p, a, b, y, [](uint8_t x, uint8_t z) __attribute__((always_inline)) {
        return (uint8_t)(x != 0 && z != 0);
      });
}
MOTE_INLINE void logical_or_each(const PairParams& p, const uint8_t* a, const uint8_t* b,
                                 uint8_t* y) {
  for_each_pair(
      p, a, b, y, [](uint8_t x, uint8_t z) __attribute__((always_inline)) {
        return (uint8_t)(x != 0 || z != 0);
      });
}
MOTE_INLINE void logical_xor_each(const PairParams& p, const uint8_t* a, const uint8_t* b,
                                  uint8_t* y) {
  for_each_pair(
      p, a, b, y, [](uint8_t x, uint8_t z) __attribute__((always_inline)) {
        return (uint8_t)((x != 0) != (z != 0));
      });
}

template <class T>
MOTE_INLINE void bitwise_and_each(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return (T)(x & z); });
}
template <class T>
MOTE_INLINE void bitwise_or_each(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return (T)(x | z); });
}
template <class T>
MOTE_INLINE void bitwise_xor_each(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return (T)(x ^ z); });
}

// a * 2^b without the bits that leave; 0 where b is negative or has the width of T.
template <class T>
MOTE_INLINE void shift_left_each(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) {
        const bool inside = z >= 0 && (uint64_t)z < 8 * sizeof(T);
        return inside ? (T)((uint64_t)x << z) : (T)0;
      });
}
// floor(a / 2^b), the amount limited to 0 .. width - 1 (the rule of LiteRT's right_shift.cc).
template <class T>
MOTE_INLINE void shift_right_each(const PairParams& p, const T* a, const T* b, T* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) {
        const T last = (T)(8 * sizeof(T) - 1);
        return (T)(x >> (z < 0 ? (T)0 : z > last ? last : z));
      });
}

// One operand.
struct BitwiseNotParams {
  int32_t count;
};
template <class Visitor>
void for_each_field(const BitwiseNotParams& p, Visitor& field) {
  field("count", p.count);
}
template <class T>
MOTE_INLINE void bitwise_not_each(const BitwiseNotParams& p, const T* x, T* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = (T)~x[i];
}
MOTE_INLINE void logical_not_each(const BitwiseNotParams& p, const uint8_t* x, uint8_t* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = (uint8_t)(x[i] == 0);
}

}  // namespace mote
