// SPDX-License-Identifier: Apache-2.0
// flatten against long double formulas over random windows, fixed and float; through the evaluator.
#include <gtest/gtest.h>

#include <cmath>

#include "ops/dsp/stream_test_bench.h"

namespace mote {
namespace {

constexpr uint64_t kSeed = 411;

Graph flatten_graph(int32_t length, int32_t axes, bool is_float, Attributes attributes = {}) {
  Graph graph = stream_graph(axes);
  ValueId value =
      graph.add_node(framer_op, "window", {0}, {{"length", length}, {"stride", length}});
  if (is_float)
    value = graph.add_node(to_float_op, "physical", {value},
                           {{"scales", std::vector<double>(size_t(axes), 1.0)}});
  graph.outputs = {graph.add_node(flatten_op, "flatten", {value}, std::move(attributes))};
  return graph;
}

struct Expected {
  long double average, minimum, maximum, rms, stdev, skewness, kurtosis;
};
Expected expected(const std::vector<int16_t>& window, int32_t axes, int32_t axis) {
  long double n = 0, sum = 0, squares = 0;
  Expected e{0, 32767, -32768, 0, 0, 0, 0};
  for (size_t i = size_t(axis); i < window.size(); i += size_t(axes)) {
    const long double v = window[i];
    e.minimum = std::min(e.minimum, v);
    e.maximum = std::max(e.maximum, v);
    sum += v;
    squares += v * v;
    n += 1;
  }
  e.average = sum / n;
  e.rms = std::sqrt(squares / n);
  long double m2 = 0, m3 = 0, m4 = 0;
  for (size_t i = size_t(axis); i < window.size(); i += size_t(axes)) {
    const long double d = window[i] - e.average;
    m2 += d * d / n;
    m3 += d * d * d / n;
    m4 += d * d * d * d / n;
  }
  e.stdev = std::sqrt(m2);
  if (m2 > 1e-9L) {
    e.skewness = m3 / (m2 * e.stdev);
    e.kurtosis = m4 / (m2 * m2) - 3;
  }
  return e;
}

// Amplitudes within two units of 2^-16; shapes within 0.2 % of the fourth moment (deviations have
// 15 bits).
TEST(Flatten, FixedEqualsTheFormulas) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 2000; ++i) {
    const int32_t length = 1 + windows.below(200), axes = 1 + windows.below(3);
    const auto window = windows.next(length, axes);
    const auto out = as_numbers<int32_t>(run_graph(flatten_graph(length, axes, false), window));
    ASSERT_EQ(out.size(), size_t(7 * axes));
    for (int32_t a = 0; a < axes; ++a) {
      const Expected e = expected(window, axes, a);
      const int32_t* y = &out[size_t(7 * a)];
      SCOPED_TRACE("seed " + std::to_string(kSeed) + " window " + std::to_string(i));
      const long double amplitudes[5] = {e.average, e.minimum, e.maximum, e.rms, e.stdev};
      for (int k = 0; k < 5; ++k) {
        ASSERT_NEAR(y[k] / 65536.0, double(std::min(amplitudes[k], 32768.0L - 1 / 65536.0L)),
                    2 / 65536.0)
            << k;
      }
      ASSERT_NEAR(y[5] / 65536.0, double(e.skewness), 0.002 + 0.002 * double(e.kurtosis + 3))
          << length;
      ASSERT_NEAR(y[6] / 65536.0, double(e.kurtosis), 0.002 + 0.002 * double(e.kurtosis + 3))
          << length;
    }
  }
}

// Float: 2^-24 a step over the window, so 1e-5 of the loudest sample; shapes only where the
// deviation is not lost in the rounding of a large offset.
TEST(Flatten, FloatEqualsTheFormulas) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 2000; ++i) {
    const int32_t length = 1 + windows.below(200), axes = 1 + windows.below(3);
    const auto window = windows.next(length, axes);
    const auto out = as_numbers<float>(run_graph(flatten_graph(length, axes, true), window));
    for (int32_t a = 0; a < axes; ++a) {
      const Expected e = expected(window, axes, a);
      const float* y = &out[size_t(7 * a)];
      const double loud = 1e-5 * double(std::max(-e.minimum, e.maximum)) + 1e-9;
      SCOPED_TRACE("seed " + std::to_string(kSeed) + " window " + std::to_string(i));
      const long double amplitudes[5] = {e.average, e.minimum, e.maximum, e.rms, e.stdev};
      for (int k = 0; k < 5; ++k) ASSERT_NEAR(y[k], double(amplitudes[k]), loud) << k;
      if (double(e.stdev) < 100 * loud) continue;
      ASSERT_NEAR(y[5], double(e.skewness), 0.001 + 0.001 * double(e.kurtosis + 3));
      ASSERT_NEAR(y[6], double(e.kurtosis), 0.001 + 0.001 * double(e.kurtosis + 3));
    }
  }
}

TEST(Flatten, ConstantWindowHasNoShape) {
  const auto out = as_numbers<int32_t>(
      run_graph(flatten_graph(5, 1, false), {-32768, -32768, -32768, -32768, -32768}));
  const std::vector<int32_t> expected_out{INT32_MIN, INT32_MIN, INT32_MIN, INT32_MAX, 0, 0, 0};
  EXPECT_EQ(out, expected_out);
}

TEST(Flatten, SwitchesLeaveFeaturesOut) {
  const Graph graph = flatten_graph(
      4, 1, false, {{"average", 0}, {"rms", 0}, {"stdev", 0}, {"skewness", 0}, {"kurtosis", 0}});
  const auto out = as_numbers<int32_t>(run_graph(graph, {1, 2, 3, 4}));
  EXPECT_EQ(out, (std::vector<int32_t>{1 << 16, 4 << 16}));
  EXPECT_THROW(flatten_graph(4, 1, false,
                             {{"average", 0},
                              {"rms", 0},
                              {"stdev", 0},
                              {"skewness", 0},
                              {"kurtosis", 0},
                              {"minimum", 0},
                              {"maximum", 0}}),
               UserError);
}

TEST(Flatten, CutAndResume) {
  RandomWindows windows(kSeed);
  expect_cut_and_resume(flatten_graph(20, 3, false), windows.next(90, 3), 1);
}

TEST(Flatten, GoldenHashOfTwoThousandWindows) {
  RandomWindows windows(kSeed);
  const Graph graph = flatten_graph(50, 3, false);
  uint64_t hash = fnv1a(nullptr, 0);
  for (int i = 0; i < 2000; ++i) {
    const Bytes out = run_graph(graph, windows.next(50, 3));
    hash = fnv1a(out.data(), out.size(), hash);
  }
  EXPECT_EQ(hash, 7665515074088388585u) << std::hex << hash;
}

}  // namespace
}  // namespace mote
