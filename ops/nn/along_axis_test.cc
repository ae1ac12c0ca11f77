// SPDX-License-Identifier: Apache-2.0
// What works along one dimension, and normalisations: arg_extreme, cumsum, prelu, normalize,
// log_softmax, l2_normalization, local_response_normalization, against their definitions; refusals.
#include <gtest/gtest.h>

#include <cmath>

#include "ops/run_one_node.h"

namespace mote {
namespace {

TEST(ArgExtreme, OfEqualNumbersTheFirstOrTheLast) {
  const std::vector<int8_t> x{1, 3, 3, 0, 0, 3, 2, 2, 2, 2, 2, 2};
  const auto run = [&x](const char* function, int64_t last) {
    OneNode one = OneNode::make<int8_t>({2, 6});
    one.add(arg_extreme_op, {{"function", std::string(function)}, {"select_last_index", last}});
    return one.run<int32_t>(x);
  };
  EXPECT_EQ(run("max", 0), (std::vector<int32_t>{1, 0}));
  EXPECT_EQ(run("max", 1), (std::vector<int32_t>{5, 5}));
  EXPECT_EQ(run("min", 0), (std::vector<int32_t>{3, 0}));
  EXPECT_EQ(run("min", 1), (std::vector<int32_t>{4, 5}));
}

template <class T>
void check_middle_axis() {
  Numbers n;
  const auto x = n.many<T>(3 * 5 * 4, 0, 100);
  OneNode one = OneNode::make<T>({3, 5, 4});
  one.add(arg_extreme_op, {{"function", std::string("max")},
                           {"axis", int64_t{-2}},
                           {"keep_dims", int64_t{1}},
                           {"output_type", std::string("s64")}});
  EXPECT_EQ(one.output().shape, (Shape{3, 1, 4}));
  const auto y = one.template run<int64_t>(x);
  for (size_t a = 0; a < 3; ++a)
    for (size_t c = 0; c < 4; ++c) {
      size_t best = 0;
      for (size_t b = 1; b < 5; ++b)
        if (x[(a * 5 + b) * 4 + c] > x[(a * 5 + best) * 4 + c]) best = b;
      ASSERT_EQ(y[a * 4 + c], int64_t(best));
    }
}
TEST(ArgExtreme, EveryTypeAlongAMiddleAxis) {
  check_middle_axis<float>();
  check_middle_axis<int8_t>();
  check_middle_axis<uint8_t>();
  check_middle_axis<int16_t>();
  check_middle_axis<int32_t>();
  check_middle_axis<int64_t>();
}

TEST(ArgExtreme, Refusals) {
  const auto refusal = [](const Attributes& attributes) {
    return code_of_failure([&] { OneNode::make<float>({2, 3}).add(arg_extreme_op, attributes); });
  };
  const Attribute max = std::string("max");
  EXPECT_EQ(refusal({{"function", max}}), "");
  EXPECT_EQ(refusal({{"function", std::string("most")}}), "unknown-function");
  EXPECT_EQ(refusal({{"function", max}, {"axis", int64_t{2}}}), "wrong-attribute");
  EXPECT_EQ(refusal({{"function", max}, {"axis", INT64_MIN}}), "wrong-attribute");
  EXPECT_EQ(refusal({{"function", max}, {"output_type", std::string("s8")}}), "wrong-attribute");
}

template <class T>
void check_cumsum() {
  const std::vector<T> x{1, 2, 3, 10, 20, 30};
  const auto run = [&x](int64_t axis, int64_t exclusive, int64_t reverse) {
    OneNode one = OneNode::make<T>({2, 3});
    one.add(cumsum_op, {{"axis", axis}, {"exclusive", exclusive}, {"reverse", reverse}});
    return one.template run<T>(x);
  };
  EXPECT_EQ(run(1, 0, 0), (std::vector<T>{1, 3, 6, 10, 30, 60}));
  EXPECT_EQ(run(-1, 1, 0), (std::vector<T>{0, 1, 3, 0, 10, 30}));
  EXPECT_EQ(run(1, 0, 1), (std::vector<T>{6, 5, 3, 60, 50, 30}));
  EXPECT_EQ(run(1, 1, 1), (std::vector<T>{5, 3, 0, 50, 30, 0}));
  EXPECT_EQ(run(0, 0, 0), (std::vector<T>{1, 2, 3, 11, 22, 33}));
}
TEST(Cumsum, EveryDirectionOfEveryType) {
  check_cumsum<float>();
  check_cumsum<int32_t>();
  check_cumsum<int64_t>();
}

TEST(Cumsum, Refusals) {
  EXPECT_EQ(code_of_failure([] {
              OneNode::make<float>({2}).add(cumsum_op, {{"axis", int64_t{1}}});
            }),
            "wrong-attribute");
  EXPECT_EQ(code_of_failure([] { OneNode::make<int16_t>({2}).add(cumsum_op); }), "wrong-type");
  EXPECT_EQ(code_of_failure([] {
              OneNode one = OneNode::make<int8_t>({2}, per_tensor(1e6f, 0));
              one.add(cumsum_op, {{"output_scale", 1e-6}});
              Evaluator evaluator(one.graph);
            }),
            "wrong-quantization");
}

TEST(Prelu, AlphaIsBroadcast) {
  Numbers n;
  const Shape shape{2, 3, 4, 2, 3};
  const auto x = n.reals(element_count(shape), -2, 2);
  for (const Shape& alpha :
       {Shape{3}, {1}, {2, 1}, {4, 1, 3}, {3, 1, 2, 1}, {2, 1, 4, 1, 3}, {1, 3, 4, 2, 3}}) {
    const auto slopes = n.reals(element_count(alpha), -1, 2);
    OneNode one = OneNode::make<float>(shape);
    one.add(prelu_op, {}, {one.constant("alpha", alpha, slopes)});
    const auto y = one.run<float>(x);
    for (size_t i = 0; i < x.size(); ++i) {
      size_t rest = i, at = 0, stride = 1;
      for (size_t back = 1; back <= shape.size(); ++back) {
        const auto size = size_t(shape[shape.size() - back]);
        const size_t own = back <= alpha.size() ? size_t(alpha[alpha.size() - back]) : 1;
        if (own > 1) at += rest % size * stride;
        stride *= own;
        rest /= size;
      }
      ASSERT_EQ(y[i], x[i] >= 0 ? x[i] : x[i] * slopes[at]);
    }
  }
}

TEST(Prelu, Refusals) {
  const auto refusal = [](const Shape& alpha) {
    return code_of_failure([&] {
      OneNode one = OneNode::make<float>({2, 3});
      one.add(prelu_op, {},
              {one.constant("alpha", alpha, std::vector<float>(size_t(element_count(alpha))))});
    });
  };
  EXPECT_EQ(refusal({3}), "");
  EXPECT_EQ(refusal({1, 1, 2, 1}), "");
  EXPECT_EQ(refusal({2}), "wrong-shape");
  EXPECT_EQ(refusal({2, 2, 3}), "wrong-shape");
  EXPECT_EQ(code_of_failure([] {
              OneNode one = OneNode::make<float>({2});
              one.add(prelu_op, {},
                      {one.constant("a", {2}, std::vector<int8_t>{1, 2}, per_tensor(1, 0))});
            }),
            "wrong-type");
}

// Layer, instance and group normalisation are normalize over other axes.
TEST(Normalize, MeanZeroAndVarianceOne) {
  Numbers n;
  const Shape shape{2, 3, 4, 5};
  const auto x = n.reals(element_count(shape), -3, 9);
  OneNode instance = OneNode::make<float>(shape);
  instance.add(normalize_op, {{"axes", std::vector<int64_t>{1, 2}}, {"epsilon", 0.5}});
  const auto y = instance.run<float>(x);
  for (size_t b = 0; b < 2; ++b)
    for (size_t c = 0; c < 5; ++c) {
      double sum = 0, squares = 0;
      for (size_t i = 0; i < 12; ++i) sum += double(x[(b * 12 + i) * 5 + c]);
      for (size_t i = 0; i < 12; ++i)
        squares += std::pow(double(x[(b * 12 + i) * 5 + c]) - sum / 12, 2);
      for (size_t i = 0; i < 12; ++i) {
        const size_t at = (b * 12 + i) * 5 + c;
        ASSERT_NEAR(double(y[at]), (double(x[at]) - sum / 12) / std::sqrt(squares / 12 + 0.5),
                    2e-6);
      }
    }
  OneNode rms = OneNode::make<float>({2, 60});
  rms.add(normalize_op, {{"subtract_mean", int64_t{0}}, {"epsilon", 0.0}});
  const auto z = rms.run<float>(x);
  for (size_t row = 0; row < 2; ++row) {
    double squares = 0;
    for (size_t i = 0; i < 60; ++i) squares += std::pow(double(z[row * 60 + i]), 2);
    ASSERT_NEAR(squares / 60, 1, 1e-5);
  }
}

TEST(Normalize, Refusals) {
  EXPECT_EQ(code_of_failure([] { OneNode::make<int32_t>({2}).add(normalize_op); }), "wrong-type");
  EXPECT_EQ(code_of_failure([] {
              OneNode::make<float>({2}).add(normalize_op, {{"epsilon", -1.0}});
            }),
            "wrong-attribute");
  EXPECT_EQ(code_of_failure([] {
              OneNode::make<float>({2}).add(normalize_op, {{"axes", std::vector<int64_t>{1}}});
            }),
            "wrong-attribute");
}

TEST(LogSoftmax, FloatAgainstDouble) {
  Numbers n;
  const auto x = n.reals(4 * 25, -30, 30);
  OneNode one = OneNode::make<float>({4, 25});
  one.add(log_softmax_op);
  const auto y = one.run<float>(x);
  for (size_t row = 0; row < 4; ++row) {
    double sum = 0;
    for (size_t c = 0; c < 25; ++c) sum += std::exp(double(x[row * 25 + c]));
    for (size_t c = 0; c < 25; ++c)
      ASSERT_NEAR(double(y[row * 25 + c]), double(x[row * 25 + c]) - std::log(sum), 1e-5);
  }
}

TEST(L2Normalization, AlongAnyAxis) {
  Numbers n;
  const auto x = n.many<int8_t>(6 * 50, -128, 127);
  OneNode s8 = OneNode::make<int8_t>({2, 50, 3}, per_tensor(0.3f, 20));
  s8.add(l2_normalization_op, {{"axis", int64_t{1}}});
  const auto y = s8.run<int8_t>(x);
  for (size_t a = 0; a < 2; ++a)
    for (size_t c = 0; c < 3; ++c) {
      double squares = 0;
      for (size_t b = 0; b < 50; ++b) squares += std::pow(x[(a * 50 + b) * 3 + c] - 20, 2);
      for (size_t b = 0; b < 50; ++b) {
        const size_t at = (a * 50 + b) * 3 + c;
        ASSERT_NEAR(y[at], (x[at] - 20) / std::sqrt(squares) * 128, 0.51);
      }
    }
}

// Neighbours on both sides, the last included, as in TensorFlow and in LiteRT's usual kernels; its
// reference kernels leave out the last neighbour.
TEST(LocalResponseNormalization, OverTheNeighbours) {
  Numbers n;
  const auto x = n.reals(3 * 7, -2, 2);
  OneNode one = OneNode::make<float>({3, 7});
  one.add(local_response_normalization_op, {{"before", int64_t{2}},
                                            {"after", int64_t{1} << 40},
                                            {"bias", 1.5},
                                            {"alpha", 0.3},
                                            {"beta", 0.75}});
  const auto y = one.run<float>(x);
  for (int row = 0; row < 3; ++row)
    for (int k = 0; k < 7; ++k) {
      double squares = 0;
      for (int j = std::max(0, k - 2); j < 7; ++j)
        squares += std::pow(double(x[size_t(row * 7 + j)]), 2);
      const auto at = size_t(row * 7 + k);
      ASSERT_NEAR(double(y[at]), double(x[at]) * std::pow(1.5 + 0.3 * squares, -0.75), 1e-6);
    }
}

}  // namespace
}  // namespace mote
