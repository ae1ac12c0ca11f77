// SPDX-License-Identifier: Apache-2.0
// Recordings that only train. See further.h.
#include "data/further.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "data/cut.h"
#include "data/dataset_checks.h"
#include "data/resample.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

constexpr double kLoudnessWindow_s = 0.025;

// Squared distance from the axes' means, one value a sample.
std::vector<double> energies(const Recording& recording) {
  const size_t n_axes = recording.axes.size(), n = size_t(recording.size());
  std::vector<double> means(n_axes, 0.0), out(n, 0.0);
  for (size_t i = 0; i < n * n_axes; ++i)
    means[i % n_axes] += double(recording.values[i]) / double(n);
  for (size_t i = 0; i < n * n_axes; ++i) {
    const double d = double(recording.values[i]) - means[i % n_axes];
    out[i / n_axes] += d * d;
  }
  return out;
}

// Sums over `length` neighbours, centred; fewer at the ends.
std::vector<double> moving_sums(const std::vector<double>& values, int64_t length) {
  const auto n = int64_t(values.size());
  std::vector<double> before(values.size() + 1, 0.0), out(values.size());
  for (size_t i = 0; i < values.size(); ++i) before[i + 1] = before[i] + values[i];
  for (int64_t i = 0; i < n; ++i) {
    const int64_t begin = std::max<int64_t>(0, i - length / 2), end = std::min(n, begin + length);
    out[size_t(i)] = before[size_t(end)] - before[size_t(begin)];
  }
  return out;
}

fs::path canonical(const Recording& recording) {
  std::error_code error;
  return fs::weakly_canonical(recording.path, error);
}

// What would train where it is held out, and what [data] does not have.
void check_fit(const FurtherOptions& options, const Dataset& further, const Dataset& main,
               Diagnostics& diagnostics) {
  const Recording& ours = main.recordings.at(0);
  const Recording& theirs = further.recordings.at(0);
  check_axes({ours, theirs}, diagnostics);
  if (theirs.rate_hz < ours.rate_hz)
    diagnostics.error("rate-too-low", options.place,
                      fmt::format("its recordings have {:g} Hz, those of [data] {:g} Hz: the upper "
                                  "part of the band is not in them",
                                  theirs.rate_hz, ours.rate_hz),
                      "leave them out, or lower the rate of all");
  std::set<fs::path> held;
  for (const Recording& recording : main.recordings) held.insert(canonical(recording));
  const auto twice = std::find_if(
      further.recordings.begin(), further.recordings.end(),
      [&](const Recording& recording) { return held.count(canonical(recording)) > 0; });
  if (twice != further.recordings.end())
    diagnostics.error("recording-twice", twice->path,
                      "is one of [data] and one of [[further]], where it would train although it "
                      "is held out",
                      "keep them in folders of their own");
  for (const std::string& name : further.classes)
    if (class_index(main, name) < 0)
      diagnostics.error("unknown-class", options.place,
                        "[data] has no class \"" + name + "\", which is a label here",
                        "say which labels are which class with classes = { label = \"class\" }");
}

}  // namespace

Recording trimmed(const Recording& recording, double below_db) {
  MOTE_ASSERT(below_db > 0);
  const auto length =
      std::max<int64_t>(1, int64_t(std::llround(kLoudnessWindow_s * recording.rate_hz)));
  const std::vector<double> loudness = moving_sums(energies(recording), length);
  const auto loudest = std::max_element(loudness.begin(), loudness.end());
  if (loudest == loudness.end() || *loudest <= 0) return recording;
  const double least = *loudest * std::pow(10, -below_db / 10);
  const auto loud = [&](double value) { return value >= least; };
  const auto begin = std::find_if(loudness.begin(), loudness.end(), loud);
  const auto end = std::find_if(loudness.rbegin(), loudness.rend(), loud).base();
  return cut_recording(recording, begin - loudness.begin(), end - loudness.begin());
}

Dataset read_further(const FurtherOptions& options, const Dataset& main, Diagnostics& diagnostics) {
  Dataset further = read_dataset(options.data, diagnostics);
  check_fit(options, further, main, diagnostics);
  diagnostics.stop_if_any();
  for (Recording& recording : further.recordings) {
    recording = resampled(recording, main.recordings[0].rate_hz);
    if (options.trim_db > 0) recording = trimmed(recording, options.trim_db);
    recording.name = options.name + "/" + recording.name;
    recording.group = options.name + "/" + recording.group;
  }
  return further;
}

}  // namespace mote
