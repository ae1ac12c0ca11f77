// SPDX-License-Identifier: Apache-2.0
// iir and decimate: the design against the Butterworth formula, the fixed and float filters against
// a double cascade.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "ops/dsp/iir/butterworth.h"
#include "ops/dsp/stream_test_bench.h"

namespace mote {
namespace {

constexpr uint64_t kSeed = 1930;

// |H| = 1 / sqrt(1 + w^2N), w the ratio of the warped frequencies (inverted for a high-pass).
TEST(Butterworth, HasTheMagnitudeOfTheFormula) {
  for (int order = 1; order <= 8; ++order) {
    for (FilterKind kind : {FilterKind::low, FilterKind::high}) {
      const auto cascade = butterworth(kind, order, 7, 100);
      for (double f = 0.5; f < 50; f += 1.7) {
        const std::complex<double> z = std::polar(1.0, -2 * M_PI * f / 100);
        std::complex<double> h = 1;
        for (const Section& s : cascade)
          h *= (s.b0 + s.b1 * z + s.b2 * z * z) / (1.0 + s.a1 * z + s.a2 * z * z);
        double w = std::tan(M_PI * f / 100) / std::tan(M_PI * 7 / 100);
        if (kind == FilterKind::high) w = 1 / w;
        EXPECT_NEAR(std::abs(h), 1 / std::sqrt(1 + std::pow(w, 2 * order)), 1e-9)
            << order << " " << f;
      }
    }
  }
}

Graph iir_graph(int32_t axes, bool is_float, Attributes attributes) {
  Graph graph = stream_graph(axes);
  ValueId value = 0;
  if (is_float)
    value = graph.add_node(to_float_op, "physical", {value},
                           {{"scales", std::vector<double>(size_t(axes), 1.0)}});
  graph.outputs = {graph.add_node(iir_op, "iir", {value}, std::move(attributes))};
  return graph;
}

std::vector<double> filtered(const std::vector<Section>& cascade, const std::vector<int16_t>& x) {
  std::vector<double> y(x.begin(), x.end());
  for (const Section& s : cascade) {
    double s1 = 0, s2 = 0;
    for (double& v : y) {
      const double out = s.b0 * v + s1;
      s1 = s.b1 * v - s.a1 * out + s2;
      s2 = s.b2 * v - s.a2 * out;
      v = out;
    }
  }
  return y;
}

// Fixed: half a count of rounding and a little for the coefficients (2^-29 each). Float: rounding a
// coefficient by 2^-24 moves a section's gain at 0 Hz by that over 1 + a1 + a2, about K^2 / (1 +
// K^2) (K the warped cutoff), and at the Nyquist frequency over 1 - a1 + a2, about 1 / (1 + K^2);
// allowed is 2^-22 (1 + K^2 + 1 / K^2) of full scale.
TEST(Iir, EqualsTheDoubleCascade) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 300; ++i) {
    const auto samples = windows.next(300, 1);
    const bool high = windows.below(2) == 1;
    const int32_t order = 1 + windows.below(8);
    const double cutoff = 1.0 + windows.below(40);
    const Attributes attributes{{"filter_type", std::string(high ? "high" : "low")},
                                {"filter_cutoff", cutoff},
                                {"filter_order", order},
                                {"rate_hz", 100.0}};
    const double k = std::tan(M_PI * cutoff / 100),
                 allowed = 32768 * 0x1p-22 * (1 + k * k + 1 / (k * k));
    const auto wanted = filtered(
        butterworth(high ? FilterKind::high : FilterKind::low, order, cutoff, 100), samples);
    const auto fixed = as_numbers<int16_t>(run_graph(iir_graph(1, false, attributes), samples));
    const auto floating = as_numbers<float>(run_graph(iir_graph(1, true, attributes), samples));
    for (size_t n = 0; n < samples.size(); ++n) {
      const double limited = std::min(std::max(wanted[n], -32768.0), 32767.0);
      ASSERT_NEAR(fixed[n], limited, 0.52)
          << "seed " << kSeed << " i " << i << " n " << n << " order " << order;
      ASSERT_NEAR(floating[n], wanted[n], allowed) << "seed " << kSeed << " i " << i << " n " << n;
    }
  }
}

TEST(Iir, ConstantPassesALowPassExactlyAndNotAHighPass) {
  const std::vector<int16_t> constant(20000, -12345);
  for (double cutoff : {0.05, 0.4, 10.0}) {
    const Attributes low{
        {"filter_type", std::string("low")}, {"filter_cutoff", cutoff}, {"rate_hz", 100.0}};
    const Attributes high{
        {"filter_type", std::string("high")}, {"filter_cutoff", cutoff}, {"rate_hz", 100.0}};
    EXPECT_EQ(as_numbers<int16_t>(run_graph(iir_graph(1, false, low), constant)).back(), -12345);
    EXPECT_EQ(as_numbers<int16_t>(run_graph(iir_graph(1, false, high), constant)).back(), 0);
  }
}

TEST(Iir, LoudestSquareWaveSaturatesWithoutWrapping) {
  std::vector<int16_t> square;
  for (int i = 0; i < 400; ++i) square.push_back(i % 20 < 10 ? 32767 : -32768);
  const Attributes attributes{{"filter_type", std::string("high")},
                              {"filter_cutoff", 2.0},
                              {"filter_order", 8},
                              {"rate_hz", 100.0}};
  const auto wanted = filtered(butterworth(FilterKind::high, 8, 2, 100), square);
  const auto out = as_numbers<int16_t>(run_graph(iir_graph(1, false, attributes), square));
  for (size_t n = 0; n < out.size(); ++n) {
    EXPECT_NEAR(out[n], std::min(std::max(wanted[n], -32768.0), 32767.0), 1) << n;
  }
}

TEST(Iir, BandPassAndAxesAreIndependent) {
  RandomWindows windows(kSeed);
  const auto samples = windows.next(200, 2);
  const Attributes attributes{{"filter_type", std::string("band")},
                              {"filter_cutoff", 5.0},
                              {"filter_upper_cutoff", 20.0},
                              {"filter_order", 2},
                              {"rate_hz", 100.0}};
  const auto out = as_numbers<int16_t>(run_graph(iir_graph(2, false, attributes), samples));
  auto cascade = butterworth(FilterKind::high, 2, 5, 100);
  cascade.push_back(butterworth(FilterKind::low, 2, 20, 100)[0]);
  for (size_t a = 0; a < 2; ++a) {
    std::vector<int16_t> axis;
    for (size_t i = a; i < samples.size(); i += 2) axis.push_back(samples[i]);
    const auto wanted = filtered(cascade, axis);
    for (size_t i = 0; i < wanted.size(); ++i)
      ASSERT_NEAR(out[2 * i + a], std::min(std::max(wanted[i], -32768.0), 32767.0), 0.52);
  }
}

TEST(Iir, RefusesCutoffsThatCannotBeBuilt) {
  for (double cutoff : {0.0, 0.01, 50.0, 80.0}) {
    const Attributes attributes{
        {"filter_type", std::string("low")}, {"filter_cutoff", cutoff}, {"rate_hz", 100.0}};
    EXPECT_THROW(iir_graph(1, false, attributes), UserError) << cutoff;
  }
}

TEST(Iir, CutAndResume) {
  RandomWindows windows(kSeed);
  const Attributes attributes{{"filter_type", std::string("low")},
                              {"filter_cutoff", 8.0},
                              {"filter_order", 5},
                              {"rate_hz", 100.0}};
  expect_cut_and_resume(iir_graph(2, false, attributes), windows.next(60, 2), 1);
  expect_cut_and_resume(iir_graph(2, true, attributes), windows.next(60, 2), 1);
}

TEST(Decimate, KeepsTheLastOfEveryThreeRows) {
  Graph graph = stream_graph(2);
  graph.outputs = {graph.add_node(decimate_op, "slow", {0}, {{"ratio", 3}})};
  EXPECT_EQ(as_numbers<int16_t>(run_graph(graph, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13})),
            (std::vector<int16_t>{4, 5, 10, 11}));
  const Clock& clock = graph.value(graph.outputs[0]).clock;
  EXPECT_EQ(clock.period, (Rational{3, 1}));
  EXPECT_EQ(clock.phase, (Rational{3, 1}));
}

TEST(Decimate, CutAndResume) {
  RandomWindows windows(kSeed);
  Graph graph = stream_graph(1);
  const ValueId slow = graph.add_node(decimate_op, "slow", {0}, {{"ratio", 4}});
  graph.outputs = {graph.add_node(framer_op, "window", {slow}, {{"length", 5}, {"stride", 3}})};
  expect_cut_and_resume(graph, windows.next(100, 1), 1);
}

TEST(Iir, GoldenHashOfTwoThousandWindows) {
  RandomWindows windows(kSeed);
  const Attributes attributes{
      {"filter_type", std::string("low")}, {"filter_cutoff", 8.0}, {"rate_hz", 100.0}};
  const Graph fixed = iir_graph(2, false, attributes), floating = iir_graph(2, true, attributes);
  uint64_t hash = fnv1a(nullptr, 0);
  for (int i = 0; i < 2000; ++i) {
    const auto window = windows.next(30, 2);
    for (const Graph* graph : {&fixed, &floating}) {
      const Bytes out = run_graph(*graph, window);
      hash = fnv1a(out.data(), out.size(), hash);
    }
  }
  EXPECT_EQ(hash, 10919123987533469103u);
}

}  // namespace
}  // namespace mote
