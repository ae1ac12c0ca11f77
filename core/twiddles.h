// SPDX-License-Identifier: Apache-2.0
// Cosine and sine of rational parts of a turn, for tables that the host computes and emits as
// constants: twiddles, windows, DCT matrices. In: k and n. Out: cos(2 pi k / n) in Q60, Q15 or
// float32, the same bits on every host (integers only, no libm). Host only: it needs 128-bit
// integers.
#pragma once
#include <stdint.h>

namespace mote {

__extension__ typedef unsigned __int128 Uint128;

inline constexpr uint64_t kOneQ60 = static_cast<uint64_t>(1) << 60;
inline constexpr uint64_t kTwoPiQ60 = 0x6487ed5110b4611aULL;

constexpr uint64_t mul_q60(uint64_t a, uint64_t b) {
  return static_cast<uint64_t>((static_cast<Uint128>(a) * b + (kOneQ60 >> 1)) >> 60);
}

// sum of (-1)^i x^(2i) / ((first + 1) ... (first + 2i)), for 0 <= x <= pi/4: cos(x) with first = 0,
// sin(x) / x with 1.
constexpr uint64_t taylor_q60(uint64_t x, unsigned first) {
  const uint64_t square = mul_q60(x, x);
  uint64_t sum = kOneQ60;
  for (unsigned i = 22; i >= 2; i -= 2) {
    sum = kOneQ60 - mul_q60(square, sum) / ((first + i - 1) * (first + i));
  }
  return sum;
}

// cos(2 pi k / n) * 2^60 within 2^-57 of exact, n < 2^28. The angle is first brought to an eighth
// of a turn with exact integers (a whole turn is 4 n units), so the symmetries of the cosine hold
// to the last bit.
constexpr int64_t cos_turn_q60(int64_t k, int64_t n) {
  int64_t a = 4 * (k % n);
  if (a < 0) a += 4 * n;
  if (a > 2 * n) a = 4 * n - a;  // cos(2 pi - a) = cos(a)
  const bool negative = a > n;   // cos(pi - a) = -cos(a)
  if (negative) a = 2 * n - a;
  const bool is_sine = 2 * a > n;  // cos(a) = sin(pi/2 - a)
  if (is_sine) a = n - a;
  const uint64_t x = static_cast<uint64_t>(static_cast<Uint128>(kTwoPiQ60) *
                                           static_cast<uint64_t>(a) / static_cast<uint64_t>(4 * n));
  const int64_t value =
      static_cast<int64_t>(is_sine ? mul_q60(x, taylor_q60(x, 1)) : taylor_q60(x, 0));
  return negative ? -value : value;
}

// sin(2 pi k / n) = cos(2 pi (k - n/4) / n).
constexpr int64_t sin_turn_q60(int64_t k, int64_t n) {
  return cos_turn_q60(4 * (k % n) - n, 4 * n);
}

// Q60 rounded to Q15, halves away from zero; 1 becomes 32767.
constexpr int16_t q15_of_q60(int64_t x) {
  const int64_t half = static_cast<int64_t>(1) << 44;
  const int64_t rounded = x < 0 ? -((half - x) >> 45) : (x + half) >> 45;
  return static_cast<int16_t>(rounded > 32767 ? 32767 : rounded);
}

constexpr int16_t cos_turn_q15(int64_t k, int64_t n) { return q15_of_q60(cos_turn_q60(k, n)); }
constexpr int16_t sin_turn_q15(int64_t k, int64_t n) { return q15_of_q60(sin_turn_q60(k, n)); }

// Rounded once, from Q60 (the power of two is exact).
constexpr float cos_turn_f32(int64_t k, int64_t n) {
  return static_cast<float>(cos_turn_q60(k, n)) / static_cast<float>(kOneQ60);
}
constexpr float sin_turn_f32(int64_t k, int64_t n) {
  return static_cast<float>(sin_turn_q60(k, n)) / static_cast<float>(kOneQ60);
}
constexpr double cos_turn(int64_t k, int64_t n) {
  return static_cast<double>(cos_turn_q60(k, n)) / static_cast<double>(kOneQ60);
}

// Numbers in the twiddle table of core/fft.h for order n: (cos, sin)(2 pi k / n), k = 0 .. n/4 - 1.
constexpr int32_t twiddle_count(int32_t n) { return n / 4 * 2; }

constexpr void fill_twiddles_q15(int32_t n, int16_t* table) {
  for (int32_t k = 0; k < n / 4; ++k) {
    table[2 * k] = cos_turn_q15(k, n);
    table[2 * k + 1] = sin_turn_q15(k, n);
  }
}
constexpr void fill_twiddles_f32(int32_t n, float* table) {
  for (int32_t k = 0; k < n / 4; ++k) {
    table[2 * k] = cos_turn_f32(k, n);
    table[2 * k + 1] = sin_turn_f32(k, n);
  }
}

}  // namespace mote
