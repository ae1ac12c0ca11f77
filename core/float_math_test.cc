// SPDX-License-Identifier: Apache-2.0
// Float functions against double-precision libm: every 251st float of each domain, or every float
// with MOTE_EXHAUSTIVE=1 (`make bench-exhaustive`). In: nothing. Out: the largest error of each
// function, held to the figure its comment states.
#include "core/float_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <limits>

namespace mote {
namespace {

uint32_t step() { return std::getenv("MOTE_EXHAUSTIVE") ? 1 : 251; }

// Distance of `y` from `exact` in units of the last place at the exact value.
double error_ulp(float y, double exact) {
  if (std::fabs(exact) > std::numeric_limits<float>::max() * (1 + 1e-9))
    return std::isinf(y) ? 0 : 1e9;
  int exponent = 0;
  std::frexp(exact, &exponent);
  const double ulp = std::ldexp(1.0, std::max(exponent - 24, -149));
  return std::fabs(static_cast<double>(y) - exact) / ulp;
}

struct Worst {
  double ulp = 0;
  float at = 0;
};

// Over bit patterns [first, last] and the same with the sign bit, where `both_signs`.
template <class F, class G>
Worst worst_error(F ours, G exact, float first, float last, bool both_signs) {
  Worst worst;
  for (uint64_t b = bits_of(first); b <= bits_of(last); b += step()) {
    for (uint32_t sign = 0; sign <= (both_signs ? 1u : 0u); ++sign) {
      const float x = float_of(static_cast<uint32_t>(b) | sign << 31);
      const double e = error_ulp(ours(x), exact(static_cast<double>(x)));
      if (!(e <= worst.ulp)) worst = {e, x};
    }
  }
  return worst;
}

template <class F, class G>
void expect_error_below(const char* name, double limit_ulp, F ours, G exact,
                        float last = 3.4028234e38f) {
  const Worst worst = worst_error(ours, exact, 0.0f, last, true);
  std::printf("%-9s largest error %.3f ulp at %.9g\n", name, worst.ulp, worst.at);
  EXPECT_LE(worst.ulp, limit_ulp) << name << " at " << worst.at;
}

TEST(FloatMath, ExpWithinStatedError) {
  expect_error_below("exp", 1.0, exp_f32, [](double x) { return std::exp(x); });
}
TEST(FloatMath, LogisticWithinStatedError) {
  expect_error_below("logistic", 2.9, logistic_f32,
                     [](double x) { return 1 / (1 + std::exp(-x)); });
}
TEST(FloatMath, TanhWithinStatedError) {
  expect_error_below("tanh", 1.4, tanh_f32, [](double x) { return std::tanh(x); });
}
TEST(FloatMath, SinWithinStatedError) {
  expect_error_below("sin", 1.6, sin_f32, [](double x) { return std::sin(x); });
}
TEST(FloatMath, CosWithinStatedError) {
  expect_error_below("cos", 1.6, cos_f32, [](double x) { return std::cos(x); });
}

template <class F, class G>
void expect_log_error_below(const char* name, double limit_ulp, F ours, G exact) {
  const Worst worst = worst_error(ours, exact, float_of(1), 3.4028234e38f, false);
  std::printf("%-9s largest error %.3f ulp at %.9g\n", name, worst.ulp, worst.at);
  EXPECT_LE(worst.ulp, limit_ulp) << name << " at " << worst.at;
}
TEST(FloatMath, LogWithinStatedError) {
  expect_log_error_below("log", 0.9, log_f32, [](double x) { return std::log(x); });
}
TEST(FloatMath, Log2WithinStatedError) {
  expect_log_error_below("log2", 0.9, log2_f32, [](double x) { return std::log2(x); });
}
TEST(FloatMath, Log10WithinStatedError) {
  expect_log_error_below("log10", 0.9, log10_f32, [](double x) { return std::log10(x); });
}

// The mantissas of two binades decide; all exponents and denormals are sampled.
TEST(FloatMath, SqrtIsCorrectlyRounded) {
  for (uint32_t b = bits_of(1.0f); b < bits_of(4.0f); ++b) {
    ASSERT_EQ(bits_of(sqrt_f32(float_of(b))), bits_of(std::sqrt(float_of(b)))) << b;
  }
  for (uint64_t b = 0; b <= kInfinity; b += 61) {
    const uint32_t x = static_cast<uint32_t>(b);
    ASSERT_EQ(bits_of(sqrt_f32(float_of(x))), bits_of(std::sqrt(float_of(x)))) << x;
  }
  for (uint32_t b = 0; b < 70000; ++b)
    ASSERT_EQ(bits_of(sqrt_f32(float_of(b))), bits_of(std::sqrt(float_of(b))));
}

TEST(FloatMath, PowWithinStatedError) {
  uint32_t seed = 20240611;
  double worst = 0;
  for (int i = 0; i < 2000000; ++i) {
    seed = seed * 1664525u + 1013904223u;
    const float x = float_of(0x3a000000u + seed % 0x0b000000u);
    seed = seed * 1664525u + 1013904223u;
    const float y = static_cast<float>(static_cast<int32_t>(seed)) * 0x1p-29f;
    const double exact = std::pow(static_cast<double>(x), static_cast<double>(y));
    const double allowed = 0x1p-23 * (2 + std::fabs(y * std::log(static_cast<double>(x))));
    if (exact < 1.2e-38 || exact > 3.4e38) continue;
    worst = std::max(worst, std::fabs(pow_f32(x, y) / exact - 1) / allowed);
  }
  EXPECT_LE(worst, 1.0);
  EXPECT_EQ(pow_f32(0.0f, 0.5f), 0.0f);
  EXPECT_EQ(pow_f32(0.0f, 0.0f), 1.0f);
  EXPECT_TRUE(std::isnan(pow_f32(-1.0f, 0.5f)));
}

TEST(FloatMath, EdgesOfTheDomains) {
  const float infinity = float_of(kInfinity), nan = float_of(0x7f800001u);
  for (auto f : {exp_f32, log_f32, log2_f32, log10_f32, sqrt_f32, sin_f32, cos_f32, tanh_f32,
                 logistic_f32}) {
    EXPECT_EQ(bits_of(f(nan)), kQuietNan);
    EXPECT_EQ(bits_of(f(float_of(0xffc12345u))), kQuietNan);
  }
  EXPECT_EQ(exp_f32(infinity), infinity);
  EXPECT_EQ(bits_of(exp_f32(-infinity)), 0u);
  EXPECT_EQ(exp_f32(0.0f), 1.0f);
  EXPECT_EQ(exp_f32(88.7228394f), std::exp(88.7228394f));
  EXPECT_EQ(exp_f32(std::nextafter(88.7228394f, 100.0f)), infinity);
  for (auto f : {log_f32, log2_f32, log10_f32}) {
    EXPECT_EQ(f(0.0f), -infinity);
    EXPECT_EQ(f(-0.0f), -infinity);
    EXPECT_EQ(f(infinity), infinity);
    EXPECT_EQ(bits_of(f(-1.0f)), kQuietNan);
    EXPECT_EQ(bits_of(f(1.0f)), 0u);
  }
  for (int k = -149; k <= 127; ++k) EXPECT_EQ(log2_f32(std::ldexp(1.0f, k)), static_cast<float>(k));
  EXPECT_EQ(bits_of(sqrt_f32(-0.0f)), 0x80000000u);
  EXPECT_EQ(bits_of(sqrt_f32(-1.0f)), kQuietNan);
  EXPECT_EQ(sin_f32(-0.0f), 0.0f);
  EXPECT_EQ(bits_of(sin_f32(infinity)), kQuietNan);
  EXPECT_EQ(tanh_f32(infinity), 1.0f);
  EXPECT_EQ(tanh_f32(-infinity), -1.0f);
  EXPECT_EQ(logistic_f32(-infinity), 0.0f);
  EXPECT_EQ(logistic_f32(infinity), 1.0f);
}

// Monotone where it matters: a softmax or a decision threshold must not see a step back.
TEST(FloatMath, ExpLogisticTanhNeverStepBack) {
  for (auto f : {exp_f32, logistic_f32, tanh_f32}) {
    float before = f(-20.0f);
    int steps_back = 0;
    for (int i = -2000000; i <= 2000000; ++i) {
      const float y = f(static_cast<float>(i) * 1e-5f);
      if (y < before * (y > 0 ? 1 - 3e-7f : 1 + 3e-7f)) ++steps_back;
      before = y;
    }
    EXPECT_EQ(steps_back, 0);
  }
}

TEST(ToIntSaturating, EqualsNearbyintOnEveryKindOfFloat) {
  for (uint64_t b = 0; b <= 0xffffffffu; b += 2 * step() + 1) {
    const float x = float_of(static_cast<uint32_t>(b));
    const double r = std::nearbyint(static_cast<double>(x));
    const int32_t expected =
        std::isnan(x) ? 0
                      : static_cast<int32_t>(std::min(std::max(r, -2147483648.0), 2147483647.0));
    ASSERT_EQ(to_int_saturating(x, INT32_MIN, INT32_MAX), expected) << x;
  }
  for (int32_t i = -4000000; i <= 4000000; ++i) {  // halves: ties to even
    const float x = static_cast<float>(i) * 0.5f;
    ASSERT_EQ(to_int_saturating(x, INT32_MIN, INT32_MAX), static_cast<int32_t>(std::nearbyint(x)));
  }
}

TEST(ToIntSaturating, LimitsAndNan) {
  EXPECT_EQ(to_int_saturating(1e20f, -128, 127), 127);
  EXPECT_EQ(to_int_saturating(-1e20f, -128, 127), -128);
  EXPECT_EQ(to_int_saturating(127.5f, -128, 127), 127);
  EXPECT_EQ(to_int_saturating(float_of(kQuietNan), -128, 127), 0);
  EXPECT_EQ(to_int_saturating(float_of(0xffc00001u), 3, 127), 3);
  EXPECT_EQ(to_int_saturating(float_of(kInfinity), INT32_MIN, INT32_MAX), INT32_MAX);
  EXPECT_EQ(to_int_saturating(-float_of(kInfinity), INT32_MIN, INT32_MAX), INT32_MIN);
}

}  // namespace
}  // namespace mote
