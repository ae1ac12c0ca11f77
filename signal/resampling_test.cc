// SPDX-License-Identifier: Apache-2.0
// resample_hz: the features of a recording at the lower rate, windows that end where they did, and
// the messages for rates and windows that there are not.
#include <gtest/gtest.h>

#include <cmath>

#include "ops/dsp/stream_test_bench.h"
#include "signal/block.h"

namespace mote {
namespace {

BlockSpec spec_of(std::string block, Attributes parameters, std::vector<std::string> axes = {}) {
  BlockSpec spec;
  spec.name = spec.block = std::move(block);
  spec.parameters = std::move(parameters);
  spec.axes = std::move(axes);
  spec.place = "mote.toml:7";
  return spec;
}

Graph graph_of(const BlockSpec& spec, const WindowSpec& window, int32_t axes = 1) {
  Graph graph = stream_graph(axes);
  Diagnostics diagnostics;
  graph.outputs = {build_block(graph, spec, 0, window, diagnostics)};
  diagnostics.stop_if_any();
  return graph;
}

std::string message_of(double resample_hz, const WindowSpec& window) {
  try {
    graph_of(spec_of("raw", {{"resample_hz", resample_hz}}), window);
  } catch (const UserError& error) {
    return error.what();
  }
  return "";
}

std::vector<const OpDef*> ops_of(const Graph& graph) {
  std::vector<const OpDef*> ops;
  for (const Node& node : graph.nodes) ops.push_back(node.op);
  return ops;
}

struct Tone {
  double frequency_hz, amplitude;
};

std::vector<int16_t> recording(int32_t length, double rate_hz, const std::vector<Tone>& tones) {
  std::vector<int16_t> samples;
  for (int32_t i = 0; i < length; ++i) {
    double v = 500;
    for (const Tone& tone : tones)
      v += tone.amplitude * std::cos(2 * M_PI * tone.frequency_hz * (i + 1) / rate_hz);
    samples.push_back(int16_t(std::lround(v)));
  }
  return samples;
}

// Features of the last of `windows` windows: the filter has settled.
std::vector<double> last_features(const Graph& graph, const std::vector<int16_t>& samples) {
  const Bytes out = run_graph(graph, samples);
  const Value& value = graph.value(graph.outputs[0]);
  std::vector<double> all;
  if (value.type == ElementType::f32)
    for (float x : as_numbers<float>(out)) all.push_back(x);
  else
    for (int32_t x : as_numbers<int32_t>(out)) all.push_back(x / 65536.0);
  return {all.end() - value.elements(), all.end()};
}

// rms, skewness, kurtosis, the power of the two tones' bins and between them, three peaks.
Attributes analysis(const char* arithmetic, double rate_hz) {
  const double bin_hz = rate_hz / 64;
  return {{"arithmetic", std::string(arithmetic)},
          {"fft_length", 64},
          {"do_fft_overlap", 0},
          {"spectral_power_edges",
           std::vector<double>{3.5 * bin_hz, 4.5 * bin_hz, 9.5 * bin_hz, 10.5 * bin_hz}},
          {"spectral_peaks_count", 3},
          {"spectral_peaks_threshold", 10}};
}

// Two tones in the middle of bins, recorded at `rate_hz`, against the same at 100 Hz with a third
// tone that the low rate cannot carry. `loss` is the share of an amplitude that may be missing.
void expect_features_of_slow_recording(const char* arithmetic, double rate_hz,
                                       double loss(double frequency_hz)) {
  SCOPED_TRACE(std::string(arithmetic) + " " + std::to_string(rate_hz));
  const double bin_hz = rate_hz / 64;
  const int32_t rows = 320, length = int32_t(rows * 100 / rate_hz);
  const std::vector<Tone> tones{{4 * bin_hz, 4000}, {10 * bin_hz, 1000}};
  std::vector<Tone> fast_tones = tones;
  fast_tones.push_back({rate_hz - 8 * bin_hz, 3000});  // would be seen in bin 8
  Attributes resampled = analysis(arithmetic, rate_hz);
  resampled["resample_hz"] = rate_hz;
  const auto slow = last_features(
      graph_of(spec_of("spectral", analysis(arithmetic, rate_hz)), {rows, rows, rate_hz}),
      recording(rows, rate_hz, tones));
  const auto fast = last_features(graph_of(spec_of("spectral", resampled), {length, length, 100.0}),
                                  recording(3 * length, 100, fast_tones));
  ASSERT_EQ(slow.size(), 12u);
  ASSERT_EQ(fast.size(), 12u);
  const double low = loss(4 * bin_hz), high = loss(10 * bin_hz);
  const auto near = [&](size_t i, double share) {
    EXPECT_LE(fast[i], slow[i] * 1.001 + 0.5) << i;
    EXPECT_GE(fast[i], slow[i] * (0.999 - share) - 0.5) << i;
  };
  near(0, high);                                   // rms
  EXPECT_NEAR(fast[2], slow[2], 0.01 + 2 * high);  // kurtosis
  EXPECT_NEAR(fast[3], slow[3], 0.001 - 2 * std::log10(1 - low));
  EXPECT_NEAR(fast[5], slow[5], 0.001 - 2 * std::log10(1 - high));
  EXPECT_EQ(fast[6], slow[6]);
  near(7, low);
  EXPECT_EQ(fast[8], slow[8]);
  near(9, high);
  // The third tone: 3000 less 48 dB at 25 Hz; with lines there are images of the others, too.
  EXPECT_LE(fast[11], low == 0 ? 12 : 4000 * low);
}

TEST(Resampling, HalfTheRateGivesTheFeaturesOfASlowRecording) {
  for (const char* arithmetic : {"fixed", "float"}) {
    expect_features_of_slow_recording(arithmetic, 50, [](double) { return 0.0; });
    expect_features_of_slow_recording(arithmetic, 25, [](double) { return 0.0; });
  }
}

// Between two samples a line lies below a tone's crest: cos(pi f / rate) of it are left.
TEST(Resampling, AFractionOfTheRateLosesWhatLinesCutOff) {
  const auto cut_off = [](double frequency_hz) { return 1 - std::cos(M_PI * frequency_hz / 100); };
  for (const char* arithmetic : {"fixed", "float"})
    for (double rate_hz : {62.5, 40.0})
      expect_features_of_slow_recording(arithmetic, rate_hz, cut_off);
}

TEST(Resampling, WholeMultiplesAreDecimatedOthersInterpolated) {
  using Ops = std::vector<const OpDef*>;
  const auto ops = [](double hz) {
    return ops_of(graph_of(spec_of("raw", {{"resample_hz", hz}}), {600, 300, 100.0}));
  };
  EXPECT_EQ(ops(0), Ops{&framer_op});
  EXPECT_EQ(ops(100), Ops{&framer_op});
  EXPECT_EQ(ops(50), (Ops{&iir_op, &decimate_op, &framer_op}));
  EXPECT_EQ(ops(100.0 / 3), (Ops{&iir_op, &decimate_op, &framer_op}));
  EXPECT_EQ(ops(33.3333), (Ops{&iir_op, &decimate_op, &framer_op}));  // 1 ppm is no difference
  EXPECT_EQ(ops(40), (Ops{&iir_op, &resample_op, &framer_op}));
}

// The declared clock is that of a block without resampling, and outputs come when it says.
TEST(Resampling, WindowsEndWithTheSameSamples) {
  RandomWindows windows(7);
  const auto samples = windows.next(1000, 1);
  for (const char* kind : {"raw", "flatten", "spectral", "envelope", "mfe"})
    for (double hz : {0.0, 75.0, 62.5, 50.0, 37.5, 25.0, 12.5}) {
      SCOPED_TRACE(std::string(kind) + " " + std::to_string(hz));
      Attributes parameters{{"resample_hz", hz}};
      if (std::string(kind) == "mfe")
        parameters.insert({{"frame_length", 0.64}, {"frame_stride", 0.32}, {"num_filters", 2}});
      const Graph graph = graph_of(spec_of(kind, parameters), {384, 192, 100.0});
      const Clock& clock = graph.value(graph.outputs[0]).clock;
      EXPECT_EQ(clock.phase, (Rational{384, 1}));
      EXPECT_EQ(clock.period, (Rational{192, 1}));
      Evaluator evaluator(graph);
      std::vector<int64_t> decided, declared;
      for (int64_t at = clock.phase.num / clock.phase.den; at <= 1000; at += 192)
        declared.push_back(at);
      for (int i = 0; i < 1000; ++i)
        if (evaluator.push(0, samples.data() + i)) decided.push_back(i + 1);
      EXPECT_EQ(decided, declared);
    }
}

TEST(Resampling, CutAndResume) {
  RandomWindows windows(8);
  const auto samples = windows.next(130, 3);
  for (const char* arithmetic : {"fixed", "float"})
    for (double hz : {50.0, 62.5})
      expect_cut_and_resume(graph_of(spec_of("flatten", {{"resample_hz", hz},
                                                         {"filter_type", std::string("high")},
                                                         {"arithmetic", std::string(arithmetic)}}),
                                     {40, 24, 100.0}, 3),
                            samples, 11);
}

// Frames and bins are counted at the new rate: 20 ms are 160 samples of 8 kHz.
TEST(Resampling, FramesAreCountedAtTheNewRate) {
  const auto shape = [](const char* kind) {
    const Graph graph = graph_of(spec_of(kind, {{"resample_hz", 8000.0}}), {16000, 8000, 16000.0});
    return graph.value(graph.outputs[0]).shape;
  };
  EXPECT_EQ(shape("spectrogram"), (Shape{99, 129}));
  EXPECT_EQ(shape("raw"), (Shape{8000, 1}));
}

TEST(Resampling, MessagesSayWhatThereIs) {
  const auto has = [](const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  has(message_of(120, {100, 50, 100.0}), "lower rates only");
  has(message_of(120, {100, 50, 100.0}), "mote.toml:7");
  has(message_of(0.1, {100, 50, 100.0}), "at least 0.125");
  has(message_of(40, {100, 52, 100.0}), "multiples of 5 samples, 50 ms");
  has(message_of(61.7, {44100, 44100, 44100.0}), "the nearest is resample_hz = 61.69989507");
  EXPECT_EQ(message_of(61.69989507, {28590, 2859, 44100.0}), "");
  EXPECT_EQ(message_of(40, {100, 50, 100.0}), "");
}

}  // namespace
}  // namespace mote
