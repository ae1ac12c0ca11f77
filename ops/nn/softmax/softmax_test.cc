// SPDX-License-Identifier: Apache-2.0
// softmax against its formula in double precision, and the fixed-point functions below it.
#include "ops/nn/softmax/softmax.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/run_one_node.h"

namespace mote {
namespace {

template <class T>
OneNode make_node(Shape shape, Quantization quantization, double beta = 1.0) {
  OneNode one = OneNode::make<T>(std::move(shape), std::move(quantization));
  one.add(softmax_op, {{"beta", beta}});
  return one;
}

// Row by row of `depth`; x in real numbers.
std::vector<double> exact(const std::vector<double>& x, size_t depth, double beta) {
  std::vector<double> y;
  for (size_t row = 0; row < x.size(); row += depth) {
    double sum = 0;
    const double top = *std::max_element(x.begin() + long(row), x.begin() + long(row + depth));
    for (size_t c = 0; c < depth; ++c) sum += std::exp(beta * (x[row + c] - top));
    for (size_t c = 0; c < depth; ++c) y.push_back(std::exp(beta * (x[row + c] - top)) / sum);
  }
  return y;
}

TEST(Softmax, Int8WithinOneStepOfTheFormula) {
  Numbers numbers;
  for (const float scale : {0.002f, 0.05f, 0.3f, 2.0f}) {
    for (const int32_t depth : {1, 2, 3, 10, 300}) {
      const OneNode one = make_node<int8_t>({4, depth}, per_tensor(scale, 5), 1.5);
      EXPECT_EQ(one.output().quantization, per_tensor(1.0f / 256, -128));
      const auto q = numbers.many<int8_t>(4 * depth, -128, 127);
      std::vector<double> x;
      for (int8_t n : q) x.push_back(double(scale) * (n - 5));
      const auto want = exact(x, size_t(depth), 1.5);
      const auto y = one.run<int8_t>(q);
      for (size_t i = 0; i < y.size(); ++i)
        ASSERT_NEAR(y[i], std::min(want[i] * 256 - 128, 127.0), 0.51)
            << "scale " << scale << " depth " << depth;
    }
  }
}

// For differences of up to 10, which the table of e^x holds; beyond it counts as e^-10.
TEST(Softmax, Int16NearTheFormula) {
  Numbers numbers;
  for (const float scale : {1e-5f, 3e-5f, 1e-4f}) {
    for (const int32_t depth : {1, 2, 10, 300}) {
      const OneNode one = make_node<int16_t>({4, depth}, per_tensor(scale, 0), 1.5);
      EXPECT_EQ(one.output().quantization, per_tensor(1.0f / 32768, 0));
      const auto q = numbers.many<int16_t>(4 * depth, -32768, 32767);
      std::vector<double> x;
      for (int16_t n : q) x.push_back(double(scale) * n);
      const auto want = exact(x, size_t(depth), 1.5);
      const auto y = one.run<int16_t>(q);
      for (size_t i = 0; i < y.size(); ++i)
        ASSERT_NEAR(y[i], want[i] * 32768, 8) << "scale " << scale << " depth " << depth;
    }
  }
}

TEST(Softmax, Int8ToInt16NearTheFormula) {
  Numbers numbers;
  OneNode one = OneNode::make<int8_t>({4, 10}, per_tensor(0.05f, 5));
  one.add(softmax_op, {{"output_type", std::string("s16")}});
  EXPECT_EQ(one.output().quantization, per_tensor(1.0f / 65536, -32768));
  const auto q = numbers.many<int8_t>(40, -128, 127);
  std::vector<double> x;
  for (int8_t n : q) x.push_back(0.05 * (n - 5));
  const auto want = exact(x, 10, 1);
  const auto y = one.run<int16_t>(q);
  for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], want[i] * 65536 - 32768, 1.5);
}

TEST(Softmax, FloatAgainstTheFormula) {
  Numbers numbers;
  const auto x = numbers.reals(5 * 40, -30, 30);
  const auto want = exact({x.begin(), x.end()}, 40, 0.7);
  const auto y = make_node<float>({5, 40}, {}, 0.7).run<float>(x);
  for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], want[i], 1e-6 + 1e-5 * want[i]);
}

TEST(Softmax, FloatFarApartIsFinite) {
  const auto y = make_node<float>({3}, {}).run<float>(std::vector<float>{3e38f, 0.0f, 3e38f});
  EXPECT_EQ(y, (std::vector<float>{0.5f, 0.0f, 0.5f}));
}

TEST(Softmax, ManyEqualScoresRoundToNothing) {
  const auto y =
      make_node<int8_t>({4095}, per_tensor(0.1f, 0)).run<int8_t>(std::vector<int8_t>(4095, 77));
  EXPECT_EQ(y, std::vector<int8_t>(4095, -128));
}

// Every Q5.26 number in steps of 1009 and Q4.27 for the two functions of it: within the remainder
// of the Taylor polynomial below them, (1/8)^5 / 5! = 2.6e-7.
TEST(FixedExp, AgainstDoublePrecision) {
  for (int64_t x = INT32_MIN; x <= 0; x += 1009) {
    ASSERT_NEAR(exp_of_negative(int32_t(x), 26) / 2147483648.0, std::exp(double(x) / 67108864),
                2.6e-7)
        << x;
  }
  for (int64_t x = INT32_MIN + 1; x <= INT32_MAX; x += 1009) {
    const double real = double(x) / 134217728;
    ASSERT_NEAR(logistic_q4_27(int32_t(x)) / 2147483648.0, 1 / (1 + std::exp(-real)), 2.6e-7) << x;
    ASSERT_NEAR(tanh_q4_27(int32_t(x)) / 2147483648.0, std::tanh(real), 2.6e-7) << x;
  }
}

TEST(Softmax, Refusals) {
  EXPECT_EQ(code_of_failure([] { make_node<int8_t>({4096}, per_tensor(1, 0)); }), "wrong-shape");
  EXPECT_EQ(code_of_failure([] { make_node<int8_t>({}, per_tensor(1, 0)); }), "wrong-shape");
  EXPECT_EQ(code_of_failure([] { make_node<int32_t>({4}, per_tensor(1, 0)); }), "wrong-type");
  EXPECT_EQ(code_of_failure([] { make_node<float>({4}, {}, 0.0); }), "wrong-attribute");
  EXPECT_EQ(code_of_failure([] { make_node<int16_t>({4}, per_tensor(1, 3)); }),
            "wrong-quantization");
  OneNode one = OneNode::make<float>({4});
  EXPECT_EQ(code_of_failure([&] {
              one.add(softmax_op, {{"output_type", std::string("s16")}});
            }),
            "wrong-attribute");
}

}  // namespace
}  // namespace mote
