// SPDX-License-Identifier: Apache-2.0
// gru of s8 and s16: every step against the formula in double precision; saturation; sequences,
// states and their forms; what it refuses.
#include "ops/nn/recurrent_test_bench.h"

namespace mote {
namespace {

constexpr int kInputs = 5, kUnits = 8;
constexpr double kHidden = 1.0 / 32768;

struct Layer {
  OneNode one;
  IntegerConstant w, r, b, d;

  template <class T>
  static Layer make(Numbers& random, Shape shape, Quantization input, Attributes attributes) {
    Layer layer;
    layer.one = OneNode::make<T>(std::move(shape), input);
    const auto scales = [&] {
      return std::vector<float>{random.real(0.001f, 0.02f), random.real(0.001f, 0.02f),
                                random.real(0.001f, 0.02f)};
    };
    const auto ws = scales(), rs = scales();
    layer.w = random_weights(layer.one, random, {3 * kUnits, kInputs}, ws);
    layer.r = random_weights(layer.one, random, {3 * kUnits, kUnits}, rs);
    layer.b = random_biases(layer.one, random, 3 * kUnits, double(input.scale()), ws);
    layer.d = random_biases(layer.one, random, 3 * kUnits, kHidden, rs);
    layer.one.add(gru_op, std::move(attributes), {layer.w.id, layer.r.id, layer.b.id, layer.d.id});
    return layer;
  }

  double from_x(const Reals& x, size_t row) const {
    return row_product(w.real, row, x) + b.real[row];
  }
  double from_h(const Reals& h, size_t row) const {
    return row_product(r.real, row, h) + d.real[row];
  }

  // The largest magnitude of R_c h + d_c.
  double largest_from_h() const {
    double largest = 0;
    for (size_t row = 2 * kUnits; row < 3 * kUnits; ++row) {
      double sum = std::fabs(d.real[row]);
      for (size_t u = 0; u < kUnits; ++u) sum += std::fabs(r.real[row * kUnits + u]);
      largest = std::max(largest, sum);
    }
    return largest;
  }

  Reals step(const Reals& x, const Reals& h, bool reset_after) const {
    Reals z, reset, reset_h, next;
    for (size_t u = 0; u < kUnits; ++u) {
      z.push_back(logistic_of(from_x(x, u) + from_h(h, u)));
      reset.push_back(logistic_of(from_x(x, kUnits + u) + from_h(h, kUnits + u)));
      reset_h.push_back(reset.back() * h[u]);
    }
    for (size_t u = 0; u < kUnits; ++u) {
      const size_t row = 2 * kUnits + u;
      const double part = reset_after ? reset[u] * from_h(h, row) : from_h(reset_h, row);
      next.push_back(z[u] * h[u] + (1 - z[u]) * std::tanh(from_x(x, row) + part));
    }
    return next;
  }
};

Attributes attributes_of(int64_t reset_after, const Quantization& output) {
  return {{"reset_after", reset_after},
          {"output_scale", double(output.scale())},
          {"output_zero_point", int64_t(output.zero_point())}};
}

// 12,800 steps of 8 units in each of two forms and two scales of output.
TEST(GruInteger, IsItsFormulaInEightBits) {
  Numbers random;
  for (int64_t reset_after : {0, 1}) {
    Agreement all;
    for (int trial = 0; trial < 64; ++trial) {
      const Quantization output = trial % 2 ? per_tensor(0.0045f, -20) : per_tensor(1.0f / 128, 0);
      const Quantization input = per_tensor(random.real(0.005f, 0.03f), random.integer(-40, 40));
      const auto layer =
          Layer::make<int8_t>(random, {1, 1, kInputs}, input, attributes_of(reset_after, output));
      const Agreement one = compare_steps<int8_t>(
          layer.one, random, 200, kHidden,
          [&](const Reals& x, const Reals& h) { return layer.step(x, h, reset_after); });
      all.count += one.count, all.equal += one.equal;
      all.largest = std::max(all.largest, one.largest);
    }
    EXPECT_GE(all.count, 100000);
    EXPECT_LE(all.largest, 1);
    EXPECT_GE(all.share(), 0.99);
    RecordProperty("equal", std::to_string(all.share()));
  }
}

// 16 bits show what the tables cost. In steps of 2^-15 a chord is off by 0.7 (logistic) or 1.4
// (tanh) and rounding by 0.5: z by 1.2, which counts twice (|c - h| <= 2); r by 1.2, r h by 0.5
// more, which R_c magnifies; c by 1.9; h by 0.5.
TEST(GruInteger, IsItsFormulaInSixteenBits) {
  Numbers random;
  for (int64_t reset_after : {0, 1})
    for (int trial = 0; trial < 64; ++trial) {
      const Quantization input = per_tensor(random.real(0.005f, 0.03f) / 256, 0);
      const auto layer = Layer::make<int16_t>(
          random, {1, 1, kInputs}, input, attributes_of(reset_after, per_tensor(1.0f / 32768, 0)));
      const Agreement one = compare_steps<int16_t>(
          layer.one, random, 200, kHidden,
          [&](const Reals& x, const Reals& h) { return layer.step(x, h, reset_after); });
      ASSERT_LE(double(one.largest), 4.8 + 1.7 * layer.largest_from_h());
    }
}

OneNode with_biases(int32_t bias, int32_t recurrent_bias) {
  OneNode one = OneNode::make<int8_t>({1, 1, kInputs}, per_tensor(0.05f, 0));
  const std::vector<int8_t> w(3 * kUnits * kInputs, 127), r(3 * kUnits * kUnits, -127);
  one.add(gru_op, attributes_of(1, per_tensor(1.0f / 128, 0)),
          {one.constant("w", {3 * kUnits, kInputs}, w, per_tensor(0.05f, 0)),
           one.constant("r", {3 * kUnits, kUnits}, r, per_tensor(0.05f, 0)),
           one.constant("b", {3 * kUnits}, std::vector<int32_t>(3 * kUnits, bias)),
           one.constant("d", {3 * kUnits}, std::vector<int32_t>(3 * kUnits, recurrent_bias))});
  return one;
}

// Gates at 0 take the candidate whole, those at 1 hold the state; sums beyond 32 bits saturate.
TEST(GruInteger, Saturates) {
  const std::vector<int8_t> lowest(kInputs, -128), highest(kInputs, 127);
  for (int8_t y : with_biases(INT32_MIN, INT32_MIN).run<int8_t>(lowest)) EXPECT_EQ(y, -128);
  for (int8_t y : with_biases(INT32_MAX, INT32_MAX).run<int8_t>(highest)) EXPECT_EQ(y, 0);
  const auto many = outputs_of<int8_t>(*std::make_unique<OneNode>(with_biases(-40000, 0)),
                                       std::vector<int8_t>(kInputs * 50, -128));
  EXPECT_EQ(many.back(), -128);
}

// A gate that lets 1/1000 in at each step moves a state of 16 bits; one of 8 bits would stand.
TEST(GruInteger, SlowGatesArriveToo) {
  OneNode one = OneNode::make<int8_t>({1, 1, 1}, per_tensor(1.0f / 128, 0));
  const std::vector<int8_t> none(3);
  const std::vector<int32_t> bias{int32_t(6.9 * 128 / 0.01), 0, 200 * 128 * 100};  // z 0.999, c 1
  one.add(gru_op, attributes_of(0, per_tensor(1.0f / 128, 0)),
          {one.constant("w", {3, 1}, none, per_tensor(0.01f, 0)),
           one.constant("r", {3, 1}, none, per_tensor(0.01f, 0)), one.constant("b", {3}, bias),
           one.constant("d", {3}, std::vector<int32_t>(3))});
  const auto y = outputs_of<int8_t>(one, std::vector<int8_t>(3000));
  EXPECT_NEAR(y[692], 64, 3);  // 1 - 0.999^693
  EXPECT_NEAR(y[2999], 122, 3);
}

TEST(GruInteger, SequencesAreTheirStepsAndResume) {
  const Quantization input = per_tensor(0.02f, 5);
  for (int64_t reset_after : {0, 1}) {
    const Attributes attributes = attributes_of(reset_after, per_tensor(0.006f, 7));
    Numbers first(3), second(3), random;
    auto at_once = Layer::make<int8_t>(first, {1, 6, kInputs}, input, attributes);
    auto stepwise = Layer::make<int8_t>(second, {1, 1, kInputs}, input, attributes);
    const auto x = random.many<int8_t>(6 * kInputs, -128, 127);
    const auto y = at_once.one.run<int8_t>(x);
    EXPECT_EQ(y, outputs_of<int8_t>(stepwise.one, x));
    EXPECT_NE(y, std::vector<int8_t>(y.size(), y[0]));
    expect_resumes(stepwise.one, x);
  }
}

// Two batches of 4 steps, backwards, the second of 2; from a given state, at the output's scale.
TEST(GruInteger, TakesLengthsAndStates) {
  const Quantization input = per_tensor(0.02f, 5), output = per_tensor(1.0f / 128, 3);
  Numbers first(3), second(3), random;
  Attributes attributes = attributes_of(1, output);
  auto stepwise = Layer::make<int8_t>(first, {1, 1, kInputs}, input, attributes);
  Layer whole;
  whole.one = OneNode::make<int8_t>({2, 4, kInputs}, input);
  attributes["keeps_state"] = int64_t{0};
  attributes["final_state"] = int64_t{1};
  attributes["reverse"] = int64_t{1};
  std::vector<ValueId> more;
  for (ValueId id : stepwise.one.graph.nodes[0].inputs) {
    const Value& value = stepwise.one.graph.value(id);
    if (value.kind == ValueKind::constant)
      more.push_back(whole.one.graph.add_constant(value.name, value.type, value.shape, *value.data,
                                                  value.quantization));
  }
  more.push_back(whole.one.constant("h", {2, kUnits}, std::vector<int8_t>(2 * kUnits, 3), output));
  more.push_back(whole.one.constant("lengths", {2}, std::vector<int32_t>{4, 2}));
  whole.one.add(gru_op, attributes, more);
  const auto x = random.many<int8_t>(2 * 4 * kInputs, -128, 127);
  const auto y = outputs_of<int8_t>(whole.one, x), last = outputs_of<int8_t>(whole.one, x, 1);
  for (int b = 0; b < 2; ++b) {
    Evaluator evaluator(stepwise.one.graph);
    std::vector<int8_t> step;
    for (int t = b == 0 ? 3 : 1; t >= 0; --t) {
      evaluator.push(0, x.data() + (b * 4 + t) * kInputs);
      step = stepwise.one.numbers<int8_t>(evaluator);
      EXPECT_TRUE(std::equal(step.begin(), step.end(), y.begin() + (b * 4 + t) * kUnits));
    }
    EXPECT_TRUE(std::equal(step.begin(), step.end(), last.begin() + b * kUnits));
  }
  EXPECT_TRUE(std::all_of(y.end() - 2 * kUnits, y.end(), [](int8_t q) { return q == 3; }));
}

// Bug: a first h beyond 1 saturated. It has a scale of its own, and h bits before the point.
TEST(GruInteger, TheFirstStateMayLieBeyondOne) {
  Numbers random;
  const Quantization input = per_tensor(0.02f, 5), own = per_tensor(0.028f, -7);
  Attributes attributes = attributes_of(1, per_tensor(0.03f, 2));
  attributes["hidden_scale"] = 4.0 / 32768;
  attributes["keeps_state"] = int64_t{0};
  Agreement all;
  for (int trial = 0; trial < 100; ++trial) {
    Layer layer = Layer::make<int8_t>(random, {1, 1, kInputs}, input, {});
    std::vector<ValueId> inputs = layer.one.graph.nodes[0].inputs;
    const auto first = random.many<int8_t>(kUnits, -128, 127);
    OneNode again = OneNode::make<int8_t>({1, 1, kInputs}, input);
    std::vector<ValueId> more;
    for (size_t i = 1; i < 5; ++i) {
      Value value = layer.one.graph.value(inputs[i]);
      if (i == 4)  // d, at the larger scale of h
        for (size_t k = 0; k < layer.d.real.size(); ++k) layer.d.real[k] *= 4;
      more.push_back(again.graph.add_constant(value.name, value.type, value.shape, *value.data,
                                              value.quantization));
    }
    more.push_back(again.constant("h", {1, kUnits}, first, own));
    again.add(gru_op, attributes, more);
    Reals h;
    for (int8_t q : first) h.push_back(double(own.scale()) * (q + 7));
    const Agreement one = compare_steps<int8_t>(
        again, random, 20, 0, [&](const Reals& x, const Reals&) { return layer.step(x, h, true); });
    all.count += one.count, all.equal += one.equal;
    all.largest = std::max(all.largest, one.largest);
  }
  EXPECT_LE(all.largest, 1);
  EXPECT_GE(all.share(), 0.99);
}

TEST(GruInteger, RefusesWhatItCannotDo) {
  const auto made = [](Attributes attributes, Quantization input, int8_t) {
    Numbers random;
    Layer::make<int8_t>(random, {1, 1, kInputs}, input, std::move(attributes));
  };
  const Quantization x = per_tensor(0.02f, 0);
  const Attributes plain = attributes_of(0, per_tensor(1.0f / 128, 0));
  const auto code = [&](const char* name, Attribute value) {
    Attributes other = plain;
    other[name] = value;
    return code_of_failure([&] { made(other, x, 0); });
  };
  EXPECT_EQ(code("reset_after", int64_t{1}), "");
  EXPECT_EQ(code("gate_activation", std::string("relu")), "unknown-activation");
  EXPECT_EQ(code("clip", 2.0), "unknown-activation");
  EXPECT_EQ(code("hidden_scale", 3.0 / 32768), "wrong-quantization");
  EXPECT_EQ(code("hidden_scale", 0.0), "wrong-quantization");
  EXPECT_EQ(code("hidden_scale", 2.0), "wrong-quantization");
  EXPECT_EQ(code("hidden_scale", 1.0), "");
  EXPECT_EQ(code("output_scale", 0.0), "wrong-quantization");
  EXPECT_EQ(code("output_scale", 1e-30), "wrong-quantization");
  EXPECT_EQ(code("output_zero_point", int64_t{128}), "wrong-quantization");
  EXPECT_EQ(code_of_failure([&] { made(plain, {}, 0); }), "wrong-quantization");
  OneNode one = OneNode::make<int8_t>({1, 1, 2}, x);
  Quantization rows{{0.1f, 0.1f, 0.2f, 0.2f, 0.3f, 0.4f}, std::vector<int32_t>(6), 0};
  const ValueId w = one.constant("w", {6, 2}, std::vector<int8_t>(12), rows);
  const ValueId b = one.constant("b", {6}, std::vector<int32_t>(6));
  EXPECT_EQ(code_of_failure([&] { one.add(gru_op, plain, {w, w, b, b}); }), "wrong-quantization");
}

}  // namespace
}  // namespace mote
