// SPDX-License-Identifier: Apache-2.0
// x^y and the angle of a point on IEEE binary32, the same bytes on every core (float_math.h). In:
// two floats. Out: a float. The tests hold the errors against double precision.
#pragma once
#include "core/float_division.h"

namespace mote {

// A number as the unevaluated sum of two: 48 bits where |low| is at most half a last place of high.
struct FloatPair {
  float high, low;
};

// x + y exactly, for |x| >= |y| or x = 0 (Dekker).
inline FloatPair quick_sum(float x, float y) {
  const float sum = x + y;
  return {sum, y - (sum - x)};
}
// x + y exactly, in any order (Knuth).
inline FloatPair exact_sum(float x, float y) {
  const float sum = x + y;
  const float of_y = sum - x;
  return {sum, (x - (sum - of_y)) + (y - of_y)};
}
// x * y exactly, from halves of 12 bits (Dekker), where nothing leaves the range.
inline FloatPair exact_product(float x, float y) {
  const float x_high = float_of(bits_of(x) & 0xfffff000u), x_low = x - x_high;
  const float y_high = float_of(bits_of(y) & 0xfffff000u), y_low = y - y_high;
  const float product = x * y;
  return {product,
          (((x_high * y_high - product) + x_high * y_low) + x_low * y_high) + x_low * y_low};
}
inline FloatPair product_of_pairs(FloatPair x, FloatPair y) {
  const FloatPair p = exact_product(x.high, y.high);
  return quick_sum(p.high, p.low + (x.high * y.low + x.low * y.high));
}

// ln x for finite x > 0, to about 2^-34 of its value. x = 2^k (1 + f), s = f / (2 + f), ln(1 + f) =
// 2 s (1 + w), w = s^2 (1/3 + s^2/5 + s^4/7 + ...) with |s| < 0.172.
inline FloatPair log_pair_f32(float x) {
  const LogParts parts = log_parts(x);
  const FloatPair divisor = exact_sum(2.0f, parts.f);
  const float s_high = parts.f / divisor.high;
  const FloatPair back = exact_product(s_high, divisor.high);
  const float rest = ((parts.f - back.high) - back.low) - s_high * divisor.low;
  const FloatPair s = quick_sum(s_high, rest / divisor.high);
  const FloatPair z = product_of_pairs(s, s);
  const float q =
      z.high * (0.2f + z.high * (0.142857143f + z.high * (0.111111111f + z.high * 0.0909090909f)));
  FloatPair third = quick_sum(0.333333343f, q);
  third.low += -9.93410776e-9f;
  const FloatPair w = product_of_pairs(z, third);
  const FloatPair sw = product_of_pairs(s, w);
  const FloatPair half = quick_sum(s.high, sw.high);
  const FloatPair log_of_f = {2.0f * half.high, 2.0f * (half.low + (s.low + sw.low))};
  // k times the upper 15 bits of ln 2 is exact.
  const FloatPair sum = exact_sum(parts.k * 0.693145752f, log_of_f.high);
  return quick_sum(sum.high, sum.low + (log_of_f.low + parts.k * 1.42860677e-6f));
}

// e^(high + low), |low| small; as exp_f32.
inline float exp_of_pair_f32(FloatPair x) {
  if (x.high > 88.7228394f) return float_of(kInfinity);
  if (x.high < -103.972084f) return 0.0f;
  const int32_t k = to_int_saturating(x.high * 1.44269502f, -151, 128);
  const float kf = static_cast<float>(k);
  const float r = ((x.high - kf * 0.693359375f) - kf * -2.12194442e-4f) + x.low;
  float p = 1.381456852e-03f;
  p = p * r + 8.368730545e-03f;
  p = p * r + 4.166838899e-02f;
  p = p * r + 1.666652113e-01f;
  p = p * r + 4.999999404e-01f;
  return scale_by_power_of_two(1.0f + (r + r * r * p), k);
}

// x^y for finite x > 0.
inline float power_of_positive_f32(float x, float y) {
  const FloatPair log = log_pair_f32(x);
  const float rough = y * log.high;
  if (!(abs_f32(rough) < 128.0f)) return rough > 0.0f ? float_of(kInfinity) : 0.0f;
  const FloatPair product = exact_product(y, log.high);
  return exp_of_pair_f32(quick_sum(product.high, product.low + y * log.low));
}

// x^y for every sign of x: NaN for x < 0 where y is not whole, and for what is not finite.
// Exponents of -1, 1, 2 and 3 by products, 1/2 by the square root, the others to two units of the
// last place.
inline float power_f32(float x, float y) {
  if (y == 0.0f) return 1.0f;
  if (!is_finite_f32(x) || !is_finite_f32(y)) return float_of(kQuietNan);
  if (y == 1.0f) return x;
  if (y == 2.0f) return x * x;
  if (y == 3.0f) return x * x * x;
  if (y == -1.0f && x != 0.0f) return 1.0f / x;
  if (y == 0.5f && x >= 0.0f) return sqrt_f32(x + 0.0f);
  const bool whole = floor_f32(y) == y;
  if (x < 0.0f && !whole) return float_of(kQuietNan);
  float magnitude = y > 0.0f ? 0.0f : float_of(kInfinity);  // of 0
  if (x != 0.0f) magnitude = power_of_positive_f32(abs_f32(x), y);
  const bool odd = whole && abs_f32(y) < 16777216.0f && (static_cast<int32_t>(y) & 1) != 0;
  return odd && (bits_of(x) >> 31) != 0 ? -magnitude : magnitude;
}

// The angle of (x, y) in -pi .. pi: that of an eighth of a turn, unfolded.
inline float atan2_f32(float y, float x) {
  if (is_nan_f32(x) || is_nan_f32(y)) return float_of(kQuietNan);
  const bool steep = abs_f32(y) > abs_f32(x);
  const float low = steep ? abs_f32(x) : abs_f32(y);
  const float high = steep ? abs_f32(y) : abs_f32(x);
  float angle = 0.0f;
  if (!is_finite_f32(low))
    angle = 0.785398163f;
  else if (high > 0.0f)
    angle = atan_f32(low / high);
  if (steep) angle = (1.57079637f - angle) + -4.37113883e-8f;
  if ((bits_of(x) >> 31) != 0) angle = (3.14159274f - angle) + -8.74227766e-8f;
  return (bits_of(y) >> 31) != 0 ? -angle : angle;
}

}  // namespace mote
