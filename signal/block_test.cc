// SPDX-License-Identifier: Apache-2.0
// Blocks: the nodes and features of each kind, and the messages for what a user may get wrong.
#include "signal/block.h"

#include <gtest/gtest.h>

#include <cmath>

#include "ops/dsp/stream_test_bench.h"

namespace mote {
namespace {

constexpr WindowSpec kWindow{100, 50, 100.0};

BlockSpec spec_of(std::string block, Attributes parameters = {},
                  std::vector<std::string> axes = {}) {
  BlockSpec spec;
  spec.name = spec.block = std::move(block);
  spec.parameters = std::move(parameters);
  spec.axes = std::move(axes);
  spec.place = "mote.toml:7";
  return spec;
}

Graph graph_of(const BlockSpec& spec, int32_t axes = 3, const WindowSpec& window = kWindow) {
  Graph graph = stream_graph(axes);
  Diagnostics diagnostics;
  graph.outputs = {build_block(graph, spec, 0, window, diagnostics)};
  diagnostics.stop_if_any();
  return graph;
}

std::string message_of(const BlockSpec& spec, const WindowSpec& window = kWindow) {
  try {
    graph_of(spec, 3, window);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

TEST(Block, FeaturesOfEachKind) {
  const auto shape = [](const Graph& graph) { return graph.value(graph.outputs[0]).shape; };
  EXPECT_EQ(shape(graph_of(spec_of("raw"))), (Shape{100, 3}));
  EXPECT_EQ(shape(graph_of(spec_of("raw", {{"input_decimation_ratio", 5}}, {"a2"}))),
            (Shape{20, 1}));
  EXPECT_EQ(shape(graph_of(spec_of("flatten"))), (Shape{21}));
  EXPECT_EQ(shape(graph_of(spec_of("spectral"))), (Shape{33}));
  EXPECT_EQ(shape(graph_of(
                spec_of("spectral", {{"filter_type", std::string("low")}, {"filter_cutoff", 20}}))),
            (Shape{3 * 6}));
  EXPECT_EQ(shape(graph_of(
                spec_of("spectral", {{"spectral_power_edges", std::vector<double>{1, 10, 30}}}))),
            (Shape{15}));
  EXPECT_EQ(shape(graph_of(spec_of("spectral", {{"spectral_peaks_count", 4}}))),
            (Shape{3 * (11 + 8)}));
}

// A tone of 300 counts of 0.01: a peak from 3 units down, in both arithmetics, whatever scale_axes
// makes of it. Its amplitude is in the features' own unit: counts, or units.
TEST(Block, ThresholdOfPeaksIsInTheAxisUnit) {
  for (const char* arithmetic : {"fixed", "float"})
    for (double scale_axes : {1.0, 2.0})
      for (double threshold : {2.99, 3.01}) {
        Graph graph;
        graph.add_stream("sensor", {{"x", "g", 0.5f}, {"y", "g", 0.01f}}, 100, MissingPolicy::drop);
        Diagnostics diagnostics;
        graph.outputs = {build_block(graph,
                                     spec_of("spectral",
                                             {{"arithmetic", std::string(arithmetic)},
                                              {"scale_axes", scale_axes},
                                              {"spectral_peaks_count", 1},
                                              {"spectral_peaks_threshold", threshold * scale_axes}},
                                             {"y"}),
                                     0, {16, 16, 100.0}, diagnostics)};
        std::vector<int16_t> tone;
        for (int i = 0; i < 16; ++i) {
          tone.push_back(0);
          tone.push_back(int16_t(std::lround(300 * std::cos(2 * M_PI * 4 * i / 16))));
        }
        const Bytes out = run_graph(graph, tone);
        const bool fixed = arithmetic[1] == 'i';
        const double amplitude = fixed ? as_numbers<int32_t>(out).back() / 65536.0
                                       : double(as_numbers<float>(out).back());
        const double tone_units = fixed ? 300 : 3;
        EXPECT_NEAR(amplitude, threshold < 3 ? tone_units * scale_axes : 0, 1e-3)
            << arithmetic << " " << scale_axes << " " << threshold;
      }
}

// One second of sound: frames of 20 ms every 10 ms, (16000 - 320) / 160 + 1 of them.
TEST(Block, FramesOfSound) {
  constexpr WindowSpec kSecond{16000, 8000, 16000.0};
  const auto value = [&](const char* kind, Attributes parameters = {}) {
    const Graph graph = graph_of(spec_of(kind, std::move(parameters)), 1, kSecond);
    return graph.value(graph.outputs[0]);
  };
  EXPECT_EQ(value("mfe").shape, (Shape{99, 40}));
  EXPECT_EQ(value("spectrogram").shape, (Shape{99, 257}));
  EXPECT_EQ(value("mfcc").shape, (Shape{50, 13}));
  EXPECT_EQ(value("mfcc", {{"win_size", 0}, {"arithmetic", std::string("float")}}).type,
            ElementType::f32);
  EXPECT_EQ(value("mfe").clock.phase, (Rational{16000, 1}));
  EXPECT_EQ(value("mfe").clock.period, (Rational{8000, 1}));
  EXPECT_EQ(value("mfe").quantization.scale(), 0x1p-16f);
}

TEST(Block, FramesDecideWhenTheirClockSays) {
  RandomWindows windows(5);
  const auto samples = windows.next(3000, 1);
  for (const char* kind : {"mfe", "mfcc", "spectrogram"}) {
    const Graph graph = graph_of(spec_of(kind, {{"frame_length", 0.064}, {"frame_stride", 0.032}}),
                                 1, {1024, 512, 1000.0});
    Evaluator evaluator(graph);
    std::vector<int> decided;
    for (int i = 0; i < 3000; ++i)
      if (evaluator.push(0, samples.data() + i)) decided.push_back(i + 1);
    EXPECT_EQ(decided, (std::vector<int>{1024, 1536, 2048, 2560})) << kind;
    expect_cut_and_resume(graph, samples, 371);
  }
}

// Every kind decides when the window's last sample has come, decimated or not.
TEST(Block, ClockIsThatOfTheWindow) {
  for (const char* kind : {"raw", "flatten", "spectral", "envelope"}) {
    for (int ratio : {1, 5}) {
      const Graph graph = graph_of(spec_of(kind, {{"input_decimation_ratio", ratio}}));
      const Clock& clock = graph.value(graph.outputs[0]).clock;
      EXPECT_EQ(clock.phase, (Rational{100, 1})) << kind << ratio;
      EXPECT_EQ(clock.period, (Rational{50, 1})) << kind << ratio;
    }
  }
}

// The declared clock is when outputs really come.
TEST(Block, DecidesWhenItsClockSays) {
  RandomWindows windows(3);
  const auto samples = windows.next(400, 3);
  for (const char* kind : {"raw", "flatten", "spectral", "envelope"}) {
    for (const char* arithmetic : {"fixed", "float"}) {
      const Graph graph = graph_of(spec_of(kind, {{"input_decimation_ratio", 5},
                                                  {"filter_type", std::string("high")},
                                                  {"filter_cutoff", 1.0},
                                                  {"arithmetic", std::string(arithmetic)}}));
      Evaluator evaluator(graph);
      std::vector<int> decided;
      for (int i = 0; i < 400; ++i)
        if (evaluator.push(0, samples.data() + 3 * i)) decided.push_back(i + 1);
      EXPECT_EQ(decided, (std::vector<int>{100, 150, 200, 250, 300, 350, 400})) << kind;
    }
  }
}

TEST(Block, CutAndResumeOfWholeChains) {
  RandomWindows windows(4);
  const auto samples = windows.next(130, 3);
  for (const char* kind : {"raw", "flatten", "spectral", "envelope"}) {
    expect_cut_and_resume(graph_of(spec_of(kind, {{"input_decimation_ratio", 2},
                                                  {"filter_type", std::string("low")},
                                                  {"filter_cutoff", 10.0}}),
                                   3, {40, 20, 100.0}),
                          samples, 7);
  }
}

TEST(Block, ScaleAxesMultipliesInBothArithmetics) {
  for (const char* arithmetic : {"fixed", "float"}) {
    const Graph graph =
        graph_of(spec_of("raw", {{"scale_axes", 2.0}, {"arithmetic", std::string(arithmetic)}}), 1,
                 {2, 2, 100.0});
    const Bytes out = run_graph(graph, {100, -300});
    if (arithmetic[1] == 'i')
      EXPECT_EQ(as_numbers<int16_t>(out), (std::vector<int16_t>{200, -600}));
    else
      EXPECT_EQ(as_numbers<float>(out), (std::vector<float>{200, -600}));
  }
}

// A tone of amplitude 8000 has an envelope of 2 / pi of that, whatever its offset.
TEST(Block, EnvelopeOfATone) {
  const Graph graph =
      graph_of(spec_of("envelope", {{"envelope_decimation_ratio", 10}}), 1, {1000, 1000, 1000.0});
  EXPECT_EQ(graph.value(graph.outputs[0]).shape, (Shape{100, 1}));
  std::vector<int16_t> tone;
  for (int i = 0; i < 1000; ++i)
    tone.push_back(int16_t(std::lround(5000 + 8000 * std::cos(2 * M_PI * 0.1237 * i))));
  const auto out = as_numbers<int16_t>(run_graph(graph, tone));
  for (size_t i = 60; i < 100; ++i) EXPECT_NEAR(out[i], 8000 * 2 / M_PI, 150) << i;
}

// A tone whose loudness swings at 37 Hz: that band is the highest, however loud the tone is.
TEST(Block, SpectrumOfAnEnvelope) {
  const Graph graph = graph_of(spec_of("envelope", {{"envelope_cutoff", 100.0},
                                                    {"envelope_decimation_ratio", 4},
                                                    {"spectrum_bands", 20},
                                                    {"spectrum_low", 5.0},
                                                    {"spectrum_high", 110.0}}),
                               1, {1000, 1000, 1000.0});
  EXPECT_EQ(graph.value(graph.outputs[0]).shape, (Shape{20}));
  std::vector<int32_t> first;
  for (const double loudness : {2000.0, 16000.0}) {
    std::vector<int16_t> tone;
    for (int i = 0; i < 1000; ++i)
      tone.push_back(int16_t(std::lround(loudness * (1 + 0.8 * std::cos(2 * M_PI * 0.037 * i)) *
                                         std::cos(2 * M_PI * 0.2237 * i))));
    const auto out = as_numbers<int32_t>(run_graph(graph, tone));
    // Bands are 5 Hz apart, the first centred at 10 Hz.
    EXPECT_NEAR(double(std::max_element(out.begin(), out.end()) - out.begin()), 5.4, 1);
    if (first.empty()) first = out;
    EXPECT_NEAR(double(out[5]) / first[5], 1, 0.05);
  }
}

TEST(Block, MessagesSayWhatWhereAndWhatToDo) {
  EXPECT_NE(message_of(spec_of("spektral")).find("did you mean 'spectral'?"), std::string::npos);
  EXPECT_NE(message_of(spec_of("spektral")).find("mote.toml:7"), std::string::npos);
  BlockSpec typo = spec_of("spectral", {{"fft_lenght", 32}});
  typo.places["fft_lenght"] = "mote.toml:9";
  EXPECT_NE(message_of(typo).find("did you mean 'fft_length'?"), std::string::npos)
      << message_of(typo);
  EXPECT_NE(message_of(typo).find("mote.toml:9"), std::string::npos);
  EXPECT_NE(message_of(spec_of("flatten", {}, {"a7"})).find("no axis 'a7'"), std::string::npos);
  EXPECT_NE(message_of(spec_of("spectral", {{"filter_order", 99}})).find("1 .. 8"),
            std::string::npos);
  EXPECT_NE(
      message_of(spec_of("spectral", {{"filter_type", std::string("lo")}})).find("choose one of"),
      std::string::npos);
  EXPECT_NE(message_of(spec_of("spectral", {{"filter_order", std::string("six")}}))
                .find("a whole number"),
            std::string::npos);
  EXPECT_NE(message_of(spec_of("raw", {{"input_decimation_ratio", 7}})).find("not multiples"),
            std::string::npos);
  EXPECT_NE(message_of(spec_of("spectral", {{"fft_length", 20}})).find("power of two"),
            std::string::npos);
  EXPECT_NE(message_of(spec_of("spectral", {{"spectral_power_edges", std::vector<double>{1, 2}}}))
                .find("wider"),
            std::string::npos);
  EXPECT_NE(message_of(spec_of("mfe")).find("one axis"), std::string::npos);
  EXPECT_NE(message_of(spec_of("mfe", {{"frame_length", 3}}, {"a0"})).find("shorter frame"),
            std::string::npos);
  EXPECT_NE(message_of(spec_of("mfe", {{"frame_stride", 0.03}}, {"a0"})).find("no multiple"),
            std::string::npos);
  EXPECT_NE(message_of(spec_of("mfe", {}, {"a0"})).find("fewer filters"), std::string::npos);
}

TEST(Block, DefaultsOfEveryKindAreInTheirOwnRange) {
  for (const BlockKind& kind : block_kinds()) {
    BlockSpec spec = spec_of(kind.name);
    for (const ParameterSpec& parameter : kind.parameters)
      spec.parameters[parameter.name] = parameter.initial;
    spec.axes = {"a0"};
    const bool is_sound = kind.name == "mfe" || kind.name == "mfcc" || kind.name == "spectrogram";
    const WindowSpec window = is_sound ? WindowSpec{20000, 16000, 16000.0} : kWindow;
    EXPECT_NO_THROW(graph_of(spec, 3, window)) << kind.name;
  }
}

}  // namespace
}  // namespace mote
