// SPDX-License-Identifier: Apache-2.0
// unary: every function in float against double precision, every int8 number of every table, plain
// integers at their ends, int16 against the formula, refusals. Byte-equality with TFLM is
// tests/conformance/foreign_unary.cc.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "ops/nn/inverse_sqrt.h"
#include "ops/nn/unary/functions.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

Attributes named(std::string_view function) { return {{"function", std::string(function)}}; }

Attributes scaled(std::string_view function, double scale, int64_t zero_point) {
  return {{"function", std::string(function)},
          {"output_scale", scale},
          {"output_zero_point", zero_point}};
}

double exact(const UnaryFunction& function, double x) {
  std::vector<double> p = function.parameters;
  p.resize(2);
  return function.exact(x, double(float(p[0])), double(float(p[1])));
}

// Relative to the result, and to x where the function is a difference of numbers of its size.
TEST(Unary, FloatFunctionsAreThoseOfDoublePrecision) {
  Numbers n;
  std::vector<float> x = n.reals(20000, -6, 6);
  for (int i = 0; i < 20000; ++i) x.push_back(std::exp(n.real(-12, 9)) * (i % 2 ? 1 : -1));
  for (const UnaryFunction& function : unary_functions()) {
    OneNode one = OneNode::make<float>({int32_t(x.size())});
    one.add(unary_op, named(function.name));
    const auto y = one.run<float>(x);
    for (size_t i = 0; i < x.size(); ++i) {
      const double want = exact(function, double(x[i]));
      if (std::isnan(want)) {
        ASSERT_TRUE(std::isnan(y[i])) << function.name << ' ' << x[i];
      } else if (std::fabs(want) > 3e38) {
        ASSERT_FALSE(std::isfinite(y[i]) && std::fabs(y[i]) < 3e38f) << function.name;
      } else {
        const double allowed = 6e-7 * std::fabs(want) +
                               3e-7 * std::fabs(double(x[i])) * (std::fabs(x[i]) < 10 ? 1 : 1e-3);
        ASSERT_NEAR(double(y[i]), want, allowed + 1e-38) << function.name << ' ' << x[i];
      }
    }
  }
}

TEST(Unary, RoundingTakesHalvesToEven) {
  OneNode one = OneNode::make<float>({6});
  one.add(unary_op, named("round"));
  EXPECT_EQ(one.run<float>(std::vector<float>{-1.5f, -0.5f, 0.5f, 1.5f, 2.5f, 3e9f}),
            (std::vector<float>{-2, 0, 0, 2, 2, 3e9f}));
}

TEST(Unary, ParametersOfTheNode) {
  OneNode one = OneNode::make<float>({2});
  one.add(unary_op, {{"function", std::string("hard_sigmoid")},
                     {"parameters", std::vector<double>{0.5, 0.25}}});
  EXPECT_EQ(one.run<float>(std::vector<float>{0.5f, 7}), (std::vector<float>{0.5f, 1}));
}

// TFLM's own arithmetic is coarser than the nearest number.
double steps_of(std::string_view function) {
  if (function == "hard_swish") return 2.01;
  if (function == "rsqrt") return 1.01;
  return 0.51;
}

TEST(Unary, EveryInt8NumberOfEveryFunction) {
  std::vector<int8_t> all;
  for (int q = -128; q <= 127; ++q) all.push_back(int8_t(q));
  for (const UnaryFunction& function : unary_functions()) {
    for (const int32_t zero_point : {-128, -17, 60}) {
      OneNode one = OneNode::make<int8_t>({256}, per_tensor(0.04f, zero_point));
      one.add(unary_op, scaled(function.name, double(0.031f), 9));
      EXPECT_EQ(one.output().quantization, per_tensor(0.031f, 9));
      const auto y = one.run<int8_t>(all);
      for (int q = -128; q <= 127; ++q) {
        const double x = double(0.04f) * (q - zero_point);
        double want = exact(function, x);
        if (function.name == "rsqrt" && x < 0) want = 1e9;
        want = std::isnan(want) ? 9 : std::clamp(want / double(0.031f) + 9, -128.0, 127.0);
        ASSERT_NEAR(y[size_t(q + 128)], want, steps_of(function.name)) << function.name << ' ' << q;
      }
    }
  }
}

template <class T>
void check_integers() {
  constexpr T kLow = std::numeric_limits<T>::min(), kHigh = std::numeric_limits<T>::max();
  const std::vector<T> x{kLow, T(-3), T(0), T(5), kHigh};
  const auto run = [&x](const char* function) {
    OneNode one = OneNode::make<T>({5});
    one.add(unary_op, named(function));
    return one.template run<T>(x);
  };
  EXPECT_EQ(run("abs"), (std::vector<T>{kLow, 3, 0, 5, kHigh}));
  EXPECT_EQ(run("neg"), (std::vector<T>{kLow, 3, 0, -5, T(-kHigh)}));
  EXPECT_EQ(run("sign"), (std::vector<T>{-1, -1, 0, 1, 1}));
  EXPECT_EQ(run("square"), (std::vector<T>{0, 9, 0, 25, 1}));
}
TEST(Unary, IntegersWrapAround) {
  check_integers<int16_t>();
  check_integers<int32_t>();
  check_integers<int64_t>();
}

TEST(Unary, Int16WithinAStepOfTheFormula) {
  Numbers n;
  const auto x = n.many<int16_t>(1000, -32768, 32767);
  OneNode leaky = OneNode::make<int16_t>({1000}, per_tensor(2e-4f, 0));
  Attributes attributes = scaled("leaky_relu", double(3e-4f), 0);
  attributes["parameters"] = std::vector<double>{-0.3};
  leaky.add(unary_op, attributes);
  const auto y = leaky.run<int16_t>(x);
  for (size_t i = 0; i < x.size(); ++i)
    ASSERT_NEAR(y[i], x[i] * 2.0 / 3 * (x[i] < 0 ? -0.3 : 1), 0.76) << x[i];
  OneNode root = OneNode::make<int16_t>({1000}, per_tensor(2e-4f, 0));
  root.add(unary_op, scaled("rsqrt", 1e-3, 0));
  const auto z = root.run<int16_t>(x);
  for (size_t i = 0; i < x.size(); ++i) {
    const double want = x[i] <= 0 ? 32767 : 1 / std::sqrt(double(2e-4f) * x[i]) / double(1e-3f);
    ASSERT_NEAR(z[i], std::min(want, 32767.0), 0.6 + want * 1e-5) << x[i];
  }
}

// 31 bits of a Newton iteration in fixed point, over every number of 20 bits and beyond.
TEST(InverseSqrt, WithinAMillionth) {
  for (int64_t n = 2; n <= INT32_MAX; n += n < (1 << 20) ? 1 : 100003) {
    const InverseSqrt inverse = inverse_sqrt(int32_t(n));
    const double got = std::ldexp(double(inverse.multiplier), inverse.shift - 31);
    ASSERT_NEAR(got * std::sqrt(double(n)), 1, 2e-6) << n;
  }
}

TEST(Unary, Refusals) {
  const auto refusal = [](OneNode one, const Attributes& attributes) {
    return code_of_failure([&] {
      one.add(unary_op, attributes);
      Evaluator evaluator(one.graph);
    });
  };
  const OneNode f32 = OneNode::make<float>({2});
  const OneNode s8 = OneNode::make<int8_t>({2}, per_tensor(0.1f, 0));
  EXPECT_EQ(refusal(f32, named("swash")), "unknown-function");
  EXPECT_EQ(
      refusal(f32, {{"function", std::string("exp")}, {"parameters", std::vector<double>{1}}}),
      "wrong-attribute");
  EXPECT_EQ(
      refusal(f32, {{"function", std::string("elu")}, {"parameters", std::vector<double>{1e300}}}),
      "wrong-attribute");
  EXPECT_EQ(
      refusal(f32, {{"function", std::string("celu")}, {"parameters", std::vector<double>{1e-60}}}),
      "wrong-attribute");
  EXPECT_EQ(refusal(OneNode::make<int8_t>({2}), named("exp")), "wrong-quantization");
  EXPECT_EQ(refusal(OneNode::make<int32_t>({2}), named("exp")), "wrong-type");
  EXPECT_EQ(refusal(OneNode::make<int16_t>({2}, per_tensor(1, 0)), named("exp")), "wrong-type");
  EXPECT_EQ(refusal(s8, scaled("exp", 0, 0)), "wrong-quantization");
  EXPECT_EQ(refusal(s8, scaled("exp", NAN, 0)), "wrong-quantization");
  EXPECT_EQ(refusal(s8, scaled("exp", 1, int64_t{1} << 40)), "wrong-quantization");
  EXPECT_EQ(refusal(s8, scaled("abs", 1e-12, 0)), "wrong-quantization");
  EXPECT_EQ(refusal(s8, scaled("hard_swish", 1e-5, 0)), "wrong-quantization");
  EXPECT_EQ(refusal(s8, scaled("rsqrt", 1e-12, 0)), "wrong-quantization");
}

}  // namespace
}  // namespace mote
