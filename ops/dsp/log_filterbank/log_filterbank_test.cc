// SPDX-License-Identifier: Apache-2.0
// log_filterbank, dct and cmvn against double formulas over random frames, fixed and float; through
// the evaluator.
#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "ops/dsp/log_filterbank/mel.h"
#include "ops/dsp/stream_test_bench.h"

namespace mote {
namespace {

constexpr uint64_t kSeed = 1980;

ValueId add_frame(Graph& graph, int32_t length, bool is_float) {
  const ValueId frame =
      graph.add_node(framer_op, "frame", {0}, {{"length", length}, {"stride", length}});
  if (!is_float) return frame;
  return graph.add_node(to_float_op, "physical", {frame}, {{"scales", std::vector<double>{1.0}}});
}

Graph filterbank_graph(int32_t length, bool is_float, Attributes attributes) {
  Graph graph = stream_graph(1);
  attributes.insert({"rate_hz", 16000.0});
  graph.outputs = {graph.add_node(log_filterbank_op, "energies",
                                  {add_frame(graph, length, is_float)}, std::move(attributes))};
  return graph;
}

std::vector<double> energies(const std::vector<int16_t>& frame, const std::vector<Filter>& filters,
                             int32_t fft_length, double pre_emphasis) {
  const auto window = window_function("hann", int32_t(frame.size()));
  std::vector<double> power;
  for (int32_t k = 0; k <= fft_length / 2; ++k) {
    std::complex<double> sum = 0;
    for (size_t i = 0; i < frame.size(); ++i)
      sum += (frame[i] - pre_emphasis * frame[i == 0 ? 0 : i - 1]) * window[i] *
             std::polar(1.0, -2 * M_PI * double(i) * k / fft_length);
    power.push_back(std::norm(sum) / fft_length);
  }
  std::vector<double> out;
  for (const Filter& filter : filters) {
    double energy = 0;
    for (size_t i = 0; i < filter.weights.size(); ++i)
      energy += filter.weights[i] * power[size_t(filter.first) + i];
    out.push_back(energy);
  }
  return out;
}

TEST(MelFilters, AreTrianglesThatCoverTheRange) {
  const auto filters = mel_filters({40, 0, 8000}, 512, 16000);
  std::vector<double> cover(257);
  for (const Filter& filter : filters) {
    ASSERT_FALSE(filter.weights.empty());
    for (size_t i = 0; i < filter.weights.size(); ++i) {
      ASSERT_LE(filter.weights[i], 1.0);
      cover[size_t(filter.first) + i] += filter.weights[i];
    }
  }
  // Neighbouring triangles add to 1 between the first and the last peak.
  for (size_t k = 2; k < 235; ++k) EXPECT_NEAR(cover[k], 1, 1e-3) << k;
}

// Energies within 80 dB of the loudest band of the frame to 1 %; the fixed floor is 2^-16.
TEST(LogFilterbank, FixedEqualsTheDoubleFormula) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 300; ++i) {
    const auto frame = windows.next(200, 1);
    const double pre_emphasis = i % 2 == 0 ? 0 : 0.9375;
    const Graph graph = filterbank_graph(
        200, false, {{"fft_length", 256}, {"num_filters", 20}, {"pre_emphasis", pre_emphasis}});
    const auto out = as_numbers<int32_t>(run_graph(graph, frame));
    const auto wanted = energies(frame, mel_filters({20, 0, 8000}, 256, 16000), 256, pre_emphasis);
    const double loudest = *std::max_element(wanted.begin(), wanted.end());
    ASSERT_EQ(out.size(), 20u);
    for (size_t f = 0; f < 20; ++f) {
      const double measured = std::exp(out[f] / 65536.0);
      const double floored = std::max(wanted[f], 0x1p-16);
      ASSERT_NEAR(measured, floored, 0.01 * floored + 1e-8 * loudest + 2e-5)
          << "seed " << kSeed << " frame " << i << " filter " << f;
    }
  }
}

// A float transform is exact to 1e-6 of the loudest amplitude, so an energy to twice that of the
// geometric mean with it.
TEST(LogFilterbank, FloatEqualsTheDoubleFormula) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 200; ++i) {
    const auto frame = windows.next(200, 1);
    const Graph graph = filterbank_graph(200, true, {{"fft_length", 256}, {"num_filters", 20}});
    const auto out = as_numbers<float>(run_graph(graph, frame));
    const auto wanted = energies(frame, mel_filters({20, 0, 8000}, 256, 16000), 256, 0);
    const double loudest = *std::max_element(wanted.begin(), wanted.end());
    for (size_t f = 0; f < 20; ++f) {
      ASSERT_NEAR(
          std::exp(double(out[f])), wanted[f],
          2e-5 * wanted[f] + 2e-6 * std::sqrt(wanted[f] * loudest) + 1e-12 * loudest + 1e-17)
          << i << " " << f;
    }
  }
}

TEST(LogFilterbank, DecibelShareIsZeroAtTheFloorAndClipped) {
  const Attributes attributes{
      {"fft_length", 64}, {"scaling", std::string("decibel_share")}, {"noise_floor_db", -52}};
  const Graph graph = filterbank_graph(64, false, attributes);
  for (int16_t silent : as_numbers<int32_t>(run_graph(graph, std::vector<int16_t>(64, 0))))
    EXPECT_EQ(silent, 0);
  std::vector<int16_t> tone(64);
  for (int i = 0; i < 64; ++i)
    tone[size_t(i)] = int16_t(std::lround(20000 * std::cos(2 * M_PI * 8 * i / 64)));
  const auto out = as_numbers<int32_t>(run_graph(graph, tone));
  ASSERT_EQ(out.size(), 33u);
  // Hann halves the amplitude: |X|^2 / n = (A / 4)^2 n, in full scale.
  const double db = 10 * std::log10(std::pow(20000.0 / 32768 / 4, 2) * 64);
  EXPECT_NEAR(out[8] / 65536.0, (db + 52) / 64, 0.001);
  EXPECT_EQ(out[20], 0);
}

TEST(LogFilterbank, RefusesWhatItCannotDo) {
  EXPECT_THROW(filterbank_graph(200, false, {{"fft_length", 128}}), UserError);
  EXPECT_THROW(filterbank_graph(200, false, {{"fft_length", 256}, {"num_filters", 200}}),
               UserError);
  EXPECT_THROW(
      filterbank_graph(200, false,
                       {{"fft_length", 256}, {"num_filters", 20}, {"low_frequency", 9000.0}}),
      UserError);
  EXPECT_THROW(filterbank_graph(200, false,
                                {{"fft_length", 256}, {"window_function", std::string("kaiser")}}),
               UserError);
}

Graph mfcc_graph(bool is_float) {
  Graph graph = stream_graph(1);
  const ValueId energies_value = graph.add_node(
      log_filterbank_op, "energies", {add_frame(graph, 64, is_float)},
      {{"fft_length", 64}, {"num_filters", 12}, {"rate_hz", 16000.0}, {"pre_emphasis", 0.98}});
  const ValueId cepstra = graph.add_node(dct_op, "cepstra", {energies_value}, {{"count", 8}});
  const ValueId window =
      graph.add_node(framer_op, "window", {cepstra}, {{"length", 6}, {"stride", 2}});
  graph.outputs = {graph.add_node(cmvn_op, "normalised", {window}, {{"win_size", 5}})};
  return graph;
}

TEST(Dct, EqualsTheFormula) {
  RandomWindows windows(kSeed);
  for (bool is_float : {false, true}) {
    Graph graph = stream_graph(1);
    const ValueId log_energy =
        graph.add_node(log_filterbank_op, "energies", {add_frame(graph, 64, is_float)},
                       {{"fft_length", 64}, {"num_filters", 12}, {"rate_hz", 16000.0}});
    graph.outputs = {log_energy, graph.add_node(dct_op, "cepstra", {log_energy}, {{"count", 12}})};
    for (int i = 0; i < 100; ++i) {
      const Bytes bytes = run_graph(graph, windows.next(64, 1));
      std::vector<double> numbers;
      if (is_float)
        for (float v : as_numbers<float>(bytes)) numbers.push_back(v);
      else
        for (int32_t v : as_numbers<int32_t>(bytes)) numbers.push_back(v / 65536.0);
      ASSERT_EQ(numbers.size(), 24u);
      for (int k = 0; k < 12; ++k) {
        double sum = 0, magnitude = 0;
        for (int n = 0; n < 12; ++n) {
          sum += std::sqrt((k == 0 ? 1 : 2) / 12.0) * std::cos(M_PI * k * (2 * n + 1) / 24) *
                 numbers[size_t(n)];
          magnitude += std::fabs(numbers[size_t(n)]);
        }
        // Q15 entries: half a unit of 2^-15 each; float: 2^-24 a step.
        ASSERT_NEAR(numbers[size_t(12 + k)], sum,
                    (is_float ? 1e-6 : 0x1p-16) * magnitude + 0x1p-16);
      }
    }
  }
}

TEST(Cmvn, HasTheMeanAndDeviationOfItsNeighbours) {
  RandomWindows windows(kSeed);
  for (bool is_float : {false, true}) {
    Graph graph = mfcc_graph(is_float);
    graph.outputs.insert(graph.outputs.begin(), graph.nodes.back().inputs[0]);
    for (int i = 0; i < 100; ++i) {
      std::vector<int16_t> sound;
      for (int f = 0; f < 6; ++f)
        for (int16_t v : windows.next(64, 1)) sound.push_back(v);
      const Bytes bytes = run_graph(graph, sound);
      std::vector<double> numbers;
      if (is_float)
        for (float v : as_numbers<float>(bytes)) numbers.push_back(v);
      else
        for (int32_t v : as_numbers<int32_t>(bytes)) numbers.push_back(v / 65536.0);
      ASSERT_EQ(numbers.size(), 96u);
      for (int t = 0; t < 6; ++t) {
        for (int c = 0; c < 8; ++c) {
          double n = 0, sum = 0, squares = 0;
          for (int u = std::max(0, t - 2); u <= std::min(5, t + 2); ++u, ++n)
            sum += numbers[size_t(8 * u + c)];
          for (int u = std::max(0, t - 2); u <= std::min(5, t + 2); ++u)
            squares += std::pow(numbers[size_t(8 * u + c)] - sum / n, 2);
          const double deviation = std::sqrt(squares / n) + 0x1p-16;
          if (deviation < 0.01) continue;  // rounding of the inputs decides
          ASSERT_NEAR(numbers[size_t(48 + 8 * t + c)],
                      (numbers[size_t(8 * t + c)] - sum / n) / deviation, 0.005);
        }
      }
    }
  }
}

// How loud a window is changes nothing, as long as nothing sinks below the least energy.
TEST(RelativeLevel, IsTheShareOfTheRangeBelowTheLoudest) {
  RandomWindows windows(kSeed);
  for (bool is_float : {false, true}) {
    Graph graph = filterbank_graph(200, is_float,
                                   {{"fft_length", 256},
                                    {"num_filters", 20},
                                    {"scaling", std::string("decibel_range")},
                                    {"top_db", 40.0}});
    graph.outputs = {graph.add_node(relative_level_op, "levels", {graph.outputs[0]}, {})};
    for (int i = 0; i < 200; ++i) {
      const auto frame = windows.next(200, 1);
      const auto wanted = energies(frame, mel_filters({20, 0, 8000}, 256, 16000), 256, 0);
      const double loudest = *std::max_element(wanted.begin(), wanted.end());
      if (loudest < 1e6) continue;  // the fixed floor would show
      const Bytes bytes = run_graph(graph, frame);
      for (size_t f = 0; f < 20; ++f) {
        const double share = is_float ? double(as_numbers<float>(bytes)[f])
                                      : as_numbers<int32_t>(bytes)[f] / 65536.0;
        ASSERT_NEAR(share, std::max(0.0, 1 + 10 * std::log10(wanted[f] / loudest) / 40), 0.004)
            << "seed " << kSeed << " window " << i << " filter " << f;
      }
    }
  }
}

TEST(RelativeLevel, SilenceIsAsLoudAsItsLoudest) {
  Graph graph = filterbank_graph(
      64, false, {{"fft_length", 64}, {"scaling", std::string("decibel_range")}, {"top_db", 40.0}});
  graph.outputs = {graph.add_node(relative_level_op, "levels", {graph.outputs[0]}, {})};
  for (int32_t level : as_numbers<int32_t>(run_graph(graph, std::vector<int16_t>(64, 0))))
    EXPECT_EQ(level, 65536);
}

TEST(Mfcc, CutAndResume) {
  RandomWindows windows(kSeed);
  std::vector<int16_t> sound = windows.next(64 * 12, 1);
  expect_cut_and_resume(mfcc_graph(false), sound, 13);
  expect_cut_and_resume(mfcc_graph(true), sound, 29);
}

TEST(Mfcc, GoldenHashOfTwoThousandWindows) {
  RandomWindows windows(kSeed);
  const Graph fixed = mfcc_graph(false), floating = mfcc_graph(true);
  uint64_t hash = fnv1a(nullptr, 0);
  for (int i = 0; i < 2000; ++i) {
    const auto sound = windows.next(64 * 6, 1);
    for (const Graph* graph : {&fixed, &floating}) {
      const Bytes out = run_graph(*graph, sound);
      hash = fnv1a(out.data(), out.size(), hash);
    }
  }
  EXPECT_EQ(hash, 11610909257912433923u);
}

}  // namespace
}  // namespace mote
