// SPDX-License-Identifier: Apache-2.0
// cast: the same numbers as another element type. Integers keep their lowest bits, as TFLM's
// static_cast does (micro/kernels/cast.cc); real numbers are truncated towards zero and saturate,
// where C++ leaves the result undefined, and NaN gives 0; what is not 0 is true.
#pragma once
#include <stdint.h>

#include "core/float_bits.h"
#include "core/target.h"

namespace mote {

struct CastParams {
  int32_t count;
};
template <class Visitor>
void for_each_field(const CastParams& p, Visitor& field) {
  field("count", p.count);
}

// x truncated towards zero, limited to -2^63 .. 2^63 - 1; NaN gives 0.
MOTE_INLINE int64_t truncate_saturating(float x) {
  const uint32_t bits = bits_of(x);
  const int32_t exponent = (int32_t)((bits >> 23) & 255u);
  const bool negative = (bits >> 31) != 0;
  if (exponent < 127 || is_nan_f32(x)) return 0;
  if (exponent >= 190) return negative ? INT64_MIN : INT64_MAX;
  const int32_t shift = exponent - 150;  // -23..39
  const uint64_t mantissa = (bits & 0x7fffffu) | 0x800000u;
  const int64_t magnitude = (int64_t)(shift < 0 ? mantissa >> -shift : mantissa << shift);
  return negative ? -magnitude : magnitude;
}

// The limits of an integer type of at most 8 bytes, signed where it has 8.
template <class T>
MOTE_INLINE constexpr int64_t largest_of() {
  if ((T)-1 > (T)0) return (int64_t)(T)-1;
  return (int64_t)(((uint64_t)1 << (8 * sizeof(T) - 1)) - 1);
}
template <class T>
MOTE_INLINE constexpr int64_t smallest_of() {
  return (T)-1 > (T)0 ? 0 : -largest_of<T>() - 1;
}

template <class To, class From>
struct CastOne {
  static MOTE_INLINE To of(From x) { return (To)x; }
};
template <class To>
struct CastOne<To, float> {
  static MOTE_INLINE To of(float x) {
    const int64_t whole = truncate_saturating(x);
    if (whole < smallest_of<To>()) return (To)smallest_of<To>();
    if (whole > largest_of<To>()) return (To)largest_of<To>();
    return (To)whole;
  }
};
template <>
struct CastOne<float, float> {
  static MOTE_INLINE float of(float x) { return x; }
};

// y may be x where both have elements of one size.
template <class To, class From>
MOTE_INLINE void cast_each(const CastParams& p, const From* x, To* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = CastOne<To, From>::of(x[i]);
}
template <class From>
MOTE_INLINE void cast_to_boolean(const CastParams& p, const From* x, uint8_t* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = x[i] != 0 ? 1 : 0;
}

}  // namespace mote
