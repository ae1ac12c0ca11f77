// SPDX-License-Identifier: Apache-2.0
// Peaks of spectral: the search against brute force on small integers (plateaus, ties, both ends),
// known tones, silence, and random windows against a double DFT.
#include "ops/dsp/spectral/spectral_peaks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>

#include "ops/dsp/stream_test_bench.h"

namespace mote {
namespace {

constexpr uint64_t kSeed = 16180;
constexpr double kRate = 100;

struct Peak {
  double frequency, amplitude;
};

// One axis at 100 Hz, one window, peaks only behind the features.
Graph peaks_graph(int32_t length, bool is_float, Attributes attributes) {
  Graph graph = stream_graph(1);
  ValueId value =
      graph.add_node(framer_op, "window", {0}, {{"length", length}, {"stride", length}});
  if (is_float)
    value = graph.add_node(to_float_op, "physical", {value}, {{"scales", std::vector<double>{1}}});
  attributes.try_emplace("peak_thresholds", std::vector<double>{0.1});
  attributes.try_emplace("rate_hz", kRate);
  graph.outputs = {graph.add_node(spectral_op, "spectral", {value}, std::move(attributes))};
  return graph;
}

std::vector<double> features_of(const Graph& graph, const std::vector<int16_t>& window) {
  const Bytes out = run_graph(graph, window);
  if (graph.value(graph.outputs[0]).type == ElementType::f32) {
    const auto numbers = as_numbers<float>(out);
    return {numbers.begin(), numbers.end()};
  }
  std::vector<double> features;
  for (int32_t q16 : as_numbers<int32_t>(out)) features.push_back(q16 / 65536.0);
  return features;
}

std::vector<Peak> peaks_of(const Graph& graph, const std::vector<int16_t>& window) {
  const std::vector<double> features = features_of(graph, window);
  const auto count = size_t(std::get<int64_t>(graph.nodes.back().attributes.at("peaks")));
  std::vector<Peak> peaks;
  for (size_t i = features.size() - 2 * count; i < features.size(); i += 2)
    peaks.push_back({features[i], features[i + 1]});
  return peaks;
}

std::vector<int16_t> tones(int32_t length, const std::vector<Peak>& list) {
  std::vector<int16_t> window(size_t(length), 0);
  for (int32_t i = 0; i < length; ++i) {
    double v = 0;
    for (const Peak& tone : list)
      v += tone.amplitude * std::cos(2 * M_PI * tone.frequency * i / kRate + 0.3);
    window[size_t(i)] = int16_t(std::lround(v));
  }
  return window;
}

// Every run of equal powers with a rise before and a fall after, loudest first, lower bins first.
std::vector<int32_t> peaks_by_force(const std::vector<uint64_t>& held) {
  std::vector<int32_t> bins;
  for (size_t first = 0; first < held.size();) {
    size_t after = first;
    while (after < held.size() && held[after] == held[first]) ++after;
    const bool rises = first > 0 && held[first - 1] < held[first];
    const bool falls = after < held.size() && held[after] < held[first];
    if (rises && falls) bins.push_back(int32_t(first));
    first = after;
  }
  std::stable_sort(bins.begin(), bins.end(),
                   [&](int32_t a, int32_t b) { return held[size_t(a)] > held[size_t(b)]; });
  return bins;
}

std::vector<int32_t> peaks_by_search(const std::vector<uint64_t>& held) {
  std::vector<int32_t> bins;
  const auto last = int32_t(held.size()) - 1;
  for (int32_t bin = next_spectral_peak(held.data(), last, 0); bin != 0;
       bin = next_spectral_peak(held.data(), last, bin))
    bins.push_back(bin);
  return bins;
}

// Every spectrum of 7 bins with powers 0 .. 3: each plateau, tie and end there is.
TEST(SpectralPeaks, SearchEqualsBruteForceOnEverySmallSpectrum) {
  for (int32_t code = 0; code < 1 << 14; ++code) {
    std::vector<uint64_t> held;
    for (int bin = 0; bin < 7; ++bin) held.push_back(uint64_t(code >> (2 * bin)) & 3);
    ASSERT_EQ(peaks_by_search(held), peaks_by_force(held)) << code;
  }
}

TEST(SpectralPeaks, SearchEqualsBruteForceOnLongSpectra) {
  RandomWindows random(kSeed);
  for (int i = 0; i < 500; ++i) {
    std::vector<uint64_t> held(size_t(3 + random.below(200)));
    const int32_t levels = 1 + random.below(30);
    for (uint64_t& power : held) power = uint64_t(random.below(levels)) << 40;
    ASSERT_EQ(peaks_by_search(held), peaks_by_force(held)) << "seed " << kSeed << " spectrum " << i;
  }
}

TEST(SpectralPeaks, APlateauIsOnePeakAtItsLowestBinAndTheEndsAreNone) {
  using Bins = std::vector<int32_t>;
  EXPECT_EQ(peaks_by_search({0, 5, 5, 5, 1}), Bins{1});
  EXPECT_EQ(peaks_by_search({9, 5, 1, 1, 0}), Bins{});        // 0 Hz is loudest: no peak
  EXPECT_EQ(peaks_by_search({0, 1, 2, 3, 4}), Bins{});        // half the rate is
  EXPECT_EQ(peaks_by_search({0, 1, 4, 4, 4}), Bins{});        // a plateau up to the end
  EXPECT_EQ(peaks_by_search({7, 7, 7, 7, 7}), Bins{});        // all equal
  EXPECT_EQ(peaks_by_search({0, 3, 1, 3, 0}), (Bins{1, 3}));  // a tie: the lower frequency first
}

// Tones in the middle of bins, in the order of their amplitudes, not of their frequencies. (With
// overlap the last frame is half zeros, and the tones' side lobes are peaks too.)
TEST(SpectralPeaks, KnownTonesComeLoudestFirst) {
  const double bin_hz = kRate / 64;
  const std::vector<Peak> known{{20 * bin_hz, 9000}, {5 * bin_hz, 4000}, {12 * bin_hz, 1000}};
  for (bool is_float : {false, true}) {
    const Graph graph = peaks_graph(128, is_float,
                                    {{"fft_length", 64},
                                     {"do_fft_overlap", 0},
                                     {"peaks", 5},
                                     {"peak_thresholds", std::vector<double>{50.0}}});
    const auto peaks = peaks_of(graph, tones(128, known));
    ASSERT_EQ(peaks.size(), 5u);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(peaks[i].frequency, known[i].frequency);
      EXPECT_NEAR(peaks[i].amplitude, known[i].amplitude, 1);
    }
    for (size_t i = 3; i < 5; ++i) {
      EXPECT_EQ(peaks[i].frequency, 0);
      EXPECT_EQ(peaks[i].amplitude, 0);
    }
  }
}

TEST(SpectralPeaks, OfMoreTonesThanAskedTheLoudestStay) {
  const double bin_hz = kRate / 32;
  const auto window = tones(32, {{3 * bin_hz, 100}, {7 * bin_hz, 300}, {11 * bin_hz, 200}});
  const auto peaks = peaks_of(peaks_graph(32, false, {{"fft_length", 32}, {"peaks", 2}}), window);
  EXPECT_EQ(peaks[0].frequency, 7 * bin_hz);
  EXPECT_EQ(peaks[1].frequency, 11 * bin_hz);
}

TEST(SpectralPeaks, SilenceAndAConstantHaveNone) {
  for (bool is_float : {false, true})
    for (int level : {0, 1234, -32768})
      for (double threshold : {0.0, 0.1}) {
        const Graph graph = peaks_graph(
            40, is_float, {{"peaks", 4}, {"peak_thresholds", std::vector<double>{threshold}}});
        for (const Peak& peak : peaks_of(graph, std::vector<int16_t>(40, int16_t(level)))) {
          EXPECT_EQ(peak.frequency, 0) << level;
          EXPECT_EQ(peak.amplitude, 0) << level;
        }
      }
}

// A tone at half the rate and a slow ramp: power at the ends, no peak of note.
TEST(SpectralPeaks, HalfTheRateIsNoPeak) {
  std::vector<int16_t> window(32);
  for (size_t i = 0; i < 32; ++i) window[i] = i % 2 ? -3000 : 3000;
  for (bool is_float : {false, true})
    EXPECT_EQ(peaks_of(peaks_graph(32, is_float, {{"peaks", 1}, {"do_fft_overlap", 0}}), window)[0]
                  .amplitude,
              0);
}

// 4 samples up and 4 down at full scale: the first harmonic is 1.3066 times the level, beyond what
// an amplitude in Q16 can say.
TEST(SpectralPeaks, AmplitudesBeyondFullScaleSaturate) {
  std::vector<int16_t> window(32);
  for (size_t i = 0; i < 32; ++i) window[i] = i % 8 < 4 ? -32767 : 32767;
  const Attributes attributes{{"peaks", 1}, {"do_fft_overlap", 0}};
  EXPECT_EQ(as_numbers<int32_t>(run_graph(peaks_graph(32, false, attributes), window)).back(),
            INT32_MAX);
  EXPECT_NEAR(peaks_of(peaks_graph(32, true, attributes), window)[0].amplitude, 1.3066 * 32767, 2);
}

TEST(SpectralPeaks, TheThresholdIsAnAmplitude) {
  const auto window = tones(16, {{2 * kRate / 16, 100}, {5 * kRate / 16, 40}});
  const auto loud = [&](double threshold) {
    const Graph graph =
        peaks_graph(16, false, {{"peaks", 2}, {"peak_thresholds", std::vector<double>{threshold}}});
    int count = 0;
    for (const Peak& peak : peaks_of(graph, window)) count += peak.amplitude > 0;
    return count;
  };
  EXPECT_EQ(loud(39), 2);
  EXPECT_EQ(loud(41), 1);
  EXPECT_EQ(loud(99), 1);
  EXPECT_EQ(loud(101), 0);
}

// Each axis has its own threshold and its own peaks, behind its own features.
TEST(SpectralPeaks, AxesStandSideBySide) {
  Graph graph = stream_graph(2);
  const ValueId value = graph.add_node(framer_op, "window", {0}, {{"length", 16}, {"stride", 16}});
  graph.outputs = {graph.add_node(spectral_op, "spectral", {value},
                                  {{"peaks", 1},
                                   {"bands", std::vector<int64_t>{1, 9}},
                                   {"rate_hz", 200.0},
                                   {"peak_thresholds", std::vector<double>{10, 200}}})};
  std::vector<int16_t> samples;
  for (int i = 0; i < 16; ++i) {
    const auto wave = int16_t(std::lround(100 * std::cos(2 * M_PI * 3 * i / 16)));
    samples.insert(samples.end(), {wave, wave});
  }
  const auto out = features_of(graph, samples);
  ASSERT_EQ(out.size(), 12u);
  EXPECT_EQ(out[4], 3 * 200.0 / 16);
  EXPECT_NEAR(out[5], 100, 0.5);
  EXPECT_EQ(out[9], out[3]);
  EXPECT_EQ(out[10], 0);
  EXPECT_EQ(out[11], 0);
}

// max over frames of |X[k]|^2 / fft_length, the average taken off, as an amplitude 2 |X| /
// fft_length.
std::vector<double> held_amplitude(const std::vector<int16_t>& window, int32_t fft_length,
                                   int32_t hop) {
  const auto length = int32_t(window.size());
  double average = 0;
  for (int16_t v : window) average += v / double(length);
  std::vector<double> held(size_t(fft_length / 2 + 1));
  for (int32_t begin = 0; begin < length; begin += hop)
    for (size_t k = 0; k < held.size(); ++k) {
      std::complex<double> sum = 0;
      for (int32_t i = 0; i < fft_length && begin + i < length; ++i)
        sum += (window[size_t(begin + i)] - average) *
               std::polar(1.0, -2 * M_PI * double(i) * double(k) / fft_length);
      held[k] = std::max(held[k], 2 * std::abs(sum) / fft_length);
    }
  return held;
}

// What is listed is a peak, in order, with its amplitude; what is a peak beyond doubt is listed.
// `noise` is what an amplitude may be off.
void check_peaks(const std::vector<Peak>& peaks, const std::vector<double>& held, double noise,
                 double threshold) {
  const double bin_hz = kRate / (2 * double(held.size() - 1));
  std::vector<bool> listed(held.size(), false);
  double least = threshold;
  for (size_t i = 0; i < peaks.size(); ++i) {
    const auto k = size_t(std::lround(peaks[i].frequency / bin_hz));
    if (peaks[i].amplitude == 0) continue;
    ASSERT_NEAR(peaks[i].frequency, double(k) * bin_hz, 1.0 / 65536);
    ASSERT_TRUE(k >= 1 && k + 2 <= held.size());
    ASSERT_FALSE(listed[k]);
    listed[k] = true;
    ASSERT_NEAR(peaks[i].amplitude, held[k], noise) << "bin " << k;
    ASSERT_GE(held[k], std::max(held[k - 1], held[k + 1]) - 2 * noise) << "bin " << k;
    ASSERT_GE(peaks[i].amplitude, threshold);
    ASSERT_LE(peaks[i].amplitude, i > 0 ? peaks[i - 1].amplitude : INFINITY);
    if (i + 1 == peaks.size()) least = std::max(least, peaks[i].amplitude);
  }
  for (size_t k = 1; k + 1 < held.size(); ++k) {
    const bool sure =
        held[k] > std::max(held[k - 1], held[k + 1]) + 2 * noise && held[k] > least + 2 * noise;
    ASSERT_TRUE(listed[k] || !sure) << "bin " << k << " of amplitude " << held[k];
  }
}

TEST(SpectralPeaks, RandomWindowsAgainstTheDoubleTransform) {
  for (bool is_float : {false, true}) {
    RandomWindows windows(kSeed);
    int sure = 0;
    for (int i = 0; i < 400; ++i) {
      const int32_t fft_length = 8 << windows.below(5), length = 1 + windows.below(150);
      const bool overlap = windows.below(2) == 1;
      const int32_t count = 1 + windows.below(fft_length / 4);
      const double threshold = windows.below(3) * 40.0;
      auto window = windows.next(length, 1);
      for (int16_t& v : window) v = int16_t(v / 2);  // amplitudes below 32768
      const Graph graph = peaks_graph(length, is_float,
                                      {{"fft_length", fft_length},
                                       {"do_fft_overlap", overlap ? 1 : 0},
                                       {"peaks", count},
                                       {"peak_thresholds", std::vector<double>{threshold}}});
      const auto held = held_amplitude(window, fft_length, overlap ? fft_length / 2 : fft_length);
      SCOPED_TRACE("seed " + std::to_string(kSeed) + " window " + std::to_string(i) +
                   (is_float ? " float" : " fixed"));
      // -80 dB of the loudest bin (spectral_test.cc), an average rounded to 24 bits, Q16.
      double loudest = 0;
      for (double amplitude : held) loudest = std::max(loudest, amplitude);
      const double noise = 1e-4 * loudest + (is_float ? 0.02 : 2e-4);
      const auto peaks = peaks_of(graph, window);
      check_peaks(peaks, held, noise, threshold);
      if (HasFatalFailure()) return;
      for (const Peak& peak : peaks) sure += peak.amplitude > 2 * noise;
    }
    EXPECT_GT(sure, 500);  // that the windows have peaks to speak of
  }
}

TEST(SpectralPeaks, TheOtherFeaturesAreThoseWithoutPeaks) {
  RandomWindows windows(kSeed);
  for (bool is_float : {false, true})
    for (int i = 0; i < 50; ++i) {
      const auto window = windows.next(60, 1);
      auto with = features_of(peaks_graph(60, is_float, {{"peaks", 3}}), window);
      with.resize(with.size() - 6);
      EXPECT_EQ(with, features_of(peaks_graph(60, is_float, {}), window));
    }
}

TEST(SpectralPeaks, NoPeaksIsTheKernelWithoutThem) {
  const Graph graph = peaks_graph(32, false, {});
  const KernelCall call = spectral_op.lower(NodeView(graph, graph.nodes.back()));
  EXPECT_EQ(call.params_type, "SpectralParams");
  EXPECT_STREQ(call.kernel.function, "spectral_s16");
  EXPECT_EQ(call.constants.size(), 2u);
}

TEST(SpectralPeaks, RefusesWhatItCannotDo) {
  const std::vector<double> none, negative{-1}, huge{40000};
  EXPECT_THROW(peaks_graph(32, false, {{"peaks", 5}}), UserError);  // 16 / 4 = 4
  EXPECT_THROW(peaks_graph(32, false, {{"peaks", -1}}), UserError);
  EXPECT_THROW(peaks_graph(32, false, {{"peaks", 1}, {"rate_hz", 0.0}}), UserError);
  EXPECT_THROW(peaks_graph(32, false, {{"peaks", 1}, {"rate_hz", 96000.0}}), UserError);
  EXPECT_THROW(peaks_graph(32, false, {{"peaks", 1}, {"rate_hz", 1e-4}}), UserError);
  EXPECT_NO_THROW(peaks_graph(32, true, {{"peaks", 1}, {"rate_hz", 96000.0}}));
  for (const auto& thresholds : {none, negative, huge})
    EXPECT_THROW(peaks_graph(32, false, {{"peaks", 1}, {"peak_thresholds", thresholds}}),
                 UserError);
}

TEST(SpectralPeaks, GoldenHashOfTwoThousandWindows) {
  RandomWindows windows(kSeed);
  const Attributes attributes{{"fft_length", 32}, {"peaks", 4}};
  const Graph fixed = peaks_graph(50, false, attributes),
              floating = peaks_graph(50, true, attributes);
  uint64_t hash = fnv1a(nullptr, 0);
  for (int i = 0; i < 2000; ++i) {
    const auto window = windows.next(50, 1);
    for (const Graph* graph : {&fixed, &floating}) {
      const Bytes out = run_graph(*graph, window);
      hash = fnv1a(out.data(), out.size(), hash);
    }
  }
  EXPECT_EQ(hash, 16650964152032238586u) << hash;
}

}  // namespace
}  // namespace mote
