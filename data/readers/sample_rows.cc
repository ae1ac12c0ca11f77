// SPDX-License-Identifier: Apache-2.0
// Rate, gaps and jitter of rows read from a file. See sample_rows.h.
#include "data/readers/sample_rows.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mote {
namespace {

constexpr double kGapSteps = 1.5;       // a time step above this many periods holds missing samples
constexpr double kJitterWarned = 0.05;  // of a period, root mean square
constexpr double kRateTolerance = 0.05;  // between the rate said and the rate measured
constexpr double kMostSlots = 1e8;       // samples and gaps together that one recording may span

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

// `value` with that many significant digits.
double rounded(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*e", digits - 1, value);
  return std::strtod(text, nullptr);
}

bool times_ascend(const SampleRows& rows, Diagnostics& diagnostics) {
  for (size_t i = 1; i < rows.times_s.size(); ++i) {
    if (rows.times_s[i] > rows.times_s[i - 1]) continue;
    const bool same = rows.times_s[i] == rows.times_s[i - 1];
    diagnostics.error("time-not-ascending", rows.place(i),
                      same ? "the same time as the line before" : "time runs backwards",
                      same ? "if the clock is too coarse, set time_column = \"none\" and rate_hz"
                           : "split the file where the recording was restarted");
    return false;
  }
  return true;
}

// The mean step among those that are no gap: the median alone would be off by half of the clock's
// resolution.
double measured_period_s(const std::vector<double>& times_s) {
  std::vector<double> steps(times_s.size() - 1);
  for (size_t i = 0; i < steps.size(); ++i) steps[i] = times_s[i + 1] - times_s[i];
  const auto middle = steps.begin() + std::ptrdiff_t(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  const double longest = kGapSteps * *middle;
  double sum = 0;
  int64_t n = 0;
  for (double step : steps) {
    if (step <= longest) sum += step, ++n;
  }
  return sum / double(n);
}

// The rate of the rows, or nothing and an error.
std::optional<double> find_rate(const SampleRows& rows, const ReadOptions& options,
                                Diagnostics& diagnostics) {
  if (rows.times_s.size() < 2) {
    if (options.rate_hz > 0) return options.rate_hz;
    diagnostics.error("no-rate", rows.path,
                      "has no time column from which a rate could be measured",
                      "set data.rate_hz, or name the column in data.time_column");
    return std::nullopt;
  }
  const double measured_hz = 1 / measured_period_s(rows.times_s);
  if (options.rate_hz <= 0) return round_rate(measured_hz);
  if (std::abs(measured_hz / options.rate_hz - 1) <= kRateTolerance) return options.rate_hz;
  diagnostics.error(
      "wrong-rate", rows.path,
      "its times say " + number(measured_hz) + " Hz, rate_hz says " + number(options.rate_hz) +
          " Hz",
      "correct data.rate_hz, or the unit in the time column's name (time_ms, time_s)");
  return std::nullopt;
}

// What is known of the samples once gaps are found.
struct Findings {
  int64_t missing = 0;
  int64_t slots = 0;  // samples that the file's time span would hold
  size_t first_missing_row = 0;
  double jitter = 0;  // of a period, root mean square
};

bool row_is_whole(const SampleRows& rows, size_t row) {
  const size_t n = rows.axes.size();
  for (size_t a = 0; a < n; ++a) {
    if (!std::isfinite(rows.values[row * n + a])) return false;
  }
  return true;
}

// How many periods lie between a row and the one before, less one; also gathers jitter.
int64_t missing_before(const SampleRows& rows, size_t row, double rate_hz, double& square_sum) {
  if (row == 0 || rows.times_s.empty()) return 0;
  const double steps = (rows.times_s[row] - rows.times_s[row - 1]) * rate_hz;
  if (steps <= kGapSteps) {
    square_sum += (steps - 1) * (steps - 1);
    return 0;
  }
  return int64_t(std::llround(steps)) - 1;
}

void add_label(Recording& recording, const std::string& label, int64_t slot) {
  if (label.empty()) return;
  const double begin_s = double(slot) / recording.rate_hz,
               end_s = double(slot + 1) / recording.rate_hz;
  std::vector<LabelRange>& labels = recording.labels;
  const bool goes_on = !labels.empty() && labels.back().label == label &&
                       std::abs(labels.back().end_s - begin_s) < 0.5 / recording.rate_hz;
  if (goes_on) {
    labels.back().end_s = end_s;
  } else {
    labels.push_back({begin_s, end_s, label});
  }
}

// Stores whole rows, lists runs of missing ones. `slot` is a sample's place on the grid of the
// rate.
Findings store_rows(const SampleRows& rows, Recording& recording) {
  Findings found;
  double square_sum = 0;
  int64_t pending = 0, slot = 0;
  const size_t n_axes = rows.axes.size();
  for (size_t row = 0; row < rows.size(); ++row, ++slot) {
    const int64_t skipped = missing_before(rows, row, recording.rate_hz, square_sum);
    const bool whole = row_is_whole(rows, row);
    pending += skipped + !whole;
    slot += skipped;
    if ((skipped || !whole) && found.missing == 0) found.first_missing_row = row;
    found.missing += skipped + !whole;
    if (!rows.labels.empty()) add_label(recording, rows.labels[row], slot);
    if (!whole) continue;
    if (pending) recording.gaps.push_back({recording.size(), pending});
    pending = 0;
    const auto begin = rows.values.begin() + std::ptrdiff_t(row * n_axes);
    recording.values.insert(recording.values.end(), begin, begin + std::ptrdiff_t(n_axes));
  }
  found.slots = slot;
  if (rows.times_s.size() > 1)
    found.jitter = std::sqrt(square_sum / double(rows.times_s.size() - 1));
  return found;
}

void report(const SampleRows& rows, const Findings& found, const ReadOptions& options,
            Diagnostics& diagnostics) {
  if (found.missing) {
    const std::string place = rows.place(found.first_missing_row);
    const std::string what = std::to_string(found.missing) + " of " + std::to_string(found.slots) +
                             " samples are missing, the first here";
    if (options.missing == GapPolicy::kFail) {
      diagnostics.error("missing-samples", place, what,
                        "data.missing = \"fail\" does not allow it");
    } else {
      diagnostics.warn("missing-samples", place, what, "data.missing says what happens to them");
    }
  }
  if (found.jitter > kJitterWarned) {
    diagnostics.warn("jitter", rows.path,
                     "its time steps vary by " + number(std::round(found.jitter * 1000) / 10) +
                         " % of the period (root mean square)",
                     "samples are taken as evenly spaced; sample by a timer if you can");
  }
}

// Where each wanted axis stands among `known`; nothing and an error for a name that is not there.
std::optional<std::vector<size_t>> find_axes(const SampleRows& rows, const ReadOptions& options,
                                             Diagnostics& diagnostics) {
  std::vector<std::string> known;
  for (const Axis& axis : rows.axes) known.push_back(axis.name);
  std::vector<size_t> chosen(options.axes.empty() ? known.size() : 0);
  std::iota(chosen.begin(), chosen.end(), size_t{0});
  for (const std::string& name : options.axes) {
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      const std::string near = nearest(name, known);
      diagnostics.error("unknown-axis", rows.path, "has no axis \"" + name + "\"",
                        near.empty() ? "" : "did you mean \"" + near + "\"?");
      return std::nullopt;
    }
    chosen.push_back(size_t(found - known.begin()));
  }
  return chosen;
}

}  // namespace

void number_rows(SampleRows& rows) {
  rows.row_word = " row ";
  rows.numbers.resize(rows.axes.empty() ? 0 : rows.values.size() / rows.axes.size());
  std::iota(rows.numbers.begin(), rows.numbers.end(), int64_t{1});
}

double round_rate(double measured_hz, double tolerance) {
  const bool slow = measured_hz < 1;  // then people choose the period: "every 5 minutes"
  for (const bool by_period : {slow, !slow}) {
    for (int digits = 1; digits <= 3; ++digits) {
      const double hz =
          by_period ? 1 / rounded(1 / measured_hz, digits) : rounded(measured_hz, digits);
      if (std::abs(hz / measured_hz - 1) < tolerance) return hz;
    }
  }
  return rounded(measured_hz, 6);
}

std::optional<Recording> to_recording(const SampleRows& rows, const ReadOptions& options,
                                      Diagnostics& diagnostics) {
  if (!times_ascend(rows, diagnostics)) return std::nullopt;
  Recording recording;
  recording.name = recording_name(rows.path, options);
  recording.path = rows.path;
  recording.axes = rows.axes;
  if (rows.size() == 0) {
    diagnostics.error("no-samples", rows.path, "holds no samples", "delete the file");
    return std::nullopt;
  }
  const std::optional<double> rate_hz = find_rate(rows, options, diagnostics);
  if (!rate_hz) return std::nullopt;
  recording.rate_hz = *rate_hz;
  if (!rows.times_s.empty() &&
      (rows.times_s.back() - rows.times_s.front()) * *rate_hz > kMostSlots) {
    diagnostics.error("gap-too-long", rows.path, "its times span more than 100 million samples",
                      "split the file where the recording was interrupted");
    return std::nullopt;
  }
  if (rows.origin && !rows.times_s.empty())
    recording.start =
        DateTime{rows.origin->ns + std::llround(rows.times_s[0] * 1e9), rows.origin->has_zone};
  recording.values.reserve(rows.values.size());
  const Findings found = store_rows(rows, recording);
  report(rows, found, options, diagnostics);
  if (recording.values.empty()) {
    diagnostics.error("no-samples", rows.path, "each of its samples has a missing value",
                      "leave out the axis that was not recorded (data.axes)");
    return std::nullopt;
  }
  return recording;
}

bool apply_units(SampleRows& rows, const ReadOptions& options, Diagnostics& diagnostics) {
  if (options.units.empty()) return true;
  if (options.units.size() != rows.axes.size()) {
    diagnostics.error("wrong-units", rows.path,
                      std::to_string(options.units.size()) + " units are given for " +
                          std::to_string(rows.axes.size()) + " axes",
                      "give one in data.units for each of data.axes");
    return false;
  }
  for (size_t a = 0; a < rows.axes.size(); ++a) rows.axes[a].unit = options.units[a];
  return true;
}

bool choose_axes(SampleRows& rows, const ReadOptions& options, Diagnostics& diagnostics) {
  const auto chosen = find_axes(rows, options, diagnostics);
  if (!chosen) return false;
  std::vector<Axis> axes;
  for (size_t c : *chosen) axes.push_back(rows.axes[c]);
  std::vector<float> values;
  for (size_t row = 0; row < rows.values.size(); row += rows.axes.size()) {
    for (size_t c : *chosen) values.push_back(rows.values[row + c]);
  }
  rows.axes = std::move(axes);
  rows.values = std::move(values);
  return apply_units(rows, options, diagnostics);
}

double sample_time_s(const Recording& recording, int64_t index) {
  int64_t slot = index;
  for (const Gap& gap : recording.gaps) {
    if (gap.before <= index) slot += gap.missing;
  }
  return double(slot) / recording.rate_hz;
}

}  // namespace mote
