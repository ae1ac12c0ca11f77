// SPDX-License-Identifier: Apache-2.0
// activation, add, concatenate, mean, logistic, tanh, quantize, dequantize: float forms against
// their definitions, int8 forms where tflm_vectors.txt does not reach (all 256 numbers,
// broadcasting, refusals).
#include <gtest/gtest.h>

#include <cmath>

#include "ops/nn/quantize/quantize.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

std::vector<int8_t> all_int8() {
  std::vector<int8_t> all;
  for (int q = -128; q <= 127; ++q) all.push_back(int8_t(q));
  return all;
}

OneNode one_int8(Shape shape, float scale = 0.1f, int32_t zero_point = 5) {
  return OneNode::make<int8_t>(std::move(shape), per_tensor(scale, zero_point));
}

TEST(Activation, FloatClamps) {
  OneNode one = OneNode::make<float>({4});
  one.add(activation_op, {{"activation", std::string("relu_n1_to_1")}});
  EXPECT_EQ(one.run<float>(std::vector<float>{-2, -0.5f, 0.5f, 7}),
            (std::vector<float>{-1, -0.5f, 0.5f, 1}));
}

TEST(Activation, EqualScalesOnlyClamp) {
  OneNode one = one_int8({256});
  one.add(activation_op, {{"activation", std::string("relu6")},
                          {"output_scale", double(0.1f)},
                          {"output_zero_point", int64_t{5}}});
  const auto y = one.run<int8_t>(all_int8());
  for (int q = -128; q <= 127; ++q) ASSERT_EQ(y[size_t(q + 128)], std::clamp(q, 5, 65));
}

TEST(Activation, Refusals) {
  EXPECT_EQ(code_of_failure([] {
              one_int8({4}).add(activation_op, {{"activation", std::string("gelu")}});
            }),
            "unknown-activation");
  OneNode far = one_int8({4}, 1e6f);
  far.add(activation_op, {{"activation", std::string("relu")}, {"output_scale", 1e-3}});
  EXPECT_EQ(code_of_failure([&] { Evaluator evaluator(far.graph); }), "wrong-quantization");
}

TEST(Add, FloatWithBroadcastOfTheLastDimensions) {
  OneNode one = OneNode::make<float>({2, 2, 3});
  one.add(add_op, {{"activation", std::string("relu")}},
          {one.constant("b", {1, 3}, std::vector<float>{10, -20, 30})});
  EXPECT_EQ(one.run<float>(std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 50}),
            (std::vector<float>{11, 0, 33, 14, 0, 36, 17, 0, 39, 20, 0, 80}));
}

TEST(Add, Int8BroadcastEqualsTheWrittenOutSum) {
  Numbers n;
  const auto x = n.many<int8_t>(24, -128, 127);
  const auto b = n.many<int8_t>(4, -128, 127);
  std::vector<int8_t> repeated;
  for (int i = 0; i < 6; ++i) repeated.insert(repeated.end(), b.begin(), b.end());
  const Attributes attributes{{"output_scale", 0.17}, {"output_zero_point", int64_t{-9}}};
  OneNode narrow = one_int8({6, 4});
  narrow.add(add_op, attributes, {narrow.constant("b", {4}, b, per_tensor(0.03f, -2))});
  OneNode wide = one_int8({6, 4});
  wide.add(add_op, attributes, {wide.constant("b", {6, 4}, repeated, per_tensor(0.03f, -2))});
  EXPECT_EQ(narrow.run<int8_t>(x), wide.run<int8_t>(x));
}

// Within a step of the exact sum, for every pair of numbers.
TEST(Add, Int8EveryPair) {
  for (int other = -128; other <= 127; other += 5) {
    OneNode one = one_int8({256}, 0.11f, -3);
    one.add(add_op, {{"output_scale", 0.13}, {"output_zero_point", int64_t{7}}},
            {one.constant("b", {1}, std::vector<int8_t>{int8_t(other)}, per_tensor(0.02f, 30))});
    const auto y = one.run<int8_t>(all_int8());
    for (int q = -128; q <= 127; ++q) {
      const double exact =
          (double(0.11f) * (q + 3) + double(0.02f) * (other - 30)) / double(0.13f) + 7;
      ASSERT_NEAR(y[size_t(q + 128)], std::clamp(exact, -128.0, 127.0), 0.5001)
          << q << ' ' << other;
    }
  }
}

TEST(Add, Refusals) {
  const auto refusal = [](const Shape& shape, const Shape& other) {
    return code_of_failure([&] {
      OneNode one = one_int8(shape);
      one.add(add_op, {},
              {one.constant("b", other, std::vector<int8_t>(size_t(element_count(other))),
                            per_tensor(1, 0))});
    });
  };
  EXPECT_EQ(refusal({2, 3}, {3}), "");
  EXPECT_EQ(refusal({2, 3}, {1, 1, 2, 3}), "");
  EXPECT_EQ(refusal({2, 3}, {2}), "wrong-shape");
  EXPECT_EQ(refusal({3}, {2, 3}), "");
  EXPECT_EQ(refusal({0}, {3}), "wrong-shape");
  OneNode constants = one_int8({2});
  const ValueId b = constants.constant("b", {2}, std::vector<int8_t>{1, 2}, per_tensor(1, 0));
  EXPECT_EQ(code_of_failure([&] {
              constants.graph.add_node(add_op, "sum", {b, b});
            }),
            "constant-input");
  OneNode mixed = OneNode::make<float>({2});
  EXPECT_EQ(code_of_failure([&] {
              mixed.add(add_op, {},
                        {mixed.constant("b", {2}, std::vector<int8_t>{1, 2}, per_tensor(1, 0))});
            }),
            "wrong-type");
}

TEST(Concatenate, MiddleDimensionOfAnyType) {
  OneNode one = OneNode::make<int32_t>({2, 1, 2}, per_tensor(1.0f / 65536, 0));
  const ValueId b = one.constant("b", {2, 2, 2}, std::vector<int32_t>{5, 6, 7, 8, 9, 10, 11, 12},
                                 per_tensor(1.0f / 65536, 0));
  one.add(concatenate_op, {{"axis", int64_t{1}}}, {b});
  EXPECT_EQ(one.output().shape, (Shape{2, 3, 2}));
  EXPECT_EQ(one.output().quantization, per_tensor(1.0f / 65536, 0));
  EXPECT_EQ(one.run<int32_t>(std::vector<int32_t>{1, 2, 3, 4}),
            (std::vector<int32_t>{1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, 12}));
}

TEST(Concatenate, EightInputs) {
  OneNode one = OneNode::make<float>({1});
  std::vector<ValueId> more;
  for (int i = 1; i < 8; ++i)
    more.push_back(one.constant("c" + std::to_string(i), {1}, std::vector<float>{float(i)}));
  one.add(concatenate_op, {}, more);
  EXPECT_EQ(one.run<float>(std::vector<float>{0}), (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}));
  OneNode nine = OneNode::make<float>({1});
  EXPECT_EQ(
      code_of_failure([&] { nine.add(concatenate_op, {}, std::vector<ValueId>(8, nine.input)); }),
      "wrong-shape");
}

// Bug: the sum of the dimensions overflowed.
TEST(Concatenate, ADimensionThatDoesNotFit) {
  OneNode one = OneNode::make<int8_t>({1 << 30}, per_tensor(1, 0));
  EXPECT_EQ(code_of_failure([&] {
              one.add(concatenate_op, {}, {one.input, one.input});
            }),
            "wrong-shape");
}

TEST(Concatenate, Refusals) {
  const auto refusal = [](const Shape& other, const Quantization& q, int64_t axis) {
    return code_of_failure([&] {
      OneNode one = one_int8({2, 3}, 0.1f, 5);
      one.add(concatenate_op, {{"axis", axis}},
              {one.constant("b", other, std::vector<int8_t>(size_t(element_count(other))), q)});
    });
  };
  EXPECT_EQ(refusal({2, 4}, per_tensor(0.1f, 5), -1), "");
  EXPECT_EQ(refusal({3, 3}, per_tensor(0.1f, 5), -1), "wrong-shape");
  EXPECT_EQ(refusal({2}, per_tensor(0.1f, 5), -1), "wrong-shape");
  EXPECT_EQ(refusal({2, 4}, per_tensor(0.2f, 5), -1), "wrong-quantization");
  EXPECT_EQ(refusal({2, 4}, per_tensor(0.1f, 5), 2), "wrong-attribute");
}

// Two framers on one stream with other strides: joining them would take an old window silently.
TEST(Concatenate, RefusesInputsThatComeAtDifferentTimes) {
  Graph graph;
  const ValueId x = graph.add_stream("imu", {{"x", "g", 1}}, 100);
  const ValueId fast =
      graph.add_node(framer_op, "fast", {x}, {{"length", int64_t{4}}, {"stride", int64_t{1}}});
  const ValueId slow =
      graph.add_node(framer_op, "slow", {x}, {{"length", int64_t{4}}, {"stride", int64_t{2}}});
  EXPECT_EQ(code_of_failure([&] {
              graph.add_node(concatenate_op, "both", {fast, slow});
            }),
            "wrong-clock");
}

TEST(Mean, FloatOverAnyNeighbouringDimensions) {
  Numbers n;
  const auto x = n.reals(3 * 4 * 5, -2, 2);
  OneNode rows = OneNode::make<float>({3, 4, 5});
  rows.add(mean_op, {{"axes", std::vector<int64_t>{1}}, {"keep_dims", int64_t{1}}});
  EXPECT_EQ(rows.output().shape, (Shape{3, 1, 5}));
  const auto y = rows.run<float>(x);
  for (size_t a = 0; a < 3; ++a)
    for (size_t c = 0; c < 5; ++c) {
      double sum = 0;
      for (size_t b = 0; b < 4; ++b) sum += x[(a * 4 + b) * 5 + c];
      ASSERT_NEAR(y[a * 5 + c], sum / 4, 1e-6);
    }
  OneNode last = OneNode::make<float>({3, 4, 5});
  last.add(mean_op, {{"axes", std::vector<int64_t>{-1, -2}}});
  EXPECT_EQ(last.output().shape, (Shape{3}));
  double sum = 0;
  for (size_t i = 0; i < 20; ++i) sum += x[i];
  EXPECT_NEAR(last.run<float>(x)[0], sum / 20, 1e-6);
}

TEST(Mean, Int8WithinAStepOfTheFormula) {
  Numbers n;
  for (const int32_t size : {1, 2, 7, 49, 1000}) {
    OneNode one = one_int8({1, size, 1, 4}, 0.07f, -11);
    one.add(mean_op, {{"output_scale", 0.02}, {"output_zero_point", int64_t{3}}});
    const auto x = n.many<int8_t>(size * 4, -30, 20);
    const auto y = one.run<int8_t>(x);
    for (size_t c = 0; c < 4; ++c) {
      double sum = 0;
      for (size_t i = c; i < x.size(); i += 4) sum += double(0.07f) * (x[i] + 11);
      ASSERT_NEAR(y[c], std::clamp(sum / size / double(0.02f) + 3, -128.0, 127.0), 0.7501) << size;
    }
  }
}

TEST(Mean, Refusals) {
  const auto refusal = [](const std::vector<int64_t>& axes) {
    return code_of_failure([&] {
      OneNode::make<float>({1, 2, 3, 4}).add(mean_op, {{"axes", axes}});
    });
  };
  EXPECT_EQ(refusal({2, 1}), "");
  EXPECT_EQ(refusal({1, 3}), "");
  EXPECT_EQ(refusal({1, 1, -3}), "");
  EXPECT_EQ(refusal({}), "");
  EXPECT_EQ(refusal({4}), "wrong-attribute");
  EXPECT_EQ(refusal({-5}), "wrong-attribute");
  EXPECT_EQ(refusal({int64_t{1} << 40}), "wrong-attribute");
}

// For all numbers: within a step of the function; TFLM's saturation beyond 15 / scale included.
void check_sigmoid(const OpDef& op, double (*function)(double), double steps, int32_t zero_point) {
  for (const float scale : {0.0001f, 0.03f, 0.5f, 20.0f}) {
    OneNode one = one_int8({256}, scale, -17);
    one.add(op);
    EXPECT_EQ(one.output().quantization, per_tensor(float(1 / steps), zero_point));
    const auto y = one.run<int8_t>(all_int8());
    for (int q = -128; q <= 127; ++q) {
      if (scale > 16 && q == -17) continue;  // TFLM's radius is 0 there: 0 counts as far below
      const double want = function(double(scale) * (q + 17)) * steps + zero_point;
      ASSERT_NEAR(y[size_t(q + 128)], std::clamp(want, -128.0, 127.0), 0.51)
          << op.name << ' ' << scale << ' ' << q;
    }
  }
}

TEST(Logistic, Int8EveryNumber) {
  check_sigmoid(
      logistic_op, [](double x) { return 1 / (1 + std::exp(-x)); }, 256, -128);
}
TEST(Tanh, Int8EveryNumber) {
  check_sigmoid(
      tanh_op, [](double x) { return std::tanh(x); }, 128, 0);
}

TEST(Logistic, Float) {
  OneNode one = OneNode::make<float>({3});
  one.add(logistic_op);
  const auto y = one.run<float>(std::vector<float>{-3, 0, 90});
  EXPECT_NEAR(y[0], 1 / (1 + std::exp(3.0)), 1e-7);
  EXPECT_EQ(y[1], 0.5f);
  EXPECT_EQ(y[2], 1.0f);
}
TEST(Tanh, Float) {
  OneNode one = OneNode::make<float>({3});
  one.add(tanh_op);
  const auto y = one.run<float>(std::vector<float>{-0.3f, 0, 90});
  EXPECT_NEAR(y[0], std::tanh(-0.3), 1e-7);
  EXPECT_EQ(y[1], 0.0f);
  EXPECT_EQ(y[2], 1.0f);
}

TEST(Quantize, RoundsHalvesAwayFromZeroAndSaturates) {
  OneNode one = OneNode::make<float>({10});
  one.add(quantize_op, {{"output_scale", 0.5}, {"output_zero_point", int64_t{10}}});
  EXPECT_EQ(one.run<int8_t>(std::vector<float>{0, 0.25f, -0.25f, 0.2499f, 0.75f, -0.75f, 1e30f,
                                               -1e30f, 58.5f, -69.0f}),
            (std::vector<int8_t>{10, 11, 9, 10, 12, 8, 127, -128, 127, -128}));
}

TEST(Quantize, RoundingEqualsStdRound) {
  Numbers n;
  for (int i = 0; i < 100000; ++i) {
    const float x = i % 2 ? n.real(-511, 511) : float(n.integer(-1022, 1022)) / 2;
    ASSERT_EQ(round_away_f32(x), int(std::round(x))) << x;
  }
  EXPECT_EQ(round_away_f32(NAN), 0);
  EXPECT_EQ(round_away_f32(0.49999997f), 0);
}

TEST(Dequantize, EveryNumberThereAndBack) {
  OneNode there = one_int8({256}, 0.37f, -60);
  there.add(dequantize_op);
  const auto real = there.run<float>(all_int8());
  for (int q = -128; q <= 127; ++q)
    ASSERT_EQ(real[size_t(q + 128)], float(double(0.37f) * (q + 60)));
  OneNode back = OneNode::make<float>({256});
  back.add(quantize_op, {{"output_scale", double(0.37f)}, {"output_zero_point", int64_t{-60}}});
  EXPECT_EQ(back.run<int8_t>(real), all_int8());
}

TEST(Quantize, Refusals) {
  const auto refusal = [](double scale, int64_t zero_point) {
    return code_of_failure([&] {
      OneNode::make<float>({1}).add(quantize_op,
                                    {{"output_scale", scale}, {"output_zero_point", zero_point}});
    });
  };
  EXPECT_EQ(refusal(0.1, -128), "");
  EXPECT_EQ(refusal(0, 0), "wrong-attribute");
  EXPECT_EQ(refusal(0.1, 128), "wrong-attribute");
  EXPECT_EQ(code_of_failure([] { OneNode::make<float>({1}).add(dequantize_op); }), "wrong-type");
}

}  // namespace
}  // namespace mote
