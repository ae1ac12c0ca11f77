// SPDX-License-Identifier: Apache-2.0
// Comparisons of two tensors, broadcast. In: numbers of one type; quantised ones are compared as
// real numbers. Out: one byte an element, 1 for true.
#pragma once
#include "ops/nn/common_scale.h"

namespace mote {

// Numbers of equal scale, or without one. y does not overlap the operands.
template <class T>
MOTE_INLINE void equal_each(const PairParams& p, const T* a, const T* b, uint8_t* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return x == z; });
}
template <class T>
MOTE_INLINE void not_equal_each(const PairParams& p, const T* a, const T* b, uint8_t* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return x != z; });
}
template <class T>
MOTE_INLINE void less_each(const PairParams& p, const T* a, const T* b, uint8_t* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return x < z; });
}
template <class T>
MOTE_INLINE void less_equal_each(const PairParams& p, const T* a, const T* b, uint8_t* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return x <= z; });
}
template <class T>
MOTE_INLINE void greater_each(const PairParams& p, const T* a, const T* b, uint8_t* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return x > z; });
}
template <class T>
MOTE_INLINE void greater_equal_each(const PairParams& p, const T* a, const T* b, uint8_t* y) {
  for_each_pair(
      p, a, b, y, [](T x, T z) __attribute__((always_inline)) { return x >= z; });
}

// Quantised numbers, each brought to a 32-bit number of one scale first; bit-exact with TFLM
// ComparisonWithScaling (tensorflow/lite/kernels/internal/reference/comparisons.h) for int8, whose
// common scale is 2^-8. y does not overlap the operands.
template <class T>
MOTE_INLINE void equal_scaled(const CommonScaleParams& p, const T* a, const T* b, uint8_t* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        return a_at_common_scale(p, x) == b_at_common_scale(p, z);
      });
}
template <class T>
MOTE_INLINE void not_equal_scaled(const CommonScaleParams& p, const T* a, const T* b, uint8_t* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        return a_at_common_scale(p, x) != b_at_common_scale(p, z);
      });
}
template <class T>
MOTE_INLINE void less_scaled(const CommonScaleParams& p, const T* a, const T* b, uint8_t* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        return a_at_common_scale(p, x) < b_at_common_scale(p, z);
      });
}
template <class T>
MOTE_INLINE void less_equal_scaled(const CommonScaleParams& p, const T* a, const T* b, uint8_t* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        return a_at_common_scale(p, x) <= b_at_common_scale(p, z);
      });
}
template <class T>
MOTE_INLINE void greater_scaled(const CommonScaleParams& p, const T* a, const T* b, uint8_t* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        return a_at_common_scale(p, x) > b_at_common_scale(p, z);
      });
}
template <class T>
MOTE_INLINE void greater_equal_scaled(const CommonScaleParams& p, const T* a, const T* b,
                                      uint8_t* y) {
  for_each_pair(
      p, a, b, y, [&p](int32_t x, int32_t z) __attribute__((always_inline)) {
        return a_at_common_scale(p, x) >= b_at_common_scale(p, z);
      });
}

}  // namespace mote
