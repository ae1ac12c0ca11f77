// SPDX-License-Identifier: Apache-2.0
// IEEE binary32 seen as bits, and the one conversion from float to integer that mote uses
// everywhere. In: a float. Out: its bits, or an integer; only integer instructions, so every core
// and the host agree.
#pragma once
#include <stdint.h>
#include <string.h>

namespace mote {

inline constexpr uint32_t kQuietNan = 0x7fc00000u;
inline constexpr uint32_t kInfinity = 0x7f800000u;

inline uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

inline float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

inline bool is_nan_f32(float x) { return (bits_of(x) & 0x7fffffffu) > kInfinity; }
inline bool is_finite_f32(float x) { return (bits_of(x) & kInfinity) != kInfinity; }
inline float abs_f32(float x) { return float_of(bits_of(x) & 0x7fffffffu); }

// 2^k for -126 <= k <= 127, exactly.
inline float power_of_two_f32(int k) { return float_of(static_cast<uint32_t>(k + 127) << 23); }

// x rounded to the nearest integer, halves to even, then limited to [lo, hi]; NaN counts as 0 (and
// is limited as well).
inline int32_t to_int_saturating(float x, int32_t lo, int32_t hi) {
  const uint32_t bits = bits_of(x);
  const int32_t exponent = static_cast<int32_t>((bits >> 23) & 255u);
  const uint32_t mantissa = (bits & 0x7fffffu) | 0x800000u;
  const bool negative = (bits >> 31) != 0;
  int32_t value = 0;      // also for |x| < 1/2 and NaN
  if (exponent >= 158) {  // |x| >= 2^31, infinity or NaN
    if (!is_nan_f32(x)) value = negative ? INT32_MIN : INT32_MAX;
  } else if (exponent >= 126) {
    const int32_t shift = 150 - exponent;  // |x| = mantissa / 2^shift; -7 <= shift <= 24
    uint32_t magnitude = mantissa;
    if (shift <= 0) {
      magnitude <<= -shift;
    } else {
      magnitude >>= shift;
      const uint32_t rest = mantissa << (32 - shift);
      if (rest > 0x80000000u || (rest == 0x80000000u && (magnitude & 1u) != 0)) ++magnitude;
    }
    value = negative ? -static_cast<int32_t>(magnitude) : static_cast<int32_t>(magnitude);
  }
  return value < lo ? lo : (value > hi ? hi : value);
}

}  // namespace mote
