// SPDX-License-Identifier: Apache-2.0
// Remainders and floors of quotients against exact results in double precision and C's fmodf.
#include "core/float_division.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <iostream>
#include <random>

namespace mote {
namespace {

std::mt19937_64 seeded() {
  const char* given = std::getenv("MOTE_SEED");
  const uint64_t seed = given ? std::strtoull(given, nullptr, 10) : 1;
  std::cout << "seed " << seed << '\n';
  return std::mt19937_64(seed);
}

// Any finite float but 0; every exponent, denormal numbers too.
float any_float(std::mt19937_64& engine) {
  for (;;) {
    const float x = float_of(uint32_t(engine()));
    if (is_finite_f32(x) && x != 0.0f) return x;
  }
}

TEST(FloatDivision, RemainderEqualsFmodOnEveryExponent) {
  std::mt19937_64 engine = seeded();
  for (int i = 0; i < 1000000; ++i) {
    const float x = any_float(engine), y = any_float(engine);
    ASSERT_EQ(bits_of(remainder_f32(x, y)), bits_of(std::fmod(x, y))) << x << ' ' << y;
  }
  EXPECT_TRUE(is_nan_f32(remainder_f32(1, 0)));
  EXPECT_TRUE(is_nan_f32(remainder_f32(float_of(kInfinity), 2)));
  EXPECT_EQ(remainder_f32(3, float_of(kInfinity)), 3.0f);
}

TEST(FloatDivision, FlooredQuotientIsThatOfTheExactQuotient) {
  std::mt19937_64 engine = seeded();
  std::uniform_int_distribution<int> whole(-4000, 4000);
  std::uniform_real_distribution<float> real(-3e3f, 3e3f);
  for (int i = 0; i < 1000000; ++i) {
    float y = i % 2 ? real(engine) : float(whole(engine)) / 10;
    if (y == 0) y = 0.1f;
    // Multiples of y and their neighbours: where a rounded quotient is whole.
    float x = float(whole(engine)) * y;
    if (i % 3 == 0) x = std::nextafter(x, 1e9f);
    if (i % 3 == 1) x = std::nextafter(x, -1e9f);
    const double exact = std::floor(double(x) / double(y));
    ASSERT_EQ(double(floored_quotient_f32(x, y)), exact) << x << ' ' << y;
  }
}

}  // namespace
}  // namespace mote
