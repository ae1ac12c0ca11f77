// SPDX-License-Identifier: Apache-2.0
// See check_data.h.
#include "project/check_data.h"

#include <algorithm>
#include <set>

namespace mote {
namespace {

std::set<std::string> classes_in(const Dataset& dataset, const std::vector<size_t>& recordings) {
  std::set<std::string> classes;
  for (size_t i : recordings) {
    const Recording& recording = dataset.recordings[i];
    if (!recording.label.empty()) classes.insert(recording.label);
    for (const LabelRange& range : recording.labels) classes.insert(range.label);
  }
  return classes;
}

void check_classes(const Config& config, const Dataset& dataset, Diagnostics& diagnostics) {
  if (dataset.classes.empty())
    diagnostics.error(
        "no-labels", config.data_place, "none of the recordings has a label",
        "put them into one folder a class, or say where labels are with label = { ... } in [data]");
  if (dataset.classes.size() == 1)
    diagnostics.error("one-class", config.data_place, "all labels are '" + dataset.classes[0] + "'",
                      "a classifier needs recordings of at least two classes");
}

// By group, chance may leave a class out of the test; by recording each class keeps its share.
std::string other_split(const Config& config, const Dataset& dataset, const std::string& name) {
  const auto n = std::count_if(dataset.recordings.begin(), dataset.recordings.end(),
                               [&](const Recording& r) { return r.label == name; });
  return config.split.by == "group" && config.data.group.by == "none" && n >= 2
             ? "split = { by = \"recording\" } in [data] keeps each class's share"
             : "record it again, or cut recordings in time with split = { by = \"time\" } in "
               "[data]";
}

// Not where every group is held out once: there a class may be in one group alone, and the pooled
// score says so. A test folder is the user's own choice: it must not hold every class.
void check_sides(const Config& config, const Data& data, Diagnostics& diagnostics) {
  if (config.split.by == "leave-one-group-out") return;
  const Split& split = data.folds.at(0);
  const std::set<std::string> train = classes_in(data.dataset, split.train),
                              test = classes_in(data.dataset, split.test);
  for (const std::string& name : data.dataset.classes) {
    const bool untested = !test.count(name) && config.split.by != "folder";
    if (train.count(name) && !untested) continue;
    diagnostics.error("too-few-recordings", config.data_place,
                      "class '" + name + "' has no recording to " +
                          (train.count(name) ? "test" : "train") + " with; the split is by " +
                          config.split.by,
                      other_split(config, data.dataset, name));
  }
  if (split.test.empty())
    diagnostics.error(
        "nothing-held-out", config.data_place, "the split leaves no recording to test with",
        "record more, or cut recordings in time with split = { by = \"time\" } in [data]");
}

bool never_changes(const Dataset& dataset, size_t axis) {
  const float first = dataset.recordings[0].values.at(axis);
  for (const Recording& recording : dataset.recordings)
    for (size_t i = axis; i < recording.values.size(); i += recording.axes.size())
      if (recording.values[i] != first) return false;
  return true;
}

void check_axes_change(const Config& config, const Dataset& dataset, Diagnostics& diagnostics) {
  const std::vector<Axis>& axes = dataset.recordings[0].axes;
  for (size_t a = 0; a < axes.size(); ++a)
    if (never_changes(dataset, a))
      diagnostics.error(
          "constant-axis", config.data_place,
          "axis '" + axes[a].name + "' has the same value in every sample of every recording",
          "was the sensor connected? Else leave it out: axes = [ ... ] in [data]");
}

}  // namespace

void check_data(const Config& config, const Data& data, Diagnostics& diagnostics) {
  check_classes(config, data.dataset, diagnostics);
  check_axes_change(config, data.dataset, diagnostics);
  diagnostics.stop_if_any();
  check_sides(config, data, diagnostics);
  diagnostics.stop_if_any();
}

}  // namespace mote
