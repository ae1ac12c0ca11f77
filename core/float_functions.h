// SPDX-License-Identifier: Apache-2.0
// Elementary functions that layers of networks need beyond core/float_math.h, by the same contract:
// one fixed sequence of IEEE operations each, no libm, the same bytes on every core. In: a float.
// Out: a float; NaN and arguments outside the domain give the quiet NaN. "Largest error" is in
// units of the last place against double precision (float_functions_test.cc). Polynomials are
// minimax fits (Remez exchange, relative weight) with coefficients rounded to binary32.
#pragma once
#include "core/float_math.h"

namespace mote {

inline float copy_sign_f32(float magnitude, float sign) {
  return float_of((bits_of(magnitude) & 0x7fffffffu) | (bits_of(sign) & 0x80000000u));
}

// ---- rounding ----------------------------------------------------------------------------------

// The integer nearest to x, halves to even; x itself from 2^23 on. Zeros keep the sign of x.
inline float round_even_f32(float x) {
  if (!(abs_f32(x) < 8388608.0f)) return is_nan_f32(x) ? float_of(kQuietNan) : x;
  return copy_sign_f32(static_cast<float>(to_int_saturating(x, INT32_MIN, INT32_MAX)), x);
}

inline float floor_f32(float x) {
  const float nearest = round_even_f32(x);
  return nearest > x ? nearest - 1.0f : nearest;
}

inline float ceil_f32(float x) {
  const float nearest = round_even_f32(x);
  return nearest < x ? copy_sign_f32(nearest + 1.0f, x) : nearest;
}

// ---- roots and quotients -----------------------------------------------------------------------

// 1 / sqrt(x), two roundings. Largest error 1.6. Infinity for 0, NaN below.
inline float rsqrt_f32(float x) { return 1.0f / sqrt_f32(x); }

// ---- exponential and logarithm next to 0 and 1 -------------------------------------------------

// e^x - 1 = 2^k (e^r - 1) + (2^k - 1), e^r - 1 = r + r^2 P(r). Largest error 1.6.
inline float expm1_f32(float x) {
  if (is_nan_f32(x)) return float_of(kQuietNan);
  if (x > 88.7228394f) return float_of(kInfinity);
  if (x < -18.0f) return -1.0f;
  const int32_t k = to_int_saturating(x * 1.44269502f, -26, 128);
  const float kf = static_cast<float>(k);
  const float r = (x - kf * 0.693359375f) - kf * -2.12194442e-4f;
  float p = 1.990761957e-04f;
  p = p * r + 1.394862426e-03f;
  p = p * r + 8.333286270e-03f;
  p = p * r + 4.166623950e-02f;
  p = p * r + 1.666666716e-01f;
  p = p * r + 5.000000000e-01f;
  const float tail = r * r * p;
  if (k == 0) return r + tail;
  if (k == 128) return scale_by_power_of_two(1.0f + (r + tail), k);
  const float power = power_of_two_f32(k);
  // 2^k - 1 is exact up to 2^24; beyond, the 1 is below half of the last place.
  return k < 25 ? (power - 1.0f) + power * (r + tail) : power * (1.0f + (r + tail));
}

// ln(1 + x): the logarithm of the rounded u = 1 + x, and what the rounding lost over u. Largest
// error 1.0.
inline float log1p_f32(float x) {
  if (abs_f32(x) < 2.98023224e-8f) return x;
  const float u = 1.0f + x;
  if (!is_log_domain(u)) return log_outside_domain(u);
  const float lost = x >= 1.0f ? 1.0f - (u - x) : x - (u - 1.0f);
  const LogParts p = log_parts(u);
  const float low = p.tail + (p.k * 9.05800061e-6f + lost / u);
  return p.k * 0.693138123f - ((p.half_square - low) - p.f);
}

// ---- tangent and inverse circle functions ------------------------------------------------------

// sin over cos of the same quarter turn. Largest error 3.4.
inline float tan_f32(float x) {
  if (!is_finite_f32(x)) return float_of(kQuietNan);
  QuarterTurn q = {x, 0};
  if (abs_f32(x) > 0.785398185f) q = reduce_to_quarter(x);
  const float s = sin_quarter(q.r);
  const float c = cos_quarter(q.r);
  return (q.quadrant & 1u) != 0 ? -c / s : s / c;
}

// With a = |x|: atan a = pi/2 - atan(1/a) above tan(3 pi/8), pi/4 + atan((a - 1)/(a + 1)) above
// tan(pi/8), an odd polynomial below. Largest error 2.0.
inline float atan_f32(float x) {
  if (is_nan_f32(x)) return float_of(kQuietNan);
  const float a = abs_f32(x);
  float base = 0.0f, rest = 0.0f, t = a;  // base + rest: multiples of pi/4 in two parts
  if (a > 2.41421366f) {
    base = 1.57079637f;
    rest = -4.37113883e-8f;
    t = -1.0f / a;
  } else if (a > 0.414213568f) {
    base = 0.785398185f;
    rest = -2.18556941e-8f;
    t = (a - 1.0f) / (a + 1.0f);
  }
  const float z = t * t;
  float p = -6.075916812e-02f;
  p = p * z + 1.059294641e-01f;
  p = p * z + -1.424342245e-01f;
  p = p * z + 1.999846548e-01f;
  p = p * z + -3.333331645e-01f;
  return copy_sign_f32(base + (t + (t * z * p + rest)), x);
}

// (asin(s) - s) / s for s^2 = z <= 1/4.
inline float asin_tail(float z) {
  float p = 4.217823222e-02f;
  p = p * z + 2.417295054e-02f;
  p = p * z + 4.547160864e-02f;
  p = p * z + 7.495288551e-02f;
  p = p * z + 1.666675210e-01f;
  return z * p;
}

// Above 1/2: asin a = pi/2 - 2 asin(sqrt((1 - a) / 2)). Largest error 2.5.
inline float asin_f32(float x) {
  const float a = abs_f32(x);
  if (!(a <= 1.0f)) return float_of(kQuietNan);
  if (a <= 0.5f) return x + x * asin_tail(x * x);
  const float z = 0.5f * (1.0f - a);
  const float s = sqrt_f32(z);
  const float y = 1.57079637f - (2.0f * (s + s * asin_tail(z)) + 4.37113883e-8f);
  return copy_sign_f32(y, x);
}

// pi/2 - asin x, without cancellation at 1. Largest error 1.2.
inline float acos_f32(float x) {
  const float a = abs_f32(x);
  if (!(a <= 1.0f)) return float_of(kQuietNan);
  if (a <= 0.5f) return 1.57079637f - (x + (x * asin_tail(x * x) + 4.37113883e-8f));
  const float z = 0.5f * (1.0f - a);
  const float s = sqrt_f32(z);
  const float y = 2.0f * (s + s * asin_tail(z));
  return x > 0.0f ? y : 3.14159274f - (y + 8.74227766e-8f);
}

// ---- hyperbolic functions and their inverses ---------------------------------------------------

// With t = e^|x| - 1: (t + t / (t + 1)) / 2; beyond 88 by two factors e^(|x|/2). Largest error 2.4.
inline float sinh_f32(float x) {
  const float a = abs_f32(x);
  float y;
  if (a < 2.44140625e-4f) {
    y = a;
  } else if (a < 88.0f) {
    const float t = expm1_f32(a);
    y = 0.5f * (t + t / (t + 1.0f));
  } else {
    const float root = exp_f32(0.5f * a);
    y = (0.5f * root) * root;
  }
  return is_nan_f32(x) ? float_of(kQuietNan) : copy_sign_f32(y, x);
}

// Largest error 2.4.
inline float cosh_f32(float x) {
  const float a = abs_f32(x);
  if (a < 88.0f) {
    const float e = exp_f32(a);
    return 0.5f * e + 0.5f / e;
  }
  const float root = exp_f32(0.5f * a);
  return (0.5f * root) * root;
}

// ln(a + sqrt(a^2 + 1)) as log1p(a + a^2 / (1 + sqrt(a^2 + 1))). Largest error 1.9.
inline float asinh_f32(float x) {
  const float a = abs_f32(x);
  float y;
  if (a < 2.44140625e-4f) {
    y = a;
  } else if (a < 4096.0f) {
    const float square = a * a;
    y = log1p_f32(a + square / (1.0f + sqrt_f32(square + 1.0f)));
  } else {
    y = log_f32(a) + 0.693147182f;
  }
  return is_nan_f32(x) ? float_of(kQuietNan) : copy_sign_f32(y, x);
}

// ln(x + sqrt(x^2 - 1)) as log1p(t + sqrt(2 t + t^2)), t = x - 1. Largest error 2.4.
inline float acosh_f32(float x) {
  if (!(x >= 1.0f)) return float_of(kQuietNan);
  if (x >= 4096.0f) return log_f32(x) + 0.693147182f;
  const float t = x - 1.0f;
  return log1p_f32(t + sqrt_f32(t * (t + 2.0f)));
}

// log1p(2 a / (1 - a)) / 2. Largest error 2.1; infinity at 1.
inline float atanh_f32(float x) {
  const float a = abs_f32(x);
  if (!(a <= 1.0f)) return float_of(kQuietNan);
  if (a < 2.44140625e-4f) return x;
  return copy_sign_f32(0.5f * log1p_f32((a + a) / (1.0f - a)), x);
}

// ---- error function ----------------------------------------------------------------------------

// x + x P(x^2) up to 1, beyond 1 - e^Q(|x|), Q = ln erfc; 1 from 4 on. Largest error 1.4.
inline float erf_f32(float x) {
  if (is_nan_f32(x)) return float_of(kQuietNan);
  const float a = abs_f32(x);
  if (a >= 4.0f) return copy_sign_f32(1.0f, x);
  if (a < 1.0f) {
    const float z = x * x;
    float p = 7.929575804e-05f;
    p = p * z + -8.034800994e-04f;
    p = p * z + 5.191399250e-03f;
    p = p * z + -2.685564756e-02f;
    p = p * z + 1.128363833e-01f;
    p = p * z + -3.761263192e-01f;
    p = p * z + 1.283791661e-01f;
    return x + x * p;
  }
  float q = 1.924250828e-04f;
  q = q * a + -3.008528147e-03f;
  q = q * a + 2.208760753e-02f;
  q = q * a + -1.036402583e-01f;
  q = q * a + -6.375170946e-01f;
  q = q * a + -1.127474904e+00f;
  q = q * a + -2.447234001e-04f;
  return copy_sign_f32(1.0f - exp_f32(q), x);
}

}  // namespace mote
