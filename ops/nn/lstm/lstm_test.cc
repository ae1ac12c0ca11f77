// SPDX-License-Identifier: Apache-2.0
// lstm: float against the formula in double precision, in all orders of its sequence; integers near
// float (their bytes are TFLM's: tests/conformance); states, refusals.
#include <cmath>

#include "graph/quantizer.h"
#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

constexpr int kSteps = 5, kInputs = 3, kUnits = 4;

struct Weights {
  std::vector<std::vector<float>> numbers;  // 4 of inputs, 4 recurrent, 4 biases

  explicit Weights(Numbers& random) {
    for (int i = 0; i < 12; ++i)
      numbers.push_back(random.reals(kUnits * (i < 4 ? kInputs : i < 8 ? kUnits : 1), -0.8f, 0.8f));
  }
  static Shape shape(int i) {
    return i < 4 ? Shape{kUnits, kInputs} : i < 8 ? Shape{kUnits, kUnits} : Shape{kUnits};
  }
};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// h after every step of one batch, in the order of x's rows.
std::vector<double> lstm_in_double(const Weights& w, const std::vector<float>& x, bool reverse) {
  std::vector<double> h(kUnits), c(kUnits), out(kSteps * kUnits);
  for (int step = 0; step < kSteps; ++step) {
    const int t = reverse ? kSteps - 1 - step : step;
    std::vector<double> gate[4];
    for (int g = 0; g < 4; ++g)
      for (int u = 0; u < kUnits; ++u) {
        double sum = w.numbers[size_t(8 + g)][size_t(u)];
        for (int i = 0; i < kInputs; ++i)
          sum += double(w.numbers[size_t(g)][size_t(u * kInputs + i)]) * x[size_t(t * kInputs + i)];
        for (int i = 0; i < kUnits; ++i)
          sum += double(w.numbers[size_t(4 + g)][size_t(u * kUnits + i)]) * h[size_t(i)];
        gate[g].push_back(g == 2 ? std::tanh(sum) : logistic(sum));
      }
    for (size_t u = 0; u < kUnits; ++u) {
      c[u] = gate[1][u] * c[u] + gate[0][u] * gate[2][u];
      h[u] = gate[3][u] * std::tanh(c[u]);
      out[size_t(t) * kUnits + u] = h[u];
    }
  }
  return out;
}

OneNode float_lstm(const Weights& w, Shape x, Attributes attributes) {
  OneNode one = OneNode::make<float>(std::move(x));
  std::vector<ValueId> more;
  for (int i = 0; i < 12; ++i)
    more.push_back(one.constant("w" + std::to_string(i), Weights::shape(i), w.numbers[size_t(i)]));
  one.add(lstm_op, std::move(attributes), more);
  return one;
}

TEST(Lstm, IsItsFormulaInBothDirections) {
  Numbers random;
  const Weights w(random);
  for (int64_t reverse : {0, 1}) {
    OneNode one =
        float_lstm(w, {1, kSteps, kInputs}, {{"reverse", reverse}, {"keeps_state", int64_t(0)}});
    const auto x = random.reals(kSteps * kInputs, -2, 2);
    const auto expected = lstm_in_double(w, x, reverse);
    for (int run = 0; run < 2; ++run) {  // every run starts anew
      const auto y = one.run<float>(x);
      for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], expected[i], 1e-5);
    }
  }
}

TEST(Lstm, KeepsItsStateOverRuns) {
  Numbers random;
  const Weights w(random);
  OneNode one = float_lstm(w, {1, 1, kInputs}, {});
  const auto x = random.reals(kSteps * kInputs, -2, 2);
  const auto expected = lstm_in_double(w, x, false);
  const auto y = outputs_of<float>(one, x);
  for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], expected[i], 1e-5);
  expect_resumes(one, x);
}

TEST(Lstm, TakesStepsFirst) {
  Numbers random;
  const Weights w(random);
  const auto a = random.reals(kSteps * kInputs, -2, 2), b = random.reals(kSteps * kInputs, -2, 2);
  std::vector<float> x;
  for (int t = 0; t < kSteps; ++t)
    for (const auto* batch : {&a, &b})
      x.insert(x.end(), batch->begin() + t * kInputs, batch->begin() + (t + 1) * kInputs);
  OneNode one = float_lstm(w, {kSteps, 2, kInputs}, {{"time_major", int64_t(1)}});
  const auto y = one.run<float>(x);
  const auto of_a = lstm_in_double(w, a, false), of_b = lstm_in_double(w, b, false);
  for (size_t t = 0; t < kSteps; ++t)
    for (size_t u = 0; u < kUnits; ++u) {
      ASSERT_NEAR(y[2 * t * kUnits + u], of_a[t * kUnits + u], 1e-5);
      ASSERT_NEAR(y[(2 * t + 1) * kUnits + u], of_b[t * kUnits + u], 1e-5);
    }
}

template <class T, class Bias>
void expect_near_float(double largest, double tolerance) {
  Numbers random;
  const Weights w(random);
  const auto x_scale = float(2 / largest), h_scale = float(1 / largest);
  const float w_scale = 0.8f / 127;
  OneNode one = OneNode::make<T>({1, kSteps, kInputs}, per_tensor(x_scale, 0));
  std::vector<ValueId> more;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "w" + std::to_string(i);
    std::vector<int8_t> weights;
    std::vector<Bias> biases;
    for (float number : w.numbers[size_t(i)]) {
      weights.push_back(int8_t(std::lround(number / w_scale)));
      biases.push_back(Bias(std::llround(number / (double(x_scale) * w_scale))));
    }
    more.push_back(i < 8 ? one.constant(name, Weights::shape(i), weights, per_tensor(w_scale, 0))
                         : one.constant(name, Weights::shape(i), biases));
  }
  one.add(lstm_op, {{"output_scale", double(h_scale)}, {"cell_scale", 1.0 / 8192}}, more);
  std::vector<float> real = random.reals(kSteps * kInputs, -2, 2);
  std::vector<T> x;
  for (float number : real) x.push_back(T(std::lround(number / x_scale)));
  const auto expected = lstm_in_double(w, real, false);
  const auto y = one.run<T>(x);
  for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(double(y[i]) * h_scale, expected[i], tolerance);
}

TEST(Lstm, IntegersAreNearFloat) {
  expect_near_float<int8_t, int32_t>(127, 0.04);
  expect_near_float<int16_t, int64_t>(32767, 0.02);
}

// Bug: rounded to float they changed one of 100,000 hidden values of a recorded model.
TEST(Lstm, ProductsOfScalesAreNotRoundedToFloat) {
  const float x_scale = 0.0039215689f, w_scale = 0.0078740157f;
  const double exact = double(x_scale) * double(w_scale) * 4096;
  const int32_t expected = quantize_multiplier(exact).multiplier;
  ASSERT_NE(expected, quantize_multiplier(double(x_scale * w_scale) * 4096).multiplier);
  OneNode one = OneNode::make<int8_t>({1, kSteps, kInputs}, per_tensor(x_scale, 0));
  std::vector<ValueId> more;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "w" + std::to_string(i);
    const auto n = size_t(element_count(Weights::shape(i)));
    more.push_back(i < 8 ? one.constant(name, Weights::shape(i), std::vector<int8_t>(n),
                                        per_tensor(w_scale, 0))
                         : one.constant(name, Weights::shape(i), std::vector<int32_t>(n)));
  }
  one.add(lstm_op, {{"output_scale", 1.0 / 128}, {"cell_scale", 1.0 / 8192}}, more);
  const KernelCall call = lstm_op.lower(NodeView(one.graph, one.graph.nodes[0]));
  for (const KernelField& field : call.fields) {
    if (field.name != "x_multiplier") continue;
    EXPECT_EQ(field.literal.substr(1, field.literal.find(',') - 1), std::to_string(expected));
  }
}

// All weights -127 and all biases `bias`.
template <class T, class Bias>
OneNode lstm_of_biases(Bias bias) {
  OneNode one = OneNode::make<T>({1, 1, kInputs}, per_tensor(0.01f, 0));
  std::vector<ValueId> more;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "w" + std::to_string(i);
    const auto n = size_t(element_count(Weights::shape(i)));
    more.push_back(i < 8 ? one.constant(name, Weights::shape(i), std::vector<int8_t>(n, -127),
                                        per_tensor(0.01f, 0))
                         : one.constant(name, Weights::shape(i), std::vector<Bias>(n, bias)));
  }
  one.add(lstm_op, {{"output_scale", 1.0 / 128}, {"cell_scale", 1.0 / 8192}}, more);
  return one;
}

// Bug: such a sum overflowed, which is undefined (found by fuzzing); it wraps, as in all layers.
TEST(Lstm, SumsOfHugeBiasesWrap) {
  const std::vector<int8_t> x(kInputs, 127);
  for (int8_t y : lstm_of_biases<int8_t>(INT32_MIN).run<int8_t>(x)) EXPECT_GT(y, 0);
  EXPECT_EQ(code_of_failure([] { lstm_of_biases<int16_t>(INT64_MIN); }), "too-large");
  EXPECT_EQ(code_of_failure([] { lstm_of_biases<int16_t>(int64_t(1) << 46); }), "too-large");
}

TEST(Lstm, RefusesWhatItCannotDo) {
  Numbers random;
  Weights w(random);
  EXPECT_EQ(code_of_failure([&] { float_lstm(w, {kSteps, kInputs}, {}); }), "wrong-shape");
  EXPECT_EQ(code_of_failure([&] { float_lstm(w, {1, kSteps, kInputs + 1}, {}); }), "wrong-shape");
  EXPECT_EQ(code_of_failure([&] {
              float_lstm(w, {1, kSteps, kInputs}, {{"cell_activation", std::string("sine")}});
            }),
            "unknown-activation");
  EXPECT_EQ(code_of_failure([&] {
              float_lstm(w, {1, kSteps, kInputs}, {{"cell_clip", NAN}});
            }),
            "wrong-attribute");
}

}  // namespace
}  // namespace mote
