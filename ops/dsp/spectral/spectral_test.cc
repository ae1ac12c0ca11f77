// SPDX-License-Identifier: Apache-2.0
// spectral against a double DFT over random windows, fixed and float; through the evaluator.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "ops/dsp/stream_test_bench.h"

namespace mote {
namespace {

constexpr uint64_t kSeed = 27182;

Graph spectral_graph(int32_t length, int32_t axes, bool is_float, Attributes attributes = {}) {
  Graph graph = stream_graph(axes);
  ValueId value =
      graph.add_node(framer_op, "window", {0}, {{"length", length}, {"stride", length}});
  if (is_float)
    value = graph.add_node(to_float_op, "physical", {value},
                           {{"scales", std::vector<double>(size_t(axes), 1.0)}});
  graph.outputs = {graph.add_node(spectral_op, "spectral", {value}, std::move(attributes))};
  return graph;
}

// max over frames of |X[k]|^2 / fft_length, the average taken off.
std::vector<double> held_power(const std::vector<int16_t>& window, int32_t axes, int32_t axis,
                               int32_t fft_length, int32_t hop) {
  const int32_t length = int32_t(window.size()) / axes;
  double average = 0;
  for (int32_t i = 0; i < length; ++i) average += window[size_t(i * axes + axis)] / double(length);
  std::vector<double> held(size_t(fft_length / 2 + 1));
  for (int32_t begin = 0; begin < length; begin += hop) {
    for (size_t k = 0; k < held.size(); ++k) {
      std::complex<double> sum = 0;
      for (int32_t i = 0; i < fft_length && begin + i < length; ++i)
        sum += (window[size_t((begin + i) * axes + axis)] - average) *
               std::polar(1.0, -2 * M_PI * double(i) * double(k) / fft_length);
      held[k] = std::max(held[k], std::norm(sum) / fft_length);
    }
  }
  return held;
}

// A bin is exact up to the noise of the transform, which is 80 dB below the loudest bin: compared
// in power, not in dB.
void check_bins(const std::vector<double>& log_power, const std::vector<double>& held,
                double floor) {
  double loudest = 0;
  for (double p : held) loudest = std::max(loudest, p);
  for (size_t k = 1; k < held.size(); ++k) {
    const double measured = std::pow(10.0, log_power[k - 1]);
    const double wanted = std::max(held[k], floor);
    const double noise = std::sqrt(loudest) * 1e-4;  // of an amplitude, -80 dB
    ASSERT_NEAR(std::sqrt(measured), std::sqrt(wanted),
                noise + 1e-4 * std::sqrt(wanted) + std::sqrt(floor))
        << k;
  }
}

TEST(Spectral, FixedEqualsTheDoubleTransform) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 400; ++i) {
    const int32_t fft_length = 4 << windows.below(6), length = 1 + windows.below(150);
    const bool overlap = windows.below(2) == 1;
    const auto window = windows.next(length, 2);
    const Graph graph = spectral_graph(
        length, 2, false, {{"fft_length", fft_length}, {"do_fft_overlap", overlap ? 1 : 0}});
    const auto out = as_numbers<int32_t>(run_graph(graph, window));
    const int32_t features = 3 + fft_length / 2;
    ASSERT_EQ(int32_t(out.size()), 2 * features);
    for (int32_t a = 0; a < 2; ++a) {
      SCOPED_TRACE("seed " + std::to_string(kSeed) + " window " + std::to_string(i) + " axis " +
                   std::to_string(a));
      std::vector<double> log_power;
      for (int32_t k = 3; k < features; ++k)
        log_power.push_back(out[size_t(a * features + k)] / 65536.0);
      check_bins(log_power,
                 held_power(window, 2, a, fft_length, overlap ? fft_length / 2 : fft_length),
                 0x1p-16);
    }
  }
}

TEST(Spectral, FloatEqualsTheDoubleTransform) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 200; ++i) {
    const int32_t fft_length = 4 << windows.below(6), length = 1 + windows.below(150);
    const auto window = windows.next(length, 1);
    const auto out = as_numbers<float>(
        run_graph(spectral_graph(length, 1, true, {{"fft_length", fft_length}}), window));
    SCOPED_TRACE("seed " + std::to_string(kSeed) + " window " + std::to_string(i));
    std::vector<double> log_power(out.begin() + 3, out.end());
    auto held = held_power(window, 1, 0, fft_length, fft_length / 2);
    double offset = 0;  // a float average has 24 bits
    for (int16_t v : window) offset = std::max(offset, std::fabs(double(v)));
    check_bins(log_power, held, std::max(1e-12, offset * offset * 1e-11 * fft_length));
  }
}

TEST(Spectral, StatisticsAreThoseOfFlatten) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 100; ++i) {
    const auto window = windows.next(64, 1);
    const auto spectral = as_numbers<int32_t>(run_graph(spectral_graph(64, 1, false), window));
    Graph graph = stream_graph(1);
    const ValueId frame =
        graph.add_node(framer_op, "window", {0}, {{"length", 64}, {"stride", 64}});
    graph.outputs = {graph.add_node(flatten_op, "flatten", {frame})};
    const auto flat = as_numbers<int32_t>(run_graph(graph, window));
    EXPECT_EQ(spectral[0], flat[4]);
    EXPECT_EQ(spectral[1], flat[5]);
    EXPECT_EQ(spectral[2], flat[6]);
  }
}

// A tone of amplitude A in bin k of an n-point frame has power A^2 n / 4; two bins in one band add.
TEST(Spectral, ToneHasThePowerOfTheFormula) {
  std::vector<int16_t> window(64);
  for (int i = 0; i < 64; ++i)
    window[size_t(i)] = int16_t(std::lround(8000 * std::cos(2 * M_PI * 3 * i / 16.0)));
  const Graph graph = spectral_graph(
      64, 1, false, {{"bands", std::vector<int64_t>{2, 5, 5, 9}}, {"do_fft_overlap", 0}});
  const auto out = as_numbers<int32_t>(run_graph(graph, window));
  ASSERT_EQ(out.size(), 5u);
  EXPECT_NEAR(out[3] / 65536.0, std::log10(8000.0 * 8000.0 * 16 / 4), 0.001);
  EXPECT_LT(out[4], 2 << 16);
}

TEST(Spectral, SilenceIsTheFloor) {
  const auto out =
      as_numbers<int32_t>(run_graph(spectral_graph(32, 1, false), std::vector<int16_t>(32, 1234)));
  for (size_t k = 3; k < out.size(); ++k) EXPECT_NEAR(out[k] / 65536.0, std::log10(0x1p-16), 1e-4);
}

TEST(Spectral, FixedAndFloatAreClose) {
  RandomWindows windows(kSeed + 1);
  for (int i = 0; i < 200; ++i) {
    const auto window = windows.next(100, 1);
    const auto fixed = as_numbers<int32_t>(run_graph(spectral_graph(100, 1, false), window));
    const auto floating = as_numbers<float>(run_graph(spectral_graph(100, 1, true), window));
    double loudest = -4;
    for (size_t k = 3; k < fixed.size(); ++k) loudest = std::max(loudest, double(floating[k]));
    for (size_t k = 3; k < fixed.size(); ++k) {
      if (floating[k] < loudest - 5 || floating[k] < -1)
        continue;  // 50 dB below, or below an ADC's own noise
      EXPECT_NEAR(fixed[k] / 65536.0, floating[k], 0.02)
          << "seed " << kSeed + 1 << " window " << i << " bin " << k;
    }
  }
}

TEST(Spectral, RefusesWhatItCannotDo) {
  EXPECT_THROW(spectral_graph(32, 1, false, {{"fft_length", 12}}), UserError);
  EXPECT_THROW(spectral_graph(32, 1, false, {{"bands", std::vector<int64_t>{3, 3}}}), UserError);
  EXPECT_THROW(spectral_graph(32, 1, false, {{"bands", std::vector<int64_t>{0, 10}}}), UserError);
}

TEST(Spectral, CutAndResume) {
  RandomWindows windows(kSeed);
  expect_cut_and_resume(spectral_graph(20, 2, false), windows.next(70, 2), 1);
}

TEST(Spectral, GoldenHashOfTwoThousandWindows) {
  RandomWindows windows(kSeed);
  const Graph fixed = spectral_graph(50, 1, false), floating = spectral_graph(50, 1, true);
  uint64_t hash = fnv1a(nullptr, 0);
  for (int i = 0; i < 2000; ++i) {
    const auto window = windows.next(50, 1);
    for (const Graph* graph : {&fixed, &floating}) {
      const Bytes out = run_graph(*graph, window);
      hash = fnv1a(out.data(), out.size(), hash);
    }
  }
  EXPECT_EQ(hash, 9967191566128125672u) << std::hex << hash;
}

}  // namespace
}  // namespace mote
