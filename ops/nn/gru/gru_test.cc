// SPDX-License-Identifier: Apache-2.0
// gru: against ONNX's formula in double precision, both places of the reset gate; its state.
#include <cmath>

#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

constexpr int kSteps = 4, kInputs = 3, kUnits = 5;

struct Gru {
  std::vector<float> w, r, b, d;

  explicit Gru(Numbers& random)
      : w(random.reals(3 * kUnits * kInputs, -0.8f, 0.8f)),
        r(random.reals(3 * kUnits * kUnits, -0.8f, 0.8f)),
        b(random.reals(3 * kUnits, -0.8f, 0.8f)),
        d(random.reals(3 * kUnits, -0.8f, 0.8f)) {}

  double from_x(const float* x, int row) const {
    double sum = b[size_t(row)];
    for (int i = 0; i < kInputs; ++i) sum += double(w[size_t(row * kInputs + i)]) * x[i];
    return sum;
  }
  double from_h(const std::vector<double>& h, int row) const {
    double sum = d[size_t(row)];
    for (int i = 0; i < kUnits; ++i) sum += double(r[size_t(row * kUnits + i)]) * h[size_t(i)];
    return sum;
  }
};

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

std::vector<double> gru_in_double(const Gru& g, const std::vector<float>& x, bool reset_after) {
  std::vector<double> h(kUnits), out;
  for (int t = 0; t < kSteps; ++t) {
    const float* row = x.data() + t * kInputs;
    std::vector<double> z, r, reset_h, next;
    for (int u = 0; u < kUnits; ++u) {
      z.push_back(logistic(g.from_x(row, u) + g.from_h(h, u)));
      r.push_back(logistic(g.from_x(row, kUnits + u) + g.from_h(h, kUnits + u)));
      reset_h.push_back(r.back() * h[size_t(u)]);
    }
    for (int u = 0; u < kUnits; ++u) {
      const int at = 2 * kUnits + u;
      const double part = reset_after ? r[size_t(u)] * g.from_h(h, at) : g.from_h(reset_h, at);
      const double candidate = std::tanh(g.from_x(row, at) + part);
      next.push_back(z[size_t(u)] * h[size_t(u)] + (1 - z[size_t(u)]) * candidate);
    }
    h = next;
    out.insert(out.end(), h.begin(), h.end());
  }
  return out;
}

OneNode make_gru(const Gru& g, Shape shape, Attributes attributes) {
  OneNode one = OneNode::make<float>(std::move(shape));
  const ValueId w = one.constant("w", {3 * kUnits, kInputs}, g.w);
  const ValueId r = one.constant("r", {3 * kUnits, kUnits}, g.r);
  const ValueId b = one.constant("b", {3 * kUnits}, g.b);
  const ValueId d = one.constant("d", {3 * kUnits}, g.d);
  one.add(gru_op, std::move(attributes), {w, r, b, d});
  return one;
}

TEST(Gru, IsOnnxsFormula) {
  Numbers random;
  const Gru g(random);
  for (int64_t reset_after : {0, 1}) {
    const auto x = random.reals(kSteps * kInputs, -2, 2);
    const auto expected = gru_in_double(g, x, reset_after);
    const Attributes attributes{{"reset_after", reset_after}};
    OneNode at_once = make_gru(g, {1, kSteps, kInputs}, attributes);
    const auto y = at_once.run<float>(x);
    OneNode stepwise = make_gru(g, {1, 1, kInputs}, attributes);
    const auto one_by_one = outputs_of<float>(stepwise, x);
    for (size_t i = 0; i < y.size(); ++i) ASSERT_NEAR(y[i], expected[i], 1e-5);
    EXPECT_EQ(one_by_one, y);
    expect_resumes(stepwise, x);
  }
}

TEST(Gru, RefusesWeightsThatAreNotThreeGates) {
  OneNode one = OneNode::make<float>({1, 2, 3});
  const ValueId w = one.constant("w", {4, 3}, std::vector<float>(12));
  EXPECT_EQ(code_of_failure([&] { one.add(gru_op, {}, {w, w, w, w}); }), "wrong-shape");
}

}  // namespace
}  // namespace mote
