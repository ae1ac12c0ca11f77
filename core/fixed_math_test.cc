// SPDX-License-Identifier: Apache-2.0
// Integer functions against wider integers and long double: exhaustive where 2^32 allows it, else
// seeded random numbers of every magnitude. In: nothing. Out: nothing.
#include "core/fixed_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "core/block_floating.h"

namespace mote {
namespace {

constexpr uint64_t kSeed = 7102024;

// Random bits shifted right by a random amount: every magnitude is as likely.
struct Magnitudes {
  std::mt19937_64 bits{kSeed};
  uint64_t u64() { return bits() >> (bits() % 64); }
  int64_t s64() { return static_cast<int64_t>(bits()) >> (bits() % 64); }
  int32_t s32() { return static_cast<int32_t>(static_cast<int32_t>(bits()) >> (bits() % 32)); }
};

TEST(FixedMath, RightShiftOfNegativeIsArithmetic) { EXPECT_EQ(-5 >> 1, -3); }

TEST(FixedMath, RoundingShiftIsFloorOfHalfAdded) {
  Magnitudes random;
  for (int i = 0; i < 200000; ++i) {
    const int32_t x = random.s32();
    const int n = static_cast<int>(random.bits() % 32);
    const int64_t expected = n == 0 ? x : (static_cast<int64_t>(x) + (int64_t{1} << (n - 1))) >> n;
    ASSERT_EQ(shift_right_rounding_s32(x, n), expected) << x << " " << n;
    const int64_t y = random.s64() / 2;
    const int m = static_cast<int>(random.bits() % 62);
    ASSERT_EQ(shift_right_rounding_s64(y, m), m == 0 ? y : (y + (int64_t{1} << (m - 1))) >> m);
  }
  EXPECT_EQ(shift_right_rounding_s32(INT32_MAX, 1), 1 << 30);
  EXPECT_EQ(shift_right_rounding_s32(5, 1), 3);
  EXPECT_EQ(shift_right_rounding_s32(-5, 1), -2);
}

TEST(FixedMath, SaturatingOperations) {
  EXPECT_EQ(add_saturating_s32(INT32_MAX, 1), INT32_MAX);
  EXPECT_EQ(add_saturating_s32(INT32_MIN, -1), INT32_MIN);
  EXPECT_EQ(sub_saturating_s32(INT32_MIN, 1), INT32_MIN);
  EXPECT_EQ(sub_saturating_s32(0, INT32_MIN), INT32_MAX);
  EXPECT_EQ(mul_saturating_s32(INT32_MIN, -1), INT32_MAX);
  EXPECT_EQ(mul_saturating_s32(65536, -65536), INT32_MIN);
  EXPECT_EQ(shift_left_saturating_s32(1, 31), INT32_MAX);
  EXPECT_EQ(shift_left_saturating_s32(-1, 31), INT32_MIN);
  EXPECT_EQ(shift_left_saturating_s32(-3, 4), -48);
  EXPECT_EQ(saturate_s16(40000), 32767);
  EXPECT_EQ(saturate_s8(-129), -128);
  EXPECT_EQ(mul_q15(-32768, -32768), 32767);
  EXPECT_EQ(mul_q15(16384, 16384), 8192);
  EXPECT_EQ(mul_q31(INT32_MIN, INT32_MIN), INT32_MAX);
}

TEST(FixedMath, ProductsAreExact) {
  Magnitudes random;
  for (int i = 0; i < 500000; ++i) {
    const int32_t x = random.s32();
    const int16_t w = static_cast<int16_t>(random.bits());
    ASSERT_EQ(mul_high_s32_s16(x, w), (static_cast<int64_t>(x) * w) >> 16);
  }
  for (int32_t x : {INT32_MIN, INT32_MIN + 1, -65536, -65535, -1, 0, 1, 65535, 65536, INT32_MAX}) {
    for (int16_t w : std::initializer_list<int16_t>{-32768, -32767, -1, 0, 1, 32767}) {
      ASSERT_EQ(mul_high_s32_s16(x, w), (static_cast<int64_t>(x) * w) >> 16);
    }
  }
}

TEST(FixedMath, DivisionEqualsWideDivision) {
  Magnitudes random;
  for (int i = 0; i < 300000; ++i) {
    const uint64_t n = random.u64();
    const uint32_t d = static_cast<uint32_t>(random.u64()) | 1u << (random.bits() % 32);
    ASSERT_EQ(div_u64_u32(n, d), n / d) << n << " / " << d;
    const int64_t s = random.s64();
    const int32_t t = random.s32();
    if (t == 0) continue;
    const __int128 twice = static_cast<__int128>(s < 0 ? -static_cast<__int128>(s) : s) * 2;
    const __int128 magnitude = t < 0 ? -static_cast<__int128>(t) : t;
    const __int128 rounded = (twice + magnitude) / (2 * magnitude);
    const __int128 expected = (s < 0) != (t < 0) ? -rounded : rounded;
    if (expected > INT64_MAX) continue;
    ASSERT_EQ(div_rounding_s64_s32(s, t), static_cast<int64_t>(expected)) << s << " / " << t;
  }
  EXPECT_EQ(div_rounding_s64_s32(INT64_MIN, -1), INT64_MAX);
  EXPECT_EQ(div_rounding_s64_s32(INT64_MIN, 1), INT64_MIN);
  EXPECT_EQ(div_rounding_s64_s32(INT64_MAX, INT32_MIN), -4294967296);
  EXPECT_EQ(div_rounding_s64_s32(7, 2), 4);
  EXPECT_EQ(div_rounding_s64_s32(-7, 2), -4);
  EXPECT_EQ(div_rounding_s64_s32(5, 0), INT64_MAX);
  EXPECT_EQ(div_rounding_s64_s32(0, 0), 0);
}

// The root s of x changes at squares only: checking s^2 - 1, s^2 and s^2 + 2 s for every s covers
// every x.
TEST(FixedMath, SquareRoot32IsExactEverywhere) {
  for (uint32_t s = 0; s < 65536; ++s) {
    ASSERT_EQ(sqrt_u32(s * s), s);
    ASSERT_EQ(sqrt_u32(s * s + 2 * s), s);
  }
}

TEST(FixedMath, SquareRoot64IsExact) {
  Magnitudes random;
  const auto check = [](uint64_t s) {
    ASSERT_EQ(sqrt_u64(s * s), s) << s;
    ASSERT_EQ(sqrt_u64(s * s + 2 * s), s) << s;
  };
  for (uint64_t s = 0; s < 70000; ++s) check(s);
  for (uint64_t s = 0xffff0000u; s <= 0xffffffffu; ++s) check(s);
  for (int i = 0; i < 3000000; ++i) check(random.u64() >> 32);
  for (int i = 0; i < 1000000; ++i) check(0x80000000u | (random.bits() & 0x7fffffffu));
}

TEST(FixedMath, LogarithmsWithinStatedError) {
  Magnitudes random;
  double worst_2 = 0, worst_e = 0, worst_10 = 0;
  const auto check = [&](uint64_t x) {
    const long double l = std::log2(static_cast<long double>(x)) * 65536;
    worst_2 = std::max(worst_2, static_cast<double>(std::fabs(log2_q16(x) - l)));
    worst_e =
        std::max(worst_e, static_cast<double>(std::fabs(ln_q16(x) - l * 0.693147180559945309417L)));
    worst_10 = std::max(
        worst_10, static_cast<double>(std::fabs(log10_q16(x) - l * 0.301029995663981195214L)));
  };
  for (uint64_t x = 1; x < 2000000; ++x) check(x);
  for (int i = 0; i < 2000000; ++i) check(random.u64() | 1);
  for (int k = 0; k < 64; ++k)
    ASSERT_EQ(log2_q16(uint64_t{1} << k), static_cast<uint32_t>(k) << 16);
  std::printf("log2 %.3f ln %.3f log10 %.3f of 2^-16\n", worst_2, worst_e, worst_10);
  EXPECT_LE(worst_2, 0.7);
  EXPECT_LE(worst_e, 1.0);
  EXPECT_LE(worst_10, 0.8);
  EXPECT_EQ(log2_q16(0), 0u);
  EXPECT_EQ(log2_q16(UINT64_MAX), 64u << 16);
}

TEST(FixedMath, Log2NeverStepsBack) {
  uint32_t before = 0;
  for (uint64_t x = 1; x < (1u << 22); ++x) {
    const uint32_t y = log2_q16(x);
    ASSERT_GE(y, before) << x;
    before = y;
  }
}

TEST(BlockFloating, UsesTheBitsAskedFor) {
  int32_t x[4] = {3, -5, 0, 1};
  EXPECT_EQ(magnitude_bits_s32(x, 4), 3);
  EXPECT_EQ(normalise_block_s32(x, 4, 30), 27);
  EXPECT_EQ(x[1], -5 * (1 << 27));
  EXPECT_EQ(normalise_block_s32(x, 4, 30), 0);
  int32_t power[1] = {-8};
  EXPECT_EQ(magnitude_bits_s32(power, 1), 3);
  const int16_t samples[2] = {-32768, 0};
  EXPECT_EQ(magnitude_bits_s16(samples, 2), 15);
  int32_t silence[2] = {0, 0};
  EXPECT_EQ(normalise_block_s32(silence, 2, 30), 30);
}

}  // namespace
}  // namespace mote
