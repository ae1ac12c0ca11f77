// SPDX-License-Identifier: Apache-2.0
// The functions of float_functions.h against double-precision libm: every 251st float of each
// domain (more than 8 million), or every float with MOTE_EXHAUSTIVE=1. In: nothing. Out: the
// largest error of each function, held to the figure its comment states.
#include "core/float_functions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace mote {
namespace {

uint32_t step() { return std::getenv("MOTE_EXHAUSTIVE") ? 1 : 251; }

// Distance of `y` from `exact` in units of the last place at the exact value.
double error_ulp(float y, double exact) {
  if (std::isnan(exact)) return std::isnan(y) ? 0 : 1e9;
  if (std::fabs(exact) > double(std::numeric_limits<float>::max()) * (1 + 1e-7))
    return std::isinf(y) ? 0 : 1e9;
  int exponent = 0;
  std::frexp(exact, &exponent);
  const double ulp = std::ldexp(1.0, std::max(exponent - 24, -149));
  return std::fabs(double(y) - exact) / ulp;
}

// Over all bit patterns, infinities and NaN included.
void expect_error_below(const char* name, double limit_ulp, float (*ours)(float),
                        double (*exact)(double)) {
  double worst = 0;
  float at = 0;
  for (uint64_t b = 0; b <= 0xffffffffu; b += step()) {
    const float x = float_of(uint32_t(b));
    const double e = error_ulp(ours(x), exact(double(x)));
    if (!(e <= worst)) {
      worst = e;
      at = x;
    }
  }
  std::printf("%-9s largest error %.3f ulp at %.9g\n", name, worst, double(at));
  EXPECT_LE(worst, limit_ulp) << name << " at " << at;
}

TEST(FloatFunctions, Expm1) { expect_error_below("expm1", 1.6, expm1_f32, std::expm1); }
TEST(FloatFunctions, Log1p) { expect_error_below("log1p", 1.0, log1p_f32, std::log1p); }
TEST(FloatFunctions, Tan) { expect_error_below("tan", 3.4, tan_f32, std::tan); }
TEST(FloatFunctions, Asin) { expect_error_below("asin", 2.5, asin_f32, std::asin); }
TEST(FloatFunctions, Acos) { expect_error_below("acos", 1.2, acos_f32, std::acos); }
TEST(FloatFunctions, Atan) { expect_error_below("atan", 2.0, atan_f32, std::atan); }
TEST(FloatFunctions, Sinh) { expect_error_below("sinh", 2.4, sinh_f32, std::sinh); }
TEST(FloatFunctions, Cosh) { expect_error_below("cosh", 2.4, cosh_f32, std::cosh); }
TEST(FloatFunctions, Asinh) { expect_error_below("asinh", 1.9, asinh_f32, std::asinh); }
TEST(FloatFunctions, Acosh) { expect_error_below("acosh", 2.4, acosh_f32, std::acosh); }
TEST(FloatFunctions, Atanh) { expect_error_below("atanh", 2.1, atanh_f32, std::atanh); }
TEST(FloatFunctions, Erf) { expect_error_below("erf", 1.4, erf_f32, std::erf); }
TEST(FloatFunctions, Rsqrt) {
  expect_error_below("rsqrt", 1.6, rsqrt_f32, [](double x) { return 1 / std::sqrt(x); });
}

// Exact, signs of zeros included; libm's nearbyint rounds halves to even by default.
TEST(FloatFunctions, RoundingIsExact) {
  for (uint64_t b = 0; b <= 0xffffffffu; b += step()) {
    const float x = float_of(uint32_t(b));
    if (std::isnan(x)) continue;
    ASSERT_EQ(bits_of(floor_f32(x)), bits_of(std::floor(x))) << x;
    ASSERT_EQ(bits_of(ceil_f32(x)), bits_of(std::ceil(x))) << x;
    ASSERT_EQ(bits_of(round_even_f32(x)), bits_of(std::nearbyint(x))) << x;
  }
  for (int32_t i = -4096; i <= 4096; ++i) {
    const float x = float(i) * 0.25f;
    ASSERT_EQ(floor_f32(x), std::floor(x)) << x;
    ASSERT_EQ(ceil_f32(x), std::ceil(x)) << x;
    ASSERT_EQ(round_even_f32(x), std::nearbyint(x)) << x;
  }
}

}  // namespace
}  // namespace mote
