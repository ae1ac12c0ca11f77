// SPDX-License-Identifier: Apache-2.0
// Convolutions and fully connected layers beyond int8: int16 activations, 32-bit sums that wrap,
// groups, zero points of weights; what a hostile file could bring.
#include <gtest/gtest.h>

#include <cmath>

#include "ops/run_one_node.h"

namespace mote {
namespace {

// [1, 3, 4, 4] in two groups: channels 0..1 to outputs 0..2, channels 2..3 to outputs 3..5.
TEST(Conv2d, GroupsSeeTheirChannelsAlone) {
  Numbers n;
  OneNode one = OneNode::make<float>({1, 3, 4, 4});
  const auto x = n.reals(48, -1, 1), w = n.reals(6 * 2 * 2 * 2, -1, 1);
  one.add(conv_2d_op, {}, {one.constant("w", {6, 2, 2, 2}, w), -1});
  const auto y = one.run<float>(x);
  ASSERT_EQ(y.size(), 2u * 3 * 6);
  for (size_t k = 0; k < y.size(); ++k) {
    const size_t o = k % 6, ox = k / 6 % 3, oy = k / 18, first = o < 3 ? 0 : 2;
    double sum = 0;
    for (size_t ky = 0; ky < 2; ++ky)
      for (size_t kx = 0; kx < 2; ++kx)
        for (size_t c = 0; c < 2; ++c)
          sum += double(x[((oy + ky) * 4 + ox + kx) * 4 + first + c]) *
                 double(w[((o * 2 + ky) * 2 + kx) * 2 + c]);
    ASSERT_NEAR(y[k], sum, 1e-5) << k;
  }
}

TEST(Conv2d, RefusesGroupsThatDoNotDivide) {
  const auto refusal = [](const Shape& weights) {
    return code_of_failure([&] {
      OneNode one = OneNode::make<float>({1, 3, 4, 4});
      const std::vector<float> numbers(size_t(element_count(weights)), 1.0f);
      one.add(conv_2d_op, {}, {one.constant("w", weights, numbers), -1});
    });
  };
  EXPECT_EQ(refusal({6, 1, 1, 2}), "");
  EXPECT_EQ(refusal({6, 1, 1, 3}), "wrong-shape");  // 4 channels
  EXPECT_EQ(refusal({5, 1, 1, 2}), "wrong-shape");  // 5 outputs in 2 groups
}

// A fully connected layer of s16 with one sum; the bias is s64 or s32.
struct DenseS16 {
  OneNode one;
  std::vector<int16_t> x;

  explicit DenseS16(int32_t inputs, int8_t weight, int16_t each)
      : one(OneNode::make<int16_t>({1, inputs}, per_tensor(1, 0))), x(size_t(inputs), each) {
    weights_ =
        one.constant("w", {1, inputs}, std::vector<int8_t>(x.size(), weight), per_tensor(1, 0));
  }
  int16_t run(double output_scale, ValueId bias, int64_t sum_bits = 64) {
    one.add(fully_connected_op, {{"output_scale", output_scale}, {"sum_bits", sum_bits}},
            {weights_, bias});
    return one.run<int16_t>(x).at(0);
  }
  ValueId bias(int64_t number) {
    return one.graph.add_constant("b", ElementType::s64, {1}, std::vector<int64_t>{number});
  }

 private:
  ValueId weights_;
};

TEST(FullyConnected, Int16SumsIn64Bits) {
  // 1000 * 32767 * 127 = 4.16e9, beyond 32 bits.
  EXPECT_EQ(DenseS16(1000, 127, 32767).run(1 << 20, -1), 3969);
  DenseS16 dense(1000, 127, 32767);
  EXPECT_EQ(dense.run(1 << 20, dense.bias(-4000000000)), 154);
}

TEST(FullyConnected, Int16SumsIn32BitsWrap) {
  // 4161409000 - 2^32 = -133558296.
  EXPECT_EQ(DenseS16(1000, 127, 32767).run(1 << 20, -1, 32), -127);
}

TEST(FullyConnected, ZeroPointsOfWeights) {
  Numbers n;
  OneNode one = OneNode::make<int8_t>({3, 7}, per_tensor(1, -4));
  const auto x = n.many<int8_t>(21, -9, 2), w = n.many<int8_t>(14, 10, 14);
  one.add(fully_connected_op, {{"output_zero_point", int64_t{5}}},
          {one.constant("w", {2, 7}, w, per_tensor(1, 12)), -1});
  const auto y = one.run<int8_t>(x);
  for (size_t k = 0; k < y.size(); ++k) {
    int32_t sum = 5;
    for (size_t i = 0; i < 7; ++i) sum += (x[k / 2 * 7 + i] + 4) * (w[k % 2 * 7 + i] - 12);
    ASSERT_EQ(y[k], sum);
  }
}

// TFLM's sums wrap there; what matters is that ours are defined: (2^31 - 1 + 127) modulo 2^31 -
// 100.
TEST(FullyConnected, ABiasAtTheEndOf32BitsIsDefined) {
  OneNode one = OneNode::make<int8_t>({1, 1}, per_tensor(1, 0));
  const ValueId w = one.constant("w", {1, 1}, std::vector<int8_t>{127}, per_tensor(1, 0));
  const ValueId b = one.constant("b", {1}, std::vector<int32_t>{INT32_MAX});
  one.add(fully_connected_op, {{"output_zero_point", int64_t{-100}}}, {w, b});
  EXPECT_EQ(one.run<int8_t>(std::vector<int8_t>{1}).at(0), 26);
}

TEST(FullyConnected, RefusesWhatWouldOverflow) {
  const auto refusal = [](double output_scale, int64_t bias, int64_t bits) {
    return code_of_failure([&] {
      DenseS16 dense(4, 1, 1);
      dense.run(output_scale, bias == 0 ? -1 : dense.bias(bias), bits);
    });
  };
  EXPECT_EQ(refusal(1, 0, 64), "");
  EXPECT_EQ(refusal(1, int64_t(1) << 46, 64), "too-large");
  EXPECT_EQ(refusal(1e-3, 0, 64), "wrong-quantization");  // 1000 times the output's scale
  EXPECT_EQ(refusal(0, 0, 64), "wrong-quantization");
  EXPECT_EQ(refusal(NAN, 0, 64), "wrong-quantization");
  EXPECT_EQ(refusal(1, 0, 16), "wrong-attribute");
}

TEST(Conv2d, RefusesAnActivationBeyondItsScale) {
  OneNode one = OneNode::make<int8_t>({1, 1, 1, 1}, per_tensor(1e-20f, 0));
  const ValueId w = one.constant("w", {1, 1, 1, 1}, std::vector<int8_t>{1}, per_tensor(1e-18f, 0));
  one.add(conv_2d_op, {{"output_scale", 1e-37}, {"activation", std::string("relu6")}}, {w, -1});
  EXPECT_EQ(code_of_failure([&] { one.run<int8_t>(std::vector<int8_t>{1}); }),
            "wrong-quantization");
}

// Multipliers that a file gives win over the scales: 100 * 3 * 0.75 * 2^-2 = 56.25.
int8_t run_with_ratio(const std::vector<int64_t>& multipliers, const std::vector<int64_t>& shifts) {
  OneNode one = OneNode::make<int8_t>({1, 1}, per_tensor(1, 0));
  const ValueId w = one.constant("w", {1, 1}, std::vector<int8_t>{3}, per_tensor(1, 0));
  one.add(fully_connected_op, {{"multipliers", multipliers}, {"shifts", shifts}}, {w, -1});
  return one.run<int8_t>(std::vector<int8_t>{100}).at(0);
}

TEST(FullyConnected, TakesMultipliersAsTheyAreGiven) {
  constexpr int64_t kThreeQuarters = int64_t(3) << 29;
  EXPECT_EQ(run_with_ratio({}, {}), 127);
  EXPECT_EQ(run_with_ratio({kThreeQuarters}, {-2}), 56);
  EXPECT_EQ(run_with_ratio({0}, {0}), 0);
  using List = std::vector<int64_t>;
  const auto code = [](const List& multipliers, const List& shifts) {
    return code_of_failure([&] { run_with_ratio(multipliers, shifts); });
  };
  EXPECT_EQ(code({kThreeQuarters, kThreeQuarters}, {0, 0}), "wrong-attribute");
  EXPECT_EQ(code({kThreeQuarters}, {}), "wrong-attribute");
  EXPECT_EQ(code({kThreeQuarters}, {31}), "wrong-attribute");
  EXPECT_EQ(code({1}, {0}), "wrong-attribute");
}

// PyTorch's rule: halves to even, by the reciprocal.
TEST(Quantize, HalvesToEven) {
  const auto run = [](const char* halves) {
    OneNode one = OneNode::make<float>({4});
    one.add(
        quantize_op,
        {{"output_scale", 2.0}, {"output_zero_point", int64_t{1}}, {"halves", std::string(halves)}},
        {});
    return one.run<int8_t>(std::vector<float>{1, 3, 5, -1000});
  };
  EXPECT_EQ(run("even"), (std::vector<int8_t>{1, 3, 3, -128}));
  EXPECT_EQ(run("away"), (std::vector<int8_t>{2, 3, 4, -128}));
}

}  // namespace
}  // namespace mote
