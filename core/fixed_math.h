// SPDX-License-Identifier: Apache-2.0
// Integer arithmetic of signal blocks: saturation, rounding shifts, Q-format products, division,
// square roots, log2. In: two's complement integers. Out: integers; every rounding is part of the
// function's definition below. Device-clean; the only compiler support used is 32x32->64
// multiplication, 32-bit division and count-leading-zeros. Right shifts of negative values are
// arithmetic (every compiler mote supports; core/fixed_math_test.cc checks it).
#pragma once
#include <stdint.h>

namespace mote {

// ---- saturation --------------------------------------------------------------------------------

inline int32_t clamp_s32(int32_t x, int32_t lo, int32_t hi) {
  return x < lo ? lo : (x > hi ? hi : x);
}
inline int16_t saturate_s16(int32_t x) { return static_cast<int16_t>(clamp_s32(x, -32768, 32767)); }
inline int8_t saturate_s8(int32_t x) { return static_cast<int8_t>(clamp_s32(x, -128, 127)); }
inline int32_t saturate_s32(int64_t x) {
  return static_cast<int32_t>(x < INT32_MIN ? INT32_MIN : (x > INT32_MAX ? INT32_MAX : x));
}
inline int32_t add_saturating_s32(int32_t a, int32_t b) {
  return saturate_s32(static_cast<int64_t>(a) + b);
}
inline int32_t sub_saturating_s32(int32_t a, int32_t b) {
  return saturate_s32(static_cast<int64_t>(a) - b);
}

// ---- shifts ------------------------------------------------------------------------------------

// x / 2^n rounded to nearest, halves upwards (2.5 -> 3, -2.5 -> -2). 0 <= n <= 31. Cannot overflow:
// the half is added after the shift, as the last bit shifted out.
inline int32_t shift_right_rounding_s32(int32_t x, int n) {
  return n == 0 ? x : (x >> n) + ((x >> (n - 1)) & 1);
}

// The same for 64 bits, 0 <= n <= 63.
inline int64_t shift_right_rounding_s64(int64_t x, int n) {
  return n == 0 ? x : (x >> n) + ((x >> (n - 1)) & 1);
}

// x * 2^n saturated to 32 bits, 0 <= n <= 31.
inline int32_t shift_left_saturating_s32(int32_t x, int n) {
  return saturate_s32(static_cast<int64_t>(x) * (static_cast<int64_t>(1) << n));
}

// ---- products ----------------------------------------------------------------------------------

// floor(x * w / 2^16) for a 32-bit sample and a 16-bit weight: what Arm's SMULWB computes, here
// with two 32-bit products so that a Cortex-M0 needs no 64-bit multiply. Exact: x = 2^16 high + low
// gives high * w + floor(low * w / 2^16), and |low * w| <= 65535 * 32768 < 2^31. |result| <= 2^30.
inline int32_t mul_high_s32_s16(int32_t x, int16_t w) {
  const int32_t low = static_cast<int32_t>(static_cast<uint32_t>(x) & 0xffffu);
  return (x >> 16) * w + ((low * w) >> 16);
}

// a * b / 2^15, halves upwards; -1 * -1 saturates to 32767.
inline int16_t mul_q15(int16_t a, int16_t b) {
  return saturate_s16((static_cast<int32_t>(a) * b + (1 << 14)) >> 15);
}

// a * b / 2^31, halves upwards; -1 * -1 saturates to 2^31 - 1.
inline int32_t mul_q31(int32_t a, int32_t b) {
  return saturate_s32((static_cast<int64_t>(a) * b + (static_cast<int64_t>(1) << 30)) >> 31);
}

// a * b saturated to 32 bits.
inline int32_t mul_saturating_s32(int32_t a, int32_t b) {
  return saturate_s32(static_cast<int64_t>(a) * b);
}

// floor(a * b / 2^32), unsigned.
inline uint32_t mul_high_u32(uint32_t a, uint32_t b) {
  return static_cast<uint32_t>((static_cast<uint64_t>(a) * b) >> 32);
}

// ---- leading zeros -----------------------------------------------------------------------------

// Zero bits above the highest one; 32 (64) for 0.
inline int leading_zeros_u32(uint32_t x) { return x == 0 ? 32 : __builtin_clz(x); }
inline int leading_zeros_u64(uint64_t x) {
  const uint32_t high = static_cast<uint32_t>(x >> 32);
  return high != 0 ? __builtin_clz(high) : 32 + leading_zeros_u32(static_cast<uint32_t>(x));
}

// ---- division ----------------------------------------------------------------------------------

// floor(n / d), d != 0. The high word by one 32-bit division, the low word bit by bit: 32 short
// steps, a few bytes of stack, where the compiler's own 64-bit division would link a kilobyte.
inline uint64_t div_u64_u32(uint64_t n, uint32_t d) {
  const uint32_t high = static_cast<uint32_t>(n >> 32);
  const uint32_t high_quotient = high / d;
  uint32_t rest = high - high_quotient * d;
  uint32_t low = static_cast<uint32_t>(n);
  for (int bit = 0; bit < 32; ++bit) {
    const uint32_t carry = rest >> 31;
    rest = (rest << 1) | (low >> 31);
    low <<= 1;
    if (carry != 0 || rest >= d) {
      rest -= d;
      low |= 1;
    }
  }
  return (static_cast<uint64_t>(high_quotient) << 32) | low;
}

// n / d rounded to nearest, halves away from zero. d == 0 gives INT64_MAX, 0 or INT64_MIN by the
// sign of n; INT64_MIN / -1 gives INT64_MAX.
inline int64_t div_rounding_s64_s32(int64_t n, int32_t d) {
  if (d == 0) return n > 0 ? INT64_MAX : (n < 0 ? INT64_MIN : 0);
  const bool negative = (n < 0) != (d < 0);
  const uint64_t n_magnitude = n < 0 ? ~static_cast<uint64_t>(n) + 1 : static_cast<uint64_t>(n);
  const uint32_t d_magnitude = d < 0 ? ~static_cast<uint32_t>(d) + 1 : static_cast<uint32_t>(d);
  uint64_t q = div_u64_u32(n_magnitude, d_magnitude);
  const uint32_t rest = static_cast<uint32_t>(n_magnitude - q * d_magnitude);
  if (rest >= d_magnitude - rest) ++q;
  if (negative) return static_cast<int64_t>(~q + 1);
  return q > static_cast<uint64_t>(INT64_MAX) ? INT64_MAX : static_cast<int64_t>(q);
}

// ---- square roots ------------------------------------------------------------------------------

// 256 (1 / sqrt(x) - 1) at the middle of x = i / 128 .. (i + 1) / 128, for i = 32..127.
inline constexpr uint8_t kReciprocalSqrtSeed[96] = {
    252, 244, 237, 230, 223, 217, 211, 205, 199, 194, 188, 183, 178, 173, 169, 164,
    160, 156, 152, 148, 144, 140, 136, 133, 129, 126, 123, 119, 116, 113, 110, 107,
    105, 102, 99,  97,  94,  91,  89,  87,  84,  82,  80,  77,  75,  73,  71,  69,
    67,  65,  63,  61,  59,  57,  55,  54,  52,  50,  48,  47,  45,  44,  42,  40,
    39,  37,  36,  34,  33,  31,  30,  29,  27,  26,  25,  23,  22,  21,  20,  18,
    17,  16,  15,  13,  12,  11,  10,  9,   8,   7,   6,   5,   4,   3,   2,   1};

// About 2^30 / sqrt(a / 2^32) for 2^30 <= a < 2^32: result in (2^30, 2^31], relative error below
// 2^-24. Two Newton steps r += r (1 - a r^2) / 2 from a seed with an error below 1.5 %; the callers
// correct the last bits exactly.
inline uint32_t reciprocal_sqrt_q30(uint32_t a) {
  uint32_t r = (256u + kReciprocalSqrtSeed[(a >> 25) - 32u]) << 22;
  for (int step = 0; step < 2; ++step) {
    const int32_t defect = (1 << 28) - static_cast<int32_t>(mul_high_u32(a, mul_high_u32(r, r)));
    r += static_cast<uint32_t>((static_cast<int64_t>(r) * defect) >> 29);
  }
  return r;
}

// floor(sqrt(x)), exact.
inline uint32_t sqrt_u32(uint32_t x) {
  if (x == 0) return 0;
  const int shift = leading_zeros_u32(x) & ~1;
  const uint32_t a = x << shift;
  uint32_t s = mul_high_u32(a, reciprocal_sqrt_q30(a)) >> 14;
  if (s > 65535u) s = 65535u;
  const uint32_t square = s * s;
  if (square > a)
    --s;
  else if (a - square > 2 * s)
    ++s;
  return s >> (shift >> 1);
}

// floor(sqrt(x)), exact. One more Newton step on the remainder takes 24 bits to 32; what is left is
// corrected by one.
inline uint32_t sqrt_u64(uint64_t x) {
  if (x == 0) return 0;
  const int shift = leading_zeros_u64(x) & ~1;
  const uint64_t a = x << shift;
  const uint32_t high = static_cast<uint32_t>(a >> 32);
  const uint32_t r = reciprocal_sqrt_q30(high);
  uint64_t s = (static_cast<uint64_t>(high) * r) >> 30;
  if (s > 0xffffffffu) s = 0xffffffffu;
  int64_t rest = static_cast<int64_t>(a - s * s);
  s += static_cast<uint64_t>(((rest >> 12) * static_cast<int64_t>(r)) >> 51);
  if (s > 0xffffffffu) s = 0xffffffffu;
  rest = static_cast<int64_t>(a - s * s);
  if (rest < 0)
    --s;
  else if (static_cast<uint64_t>(rest) > 2 * s)
    ++s;
  return static_cast<uint32_t>(s) >> (shift >> 1);
}

// ---- logarithms --------------------------------------------------------------------------------

// 2^15 / (1 + (i + 1/2) / 16), and 2^31 log2 of 2^15 over that rounded value.
inline constexpr uint16_t kLog2Reciprocal[16] = {31775, 29959, 28340, 26887, 25575, 24385,
                                                 23302, 22310, 21400, 20560, 19784, 19065,
                                                 18396, 17772, 17190, 16644};
inline constexpr uint32_t kLog2Base[16] = {95338600u,   277665666u,  449785859u,  612846370u,
                                           767840038u,  915458638u,  1056205117u, 1190988218u,
                                           1320008428u, 1444069701u, 1563268185u, 1677960163u,
                                           1788629505u, 1895544247u, 1998701848u, 2098704474u};

// log2(x) in Q16 (65536 an octave), 0 <= result <= 64 * 65536; exact at powers of two, otherwise
// within 0.7 of the last bit (fixed_math_test.cc). log2_q16(0) = 0, the value of x = 1: callers add
// 1 or clamp where that matters. x = 2^k m, m in [1, 2); with c near 1 / m from a table, r = m c -
// 1, |r| < 2^-5 + 2^-11, log2(m) = -log2(c) + r (A - r (B - r C)), A, B, C = (1, 1/2, 1/3) / ln 2;
// dropped term < 0.03 of the last bit. All products below fit 32 bits: |r| <= 33000 in Q20, A =
// 47274 in Q15.
inline uint32_t log2_q16(uint64_t x) {
  if (x == 0) return 0;
  const int zeros = leading_zeros_u64(x);
  const uint32_t m = static_cast<uint32_t>((x << zeros) >> 32);
  const uint32_t i = (m >> 27) & 15u;
  const uint64_t product = static_cast<uint64_t>(m) * kLog2Reciprocal[i];  // Q31 * Q15
  const int32_t r = static_cast<int32_t>((product + (1u << 25)) >> 26) - (1 << 20);
  const int32_t inner = 23637 - ((15758 * r) >> 20);
  const int32_t outer = 47274 - ((inner * r) >> 20);
  const uint32_t fraction = kLog2Base[i] + static_cast<uint32_t>((outer * r) >> 4);
  return (static_cast<uint32_t>(63 - zeros) << 16) + ((fraction + (1u << 14)) >> 15);
}

// ln(x) and log10(x) in Q16 from log2(x) in Q16, rounded half up: at most 1 (ln) or 0.8 (log10) of
// the last bit off.
inline uint32_t ln_q16(uint64_t x) {
  return static_cast<uint32_t>((log2_q16(x) * static_cast<uint64_t>(2977044472u) + (1u << 31)) >>
                               32);
}
inline uint32_t log10_q16(uint64_t x) {
  return static_cast<uint32_t>((log2_q16(x) * static_cast<uint64_t>(1292913986u) + (1u << 31)) >>
                               32);
}

}  // namespace mote
