// SPDX-License-Identifier: Apache-2.0
// x^y and atan2 against double precision on a million seeded inputs each, and where they are exact.
#include "core/float_power.h"

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

// In units of the last place of the correctly rounded result.
double error_in_ulps(float got, double exact) {
  const float nearest = float(exact);
  const double unit = std::fabs(double(std::nextafter(nearest, INFINITY)) - double(nearest));
  return std::fabs(double(got) - exact) / unit;
}

TEST(FloatPower, WholeExponentsWithinTwoUlps) {
  std::mt19937_64 engine = seeded();
  std::uniform_real_distribution<float> base(-30, 30);
  double worst = 0;
  for (int i = 0; i < 1000000; ++i) {
    const float x = base(engine);
    const auto y = float(int(engine() % 17) - 8);
    if (std::fabs(x) < 1e-3f) continue;
    worst = std::max(worst, error_in_ulps(power_f32(x, y), std::pow(double(x), double(y))));
  }
  EXPECT_LE(worst, 2.0);
  EXPECT_GT(worst, 0.4);
  std::cout << "worst " << worst << " ulp\n";
}

// Every normal x; exponents that use the whole range of the result, up to e^+-87.
TEST(FloatPower, AnyExponentWithinTwoUlps) {
  std::mt19937_64 engine = seeded();
  std::uniform_real_distribution<double> exponent(-87, 88);
  double worst = 0;
  for (int i = 0; i < 1000000; ++i) {
    const float near_one = 1 + float(exponent(engine) / 300);
    const float any = float_of(0x00800000u + uint32_t(engine() % 0x7f000000u));
    const float x = i % 2 ? near_one : any;
    const auto y = float(exponent(engine) / std::log(double(x)));
    const double exact = std::pow(double(x), double(y));
    if (!(exact > 1.2e-38 && exact < 3.4e38)) continue;
    worst = std::max(worst, error_in_ulps(power_f32(x, y), exact));
  }
  EXPECT_LE(worst, 2.0);
  EXPECT_GT(worst, 0.4);
  std::cout << "worst " << worst << " ulp\n";
}

TEST(FloatPower, SignsAndTheirEnds) {
  EXPECT_EQ(power_f32(-2, 3), -8.0f);
  EXPECT_EQ(power_f32(-2, 11), -power_f32(2, 11));
  EXPECT_EQ(power_f32(2, 11), 2048.0f);
  EXPECT_EQ(power_f32(3, 200), INFINITY);
  EXPECT_EQ(power_f32(3, -200), 0.0f);
  EXPECT_EQ(power_f32(0, -3), INFINITY);
  EXPECT_EQ(power_f32(-2, 12), power_f32(2, 12));
  EXPECT_EQ(power_f32(9, 0.5f), 3.0f);
  EXPECT_EQ(power_f32(0, 0), 1.0f);
  EXPECT_EQ(power_f32(0, 2.5f), 0.0f);
  EXPECT_TRUE(is_nan_f32(power_f32(-2, 1.5f)));
  EXPECT_TRUE(is_nan_f32(power_f32(-2, 0.5f)));
}

TEST(FloatPower, Atan2WithinThreeUlps) {
  std::mt19937_64 engine = seeded();
  std::uniform_real_distribution<float> real(-20, 20);
  double worst = 0;
  for (int i = 0; i < 1000000; ++i) {
    const float x = i % 2 ? real(engine) : std::ldexp(real(engine), int(engine() % 60) - 30);
    const float y = real(engine);
    worst = std::max(worst, error_in_ulps(atan2_f32(y, x), std::atan2(double(y), double(x))));
  }
  EXPECT_LE(worst, 3.0);
  EXPECT_GT(worst, 0.4);
}

TEST(FloatPower, Atan2OnTheAxes) {
  for (float y : {0.0f, -0.0f, 1.0f, -1.0f, 3e38f, -3e38f, 1e-40f, INFINITY})
    for (float x : {0.0f, -0.0f, 1.0f, -1.0f, 3e38f, -3e38f, 1e-40f, -INFINITY})
      ASSERT_NEAR(atan2_f32(y, x), std::atan2(double(y), double(x)), 3e-7) << y << ' ' << x;
  EXPECT_TRUE(is_nan_f32(atan2_f32(NAN, 1)));
}

}  // namespace
}  // namespace mote
