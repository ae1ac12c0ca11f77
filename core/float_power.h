// SPDX-License-Identifier: Apache-2.0
// x^y and the angle of a point on IEEE binary32, the same bytes on every core (float_math.h). In:
// two floats. Out: a float. The tests hold the errors against double precision.
#pragma once
#include "core/float_division.h"
#include "core/float_math.h"

namespace mote {

// x^n by squaring, n in 1..8: at most 4 roundings.
inline float small_power_f32(float x, int32_t n) {
  float y = (n & 1) != 0 ? x : 1.0f;
  for (n >>= 1; n > 0; n >>= 1) {
    x = x * x;
    if ((n & 1) != 0) y = y * x;
  }
  return y;
}

// x^y for every sign of x: NaN for x < 0 where y is not whole. Small whole exponents by products,
// 1/2 by the square root, the others by pow_f32 and its error.
inline float power_f32(float x, float y) {
  if (is_nan_f32(x) || is_nan_f32(y)) return float_of(kQuietNan);
  if (y == 0.5f && x >= 0.0f) return sqrt_f32(x + 0.0f);
  const bool whole = whole_below_f32(y) == y;
  if (whole && y >= 1.0f && y <= 8.0f) return small_power_f32(x, static_cast<int32_t>(y));
  if (whole && y <= -1.0f && y >= -8.0f) return 1.0f / small_power_f32(x, static_cast<int32_t>(-y));
  if (x < 0.0f && !whole) return float_of(kQuietNan);
  const float magnitude = pow_f32(abs_f32(x), y);
  const bool odd = whole && abs_f32(y) < 16777216.0f && (static_cast<int32_t>(y) & 1) != 0;
  return odd && (bits_of(x) >> 31) != 0 ? -magnitude : magnitude;
}

// atan r for |r| <= tan(pi / 8). Coefficients of Cephes' atanf.
inline float atan_eighth(float r) {
  const float z = r * r;
  const float p =
      ((8.05374449538e-2f * z - 1.38776856032e-1f) * z + 1.99777106478e-1f) * z - 3.33329491539e-1f;
  return r + r * z * p;
}

// The angle of (x, y) in -pi .. pi. Reduced to an eighth of a turn by the larger coordinate.
inline float atan2_f32(float y, float x) {
  if (is_nan_f32(x) || is_nan_f32(y)) return float_of(kQuietNan);
  const bool steep = abs_f32(y) > abs_f32(x);
  float low = steep ? abs_f32(x) : abs_f32(y);
  float high = steep ? abs_f32(y) : abs_f32(x);
  if (!is_finite_f32(high)) {
    low = is_finite_f32(low) ? 0.0f : 1.0f;
    high = 1.0f;
  }
  if (high > 1e38f) {  // so that their sum stays finite
    low *= 0.25f;
    high *= 0.25f;
  }
  float angle = 0.0f;
  if (low > 0.414213562f * high)
    angle = 0.785398163f + atan_eighth((low - high) / (low + high));
  else if (high > 0.0f)
    angle = atan_eighth(low / high);
  if (steep) angle = (1.57079637f - angle) + -4.37113883e-8f;
  if ((bits_of(x) >> 31) != 0) angle = (3.14159274f - angle) + -8.74227766e-8f;
  return (bits_of(y) >> 31) != 0 ? -angle : angle;
}

}  // namespace mote
