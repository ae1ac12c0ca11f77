// SPDX-License-Identifier: Apache-2.0
// rnn of s8 and s16: every step against the formula in double precision, with each activation; its
// state; saturation; what it refuses.
#include "ops/nn/recurrent_test_bench.h"

namespace mote {
namespace {

constexpr int kInputs = 5, kUnits = 8;

struct Kind {
  const char* activation;
  double hidden_scale;
  float recurrent_scale;  // without a curve, h must not grow without end
  double low, high;
};
constexpr double kQ15 = 1.0 / 32768;
constexpr Kind kKinds[] = {
    {"tanh", kQ15, 0.01f, -1, 1},           {"logistic", kQ15, 0.01f, 0, 1},
    {"none", 1.0 / 1024, 0.0009f, -32, 32}, {"relu", 1.0 / 1024, 0.0009f, 0, 32},
    {"relu6", 1.0 / 4096, 0.01f, 0, 6},     {"relu_n1_to_1", 1.0 / 4096, 0.01f, -1, 1}};

struct Layer {
  OneNode one;
  IntegerConstant w, r, b;

  template <class T>
  static Layer make(Numbers& random, const Kind& kind, const Quantization& output) {
    Layer layer;
    const float x_scale = sizeof(T) == 1 ? 0.02f : 0.02f / 256;
    const int32_t x_zero_point = sizeof(T) == 1 ? random.integer(-40, 40) : 0;
    layer.one = OneNode::make<T>({1, 1, kInputs}, per_tensor(x_scale, x_zero_point));
    const std::vector<float> w_scale{random.real(0.001f, 0.02f)}, r_scale{kind.recurrent_scale};
    layer.w = random_weights(layer.one, random, {kUnits, kInputs}, w_scale);
    layer.r = random_weights(layer.one, random, {kUnits, kUnits}, r_scale);
    layer.b = random_biases(layer.one, random, kUnits, double(x_scale), w_scale);
    layer.one.add(rnn_op,
                  {{"activation", std::string(kind.activation)},
                   {"hidden_scale", kind.hidden_scale},
                   {"output_scale", double(output.scale())},
                   {"output_zero_point", int64_t(output.zero_point())}},
                  {layer.w.id, layer.r.id, layer.b.id});
    return layer;
  }

  Reals step(const Kind& kind, const Reals& x, const Reals& h) const {
    const std::string name = kind.activation;
    Reals next;
    for (size_t u = 0; u < kUnits; ++u) {
      const double sum = row_product(w.real, u, x) + b.real[u] + row_product(r.real, u, h);
      next.push_back(name == "tanh"       ? std::tanh(sum)
                     : name == "logistic" ? logistic_of(sum)
                                          : std::clamp(sum, kind.low, kind.high));
    }
    return next;
  }
};

TEST(RnnInteger, IsItsFormulaInEightBits) {
  Numbers random;
  for (const Kind& kind : kKinds) {
    Agreement all;
    for (int trial = 0; trial < 64; ++trial) {
      const double width = kind.high - kind.low;
      const Quantization output =
          trial % 2 ? per_tensor(float(width / 200), -20) : per_tensor(float(width / 256), 0);
      const auto layer = Layer::make<int8_t>(random, kind, output);
      const Agreement one = compare_steps<int8_t>(
          layer.one, random, 200, kind.hidden_scale,
          [&](const Reals& x, const Reals& h) { return layer.step(kind, x, h); });
      all.count += one.count, all.equal += one.equal;
      all.largest = std::max(all.largest, one.largest);
    }
    EXPECT_GE(all.count, 100000);
    EXPECT_LE(all.largest, 1) << kind.activation;
    EXPECT_GE(all.share(), 0.99) << kind.activation;
  }
}

TEST(RnnInteger, IsItsFormulaInSixteenBits) {
  Numbers random;
  for (const Kind& kind : kKinds)
    for (int trial = 0; trial < 32; ++trial) {
      const auto layer =
          Layer::make<int16_t>(random, kind, per_tensor(float(kind.hidden_scale), 0));
      const Agreement one = compare_steps<int16_t>(
          layer.one, random, 200, kind.hidden_scale,
          [&](const Reals& x, const Reals& h) { return layer.step(kind, x, h); });
      ASSERT_LE(one.largest, 4) << kind.activation;  // the table's chords
    }
}

TEST(RnnInteger, KeepsItsState) {
  Numbers random;
  for (const Kind& kind : {kKinds[0], kKinds[3]}) {
    auto layer = Layer::make<int8_t>(random, kind, per_tensor(float(kind.high / 127), 1));
    expect_resumes(layer.one, random.many<int8_t>(7 * kInputs, -128, 127));
  }
}

OneNode with_bias(const char* activation, int32_t bias) {
  OneNode one = OneNode::make<int8_t>({1, 1, 1}, per_tensor(0.5f, 0));
  one.add(rnn_op,
          {{"activation", std::string(activation)},
           {"output_scale", 1.0 / 64},
           {"hidden_scale", 1.0 / 8192}},
          {one.constant("w", {1, 1}, std::vector<int8_t>{127}, per_tensor(0.5f, 0)),
           one.constant("r", {1, 1}, std::vector<int8_t>{127}, per_tensor(0.5f, 0)),
           one.constant("b", {1}, std::vector<int32_t>{bias})});
  return one;
}

TEST(RnnInteger, Saturates) {
  for (const char* activation : {"tanh", "none", "relu6"}) {
    const int8_t top = std::string(activation) == "tanh" ? 64 : 127;
    const int8_t bottom = std::string(activation) == "tanh"    ? -64
                          : std::string(activation) == "relu6" ? 0
                                                               : -128;
    EXPECT_EQ(with_bias(activation, INT32_MAX).run<int8_t>(std::vector<int8_t>{127})[0], top);
    EXPECT_EQ(with_bias(activation, INT32_MIN).run<int8_t>(std::vector<int8_t>{-128})[0], bottom);
  }
}

TEST(RnnInteger, RefusesWhatItCannotDo) {
  EXPECT_EQ(code_of_failure([] { with_bias("softsign", 0); }), "unknown-activation");
  Numbers random;
  const Quantization output = per_tensor(1.0f / 128, 0);
  Kind kind = kKinds[3];
  for (double scale : {0.0, -1.0, double(NAN), 1e30}) {
    kind.hidden_scale = scale;
    EXPECT_EQ(code_of_failure([&] { Layer::make<int8_t>(random, kind, output); }),
              "wrong-quantization");
  }
}

}  // namespace
}  // namespace mote
