// SPDX-License-Identifier: Apache-2.0
// Checks over a whole set. See dataset_checks.h.
#include "data/dataset_checks.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "data/readers/sample_rows.h"

namespace mote {
namespace {

constexpr size_t kMostShown = 5;
constexpr double kSameRate = 0.01;

std::string listed(const std::vector<Axis>& axes) {
  std::string text;
  for (const Axis& axis : axes) {
    text +=
        (text.empty() ? "" : ", ") + axis.name + (axis.unit.empty() ? "" : " [" + axis.unit + "]");
  }
  return text;
}

bool same_axis(const Axis& a, const Axis& b) { return a.name == b.name && a.unit == b.unit; }

// Adds at most kMostShown errors of one kind, then says how many more there are.
class LimitedErrors {
 public:
  LimitedErrors(std::string code, Diagnostics& diagnostics)
      : code_(std::move(code)), diagnostics_(diagnostics) {}
  void add(const std::string& place, std::string message, std::string remedy) {
    if (++n_ <= kMostShown) diagnostics_.error(code_, place, std::move(message), std::move(remedy));
  }
  void finish() {
    if (n_ <= kMostShown) return;
    diagnostics_.error(code_, "",
                       "the same holds for " + std::to_string(n_ - kMostShown) + " more files");
  }

 private:
  std::string code_;
  Diagnostics& diagnostics_;
  size_t n_ = 0;
};

double median_rate_hz(const std::vector<Recording>& recordings) {
  std::vector<double> rates;
  for (const Recording& recording : recordings) rates.push_back(recording.rate_hz);
  std::nth_element(rates.begin(), rates.begin() + std::ptrdiff_t(rates.size() / 2), rates.end());
  return rates[rates.size() / 2];
}

bool is_constant(const Recording& recording, size_t axis) {
  const size_t n_axes = recording.axes.size();
  for (size_t i = axis; i < recording.values.size(); i += n_axes) {
    if (recording.values[i] != recording.values[axis]) return false;
  }
  return recording.size() > 1;
}

std::string hz(double rate_hz) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g Hz", rate_hz);
  return text;
}

// Recordings and groups in which each class occurs.
struct Occurrence {
  int64_t n_recordings = 0;
  std::set<std::string> groups;
};

std::map<std::string, Occurrence> count_classes(const Dataset& dataset) {
  std::map<std::string, Occurrence> classes;
  for (const Recording& recording : dataset.recordings) {
    std::set<std::string> labels;
    if (!recording.label.empty()) labels.insert(recording.label);
    for (const LabelRange& range : recording.labels) labels.insert(range.label);
    for (const std::string& label : labels) {
      ++classes[label].n_recordings;
      classes[label].groups.insert(recording.group);
    }
  }
  return classes;
}

void check_labels(const Dataset& dataset, bool required, Diagnostics& diagnostics) {
  LimitedErrors errors("unlabelled", diagnostics);
  int64_t n_unlabelled = 0;
  for (const Recording& recording : dataset.recordings) {
    if (!recording.label.empty() || !recording.labels.empty()) continue;
    ++n_unlabelled;
    if (required) errors.add(recording.path, "has no label", "check data.label in mote.toml");
  }
  errors.finish();
  if (n_unlabelled && !required) {
    diagnostics.warn("unlabelled", "",
                     std::to_string(n_unlabelled) + " of " +
                         std::to_string(dataset.recordings.size()) + " recordings have no label",
                     "a classifier needs labels: set data.label");
  }
}

}  // namespace

void check_axes(const std::vector<Recording>& recordings, Diagnostics& diagnostics) {
  LimitedErrors errors("axes-differ", diagnostics);
  for (const Recording& recording : recordings) {
    const Recording& first = recordings.front();
    const bool same = std::equal(recording.axes.begin(), recording.axes.end(), first.axes.begin(),
                                 first.axes.end(), same_axis);
    if (same) continue;
    errors.add(recording.path,
               "its axes are " + listed(recording.axes) + ", those of " + first.path + " are " +
                   listed(first.axes),
               "choose common ones in data.axes; convert values where units differ");
  }
  errors.finish();
}

void unify_rates(std::vector<Recording>& recordings, Diagnostics& diagnostics) {
  if (recordings.empty()) return;
  const double rate_hz = round_rate(median_rate_hz(recordings));
  const auto differs = [&](const Recording& r) {
    return std::abs(r.rate_hz / rate_hz - 1) > kSameRate;
  };
  const auto usual = std::find_if_not(recordings.begin(), recordings.end(), differs);
  LimitedErrors errors("rates-differ", diagnostics);
  for (Recording& recording : recordings) {
    if (differs(recording)) {
      errors.add(recording.path,
                 "its rate is " + hz(recording.rate_hz) + ", that of " + usual->path + " is " +
                     hz(rate_hz),
                 "one model reads one rate: resample the file or leave it out");
    } else {
      recording.rate_hz = rate_hz;
    }
  }
  errors.finish();
}

void check_constant_axes(const std::vector<Recording>& recordings, Diagnostics& diagnostics) {
  if (recordings.empty()) return;
  for (size_t axis = 0; axis < recordings[0].axes.size(); ++axis) {
    size_t n = 0;
    const Recording* first = nullptr;
    for (const Recording& recording : recordings) {
      if (axis >= recording.axes.size() || !is_constant(recording, axis)) continue;
      if (n++ == 0) first = &recording;
    }
    if (!first) continue;
    diagnostics.warn(
        "constant-axis", first->path,
        "axis \"" + first->axes[axis].name + "\" never changes here" +
            (n == recordings.size() ? ", nor in any other recording"
                                    : " (so in " + std::to_string(n) + " of " +
                                          std::to_string(recordings.size()) + " recordings)"),
        n == recordings.size() ? "leave it out of data.axes" : "was the sensor connected?");
  }
}

void check_classes(const Dataset& dataset, bool required, Diagnostics& diagnostics) {
  check_labels(dataset, required, diagnostics);
  const auto classes = count_classes(dataset);
  if (classes.size() == 1) {
    diagnostics.warn("one-class", "", "all labels are \"" + classes.begin()->first + "\"",
                     "a classifier needs a second class; an anomaly score does not");
  }
  for (const auto& [label, found] : classes) {
    if (found.n_recordings > 1 && found.groups.size() > 1) continue;
    diagnostics.warn("few-recordings", "",
                     "class \"" + label + "\" occurs in " + std::to_string(found.n_recordings) +
                         " recordings of " + std::to_string(found.groups.size()) +
                         " groups: it cannot be both trained and tested",
                     "record it again, on another day or with another subject");
  }
}

}  // namespace mote
