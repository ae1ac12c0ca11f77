// SPDX-License-Identifier: Apache-2.0
// Elementary functions on IEEE binary32, the same bytes on x86-64 and every Cortex-M (soft float
// included). In: a float. Out: a float; each function is one fixed sequence of IEEE additions,
// multiplications, divisions and integer operations, so it is equal wherever the compiler neither
// contracts nor reorders (-ffp-contract=off). No libm, no double, no tables beyond 32 bytes. NaN
// gives the quiet NaN 0x7fc00000. "Largest error" is in units of the last place of the correctly
// rounded result, against double precision. The tests hold the figures on every 251st float of the
// domain; on every float, as they were found, it is `make bench-exhaustive` that does. Polynomials
// are minimax fits (Remez exchange, relative weight) with coefficients rounded to binary32.
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"
#include "core/float_bits.h"

namespace mote {

// ---- exponential -------------------------------------------------------------------------------

// y * 2^k with one rounding, for |y| in [1/2, 2) and -151 <= k <= 128.
inline float scale_by_power_of_two(float y, int k) {
  if (k >= -124 && k <= 126) return float_of(bits_of(y) + (static_cast<uint32_t>(k) << 23));
  if (k > 126) return y * power_of_two_f32(126) * power_of_two_f32(k - 126);
  return y * power_of_two_f32(k + 100) * power_of_two_f32(-100);
}

// e^x = 2^k e^r, k = round(x / ln 2), |r| <= ln(2) / 2, e^r = 1 + r + r^2 P(r). Largest error 1.0.
// Above 88.7229 infinity, below -103.973 zero, denormal results rounded once.
inline float exp_f32(float x) {
  if (is_nan_f32(x)) return float_of(kQuietNan);
  if (x > 88.7228394f) return float_of(kInfinity);
  if (x < -103.972084f) return 0.0f;
  const int32_t k = to_int_saturating(x * 1.44269502f, -151, 128);
  const float kf = static_cast<float>(k);
  const float r = (x - kf * 0.693359375f) -
                  kf * -2.12194442e-4f;  // 355/512 has 9 bits: the first step is exact
  float p = 1.381456852e-03f;
  p = p * r + 8.368730545e-03f;
  p = p * r + 4.166838899e-02f;
  p = p * r + 1.666652113e-01f;
  p = p * r + 4.999999404e-01f;
  return scale_by_power_of_two(1.0f + (r + r * r * p), k);
}

// 1 / (1 + e^-x), without cancellation on either side. Largest error 2.9.
inline float logistic_f32(float x) {
  const float e = exp_f32(-abs_f32(x));
  const float y = 1.0f / (1.0f + e);
  return bits_of(x) >> 31 ? e * y : y;
}

// tanh(x): odd polynomial below 0.625, 1 - 2 / (e^2x + 1) above. Largest error 1.4.
inline float tanh_f32(float x) {
  if (is_nan_f32(x)) return float_of(kQuietNan);
  const float a = abs_f32(x);
  float y = 1.0f;
  if (a < 0.625f) {
    const float z = x * x;
    float p = -5.717045162e-03f;
    p = p * z + 2.065058798e-02f;
    p = p * z + -5.374349654e-02f;
    p = p * z + 1.333149076e-01f;
    p = p * z + -3.333328366e-01f;
    return x + x * z * p;
  }
  if (a < 9.1f) y = 1.0f - 2.0f / (exp_f32(a + a) + 1.0f);
  return bits_of(x) >> 31 ? -y : y;
}

// ---- logarithms --------------------------------------------------------------------------------

// x = 2^k (1 + f), sqrt(1/2) <= 1 + f < sqrt(2), and ln(1 + f) = f - half_square + tail.
struct LogParts {
  float k;
  float f;
  float half_square;  // f^2 / 2
  float tail;
};

// For finite x > 0. With s = f / (2 + f): ln(1 + f) = 2 artanh(s) = f - f^2/2 + s (f^2/2 + s^2
// P(s^2)).
inline LogParts log_parts(float x) {
  int32_t k = 0;
  if (bits_of(x) < 0x00800000u) {  // denormal
    x *= 33554432.0f;
    k = -25;
  }
  const uint32_t bits = bits_of(x) + (0x3f800000u - 0x3f3504f3u);
  k += static_cast<int32_t>(bits >> 23) - 127;
  LogParts parts;
  parts.k = static_cast<float>(k);
  parts.f = float_of((bits & 0x7fffffu) + 0x3f3504f3u) - 1.0f;
  parts.half_square = 0.5f * parts.f * parts.f;
  const float s = parts.f / (2.0f + parts.f);
  const float z = s * s;
  float p = 2.358229309e-01f;
  p = p * z + 2.853730023e-01f;
  p = p * z + 4.000033438e-01f;
  p = p * z + 6.666666269e-01f;
  parts.tail = s * (parts.half_square + z * p);
  return parts;
}

// What log of a number that is not finite and positive gives: -infinity for 0, NaN below, infinity
// for infinity.
inline bool is_log_domain(float x) { return bits_of(x) - 1u < kInfinity - 1u; }
inline float log_outside_domain(float x) {
  if (x == 0.0f) return -float_of(kInfinity);
  return bits_of(x) == kInfinity ? x : float_of(kQuietNan);
}

// Natural logarithm. Largest error 0.9.
inline float log_f32(float x) {
  if (!is_log_domain(x)) return log_outside_domain(x);
  const LogParts p = log_parts(x);
  const float low = p.tail + p.k * 9.05800061e-6f;  // k ln 2 in two parts, the upper one exact
  return p.k * 0.693138123f - ((p.half_square - low) - p.f);
}

// ln(1 + f) as high + low, high with 12 bits, so that its products with 12-bit constants are exact.
struct LogPair {
  float high, low;
};
inline LogPair split_log(const LogParts& p) {
  const float high = float_of(bits_of(p.f - p.half_square) & 0xfffff000u);
  return {high, ((p.f - high) - p.half_square) + p.tail};
}

// Base 2: exact at powers of two. Largest error 0.9. (1 / ln 2 in two parts.)
inline float log2_f32(float x) {
  if (!is_log_domain(x)) return log_outside_domain(x);
  const LogParts p = log_parts(x);
  const LogPair l = split_log(p);
  return (((l.low + l.high) * -1.76052854e-4f + l.low * 1.44287109f) + l.high * 1.44287109f) + p.k;
}

// Base 10. Largest error 0.9. (1 / ln 10 and log10 2 in two parts.)
inline float log10_f32(float x) {
  if (!is_log_domain(x)) return log_outside_domain(x);
  const LogParts p = log_parts(x);
  const LogPair l = split_log(p);
  const float low = p.k * 7.90341517e-7f + (l.low + l.high) * -3.16899714e-5f;
  return ((low + l.low * 0.434326172f) + l.high * 0.434326172f) + p.k * 0.301029205f;
}

// x^y = e^(y ln x) for x >= 0; relative error at most 2^-23 (2 + |y ln x|). 0^y is 0 for y > 0, 1
// for y = 0, infinity for y < 0; NaN for x < 0.
inline float pow_f32(float x, float y) {
  if (is_nan_f32(x) || is_nan_f32(y)) return float_of(kQuietNan);
  if (y == 0.0f) return 1.0f;
  if (x == 0.0f) return y > 0.0f ? 0.0f : float_of(kInfinity);
  return exp_f32(y * log_f32(x));
}

// ---- square root -------------------------------------------------------------------------------

// Correctly rounded square root in integers: a 25-bit floor from the reciprocal root, corrected by
// its remainder, then rounded. (A tie would need a square with an odd 25-bit root: 49 significant
// bits, x has 24.) x < 0 gives NaN, -0 stays.
inline float sqrt_f32(float x) {
  uint32_t bits = bits_of(x);
  if ((bits & 0x7fffffffu) == 0 || bits == kInfinity) return x;
  if (bits > kInfinity) return float_of(kQuietNan);
  int32_t exponent = static_cast<int32_t>(bits >> 23) - 127;
  uint32_t mantissa = (bits & 0x7fffffu) | 0x800000u;
  if (exponent == -127) {  // denormal: no hidden bit
    mantissa &= 0x7fffffu;
    const int shift = leading_zeros_u32(mantissa) - 8;
    mantissa <<= shift;
    exponent = -126 - shift;
  }
  const uint32_t a = mantissa << (7 + (exponent & 1));  // x = 2^(2 floor(exponent / 2)) * a / 2^30
  uint32_t root = mul_high_u32(a, reciprocal_sqrt_q30(a)) >> 5;
  // a 2^18 - root^2 fits 32 bits around the floor, so its low word is enough.
  int32_t rest = static_cast<int32_t>((a << 18) - root * root);
  if (rest < 0) rest += static_cast<int32_t>(2 * --root + 1);
  if (rest > static_cast<int32_t>(2 * root)) ++root;
  return float_of((static_cast<uint32_t>((exponent >> 1) + 126) << 23) + ((root + 1) >> 1));
}

// ---- sine and cosine ---------------------------------------------------------------------------

// x = quadrant * pi/2 + r, |r| <= pi/4 (quadrant modulo 4).
struct QuarterTurn {
  float r;
  uint32_t quadrant;
};

// Bits of 2/pi after 32 zero bits; 2/pi = 0.A2F9836E 4E441529...
inline constexpr uint32_t kTwoOverPi[8] = {0u,          0xa2f9836eu, 0x4e441529u, 0xfc2757d1u,
                                           0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu};

// Finite x, |x| > pi/4. |x| = mantissa 2^e times 2/pi, modulo 4, as a 2.62 fixed-point number: the
// 96 bits of 2/pi that matter begin where mantissa 2^e counts whole turns (Payne and Hanek); what
// is cut off is below 2^-70. Its product with pi/2 is taken in integers too, so that r is one
// rounding away from exact.
inline QuarterTurn reduce_to_quarter(float x) {
  const uint32_t bits = bits_of(x) & 0x7fffffffu;
  const uint32_t mantissa = (bits & 0x7fffffu) | 0x800000u;
  const uint32_t start = (bits >> 23) - 120u;  // e + 30, e = exponent - 150
  const uint32_t* word = kTwoOverPi + (start >> 5);
  const uint32_t shift = start & 31u;
  uint32_t window[3];
  for (int i = 0; i < 3; ++i)
    window[i] = shift == 0 ? word[i] : (word[i] << shift) | (word[i + 1] >> (32 - shift));
  const uint64_t turns = (static_cast<uint64_t>(mantissa * window[0]) << 32) +
                         static_cast<uint64_t>(mantissa) * window[1] +
                         mul_high_u32(mantissa, window[2]);
  const uint32_t quadrant = static_cast<uint32_t>((turns + (static_cast<uint64_t>(1) << 61)) >> 62);
  const uint64_t rest = turns - (static_cast<uint64_t>(quadrant) << 62);
  const bool negative = (rest >> 63) != 0;
  const uint64_t magnitude = negative ? ~rest + 1 : rest;
  const int zeros = leading_zeros_u64(magnitude | 1u);
  const uint32_t product =
      mul_high_u32(static_cast<uint32_t>((magnitude << zeros) >> 32), 0xc90fdaa2u);  // pi/2 2^31
  const float r =
      static_cast<float>(static_cast<int32_t>(product >> 1)) * power_of_two_f32(-28 - zeros);
  const bool flip = (bits_of(x) >> 31) != 0;
  return {negative != flip ? -r : r, (flip ? 0u - quadrant : quadrant) & 3u};
}

// |r| <= pi/4.
inline float sin_quarter(float r) {
  const float z = r * r;
  return r + r * z * ((-1.951729937e-04f * z + 8.332177997e-03f) * z + -1.666665524e-01f);
}
inline float cos_quarter(float r) {
  const float z = r * r;
  const float p = (2.443845187e-05f * z + -1.388736768e-03f) * z + 4.166664556e-02f;
  return 1.0f - (0.5f * z - z * z * p);
}

// sin(x + shift * pi/2).
inline float sin_shifted(float x, uint32_t shift) {
  if (!is_finite_f32(x)) return float_of(kQuietNan);
  QuarterTurn q = {x, 0};
  if (abs_f32(x) > 0.785398185f) q = reduce_to_quarter(x);
  q.quadrant += shift;
  const float y = (q.quadrant & 1u) != 0 ? cos_quarter(q.r) : sin_quarter(q.r);
  return (q.quadrant & 2u) != 0 ? -y : y;
}

// Any finite x. Largest error 1.6.
inline float sin_f32(float x) { return sin_shifted(x, 0); }
inline float cos_f32(float x) { return sin_shifted(x, 1); }

}  // namespace mote
