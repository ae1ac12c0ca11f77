// SPDX-License-Identifier: Apache-2.0
// Reading a whole set. See dataset.h.
#include "data/dataset.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "data/cut.h"
#include "data/dataset_checks.h"
#include "data/find_files.h"
#include "data/label_ranges.h"
#include "data/leave_out.h"
#include "data/merge.h"
#include "data/readers/reader.h"
#include "data/readers/sample_rows.h"

namespace mote {
namespace {

constexpr size_t kMostLabelsShown = 12;

void check_word(const std::string& key, const std::string& word,
                const std::vector<std::string>& known, Diagnostics& diagnostics) {
  if (std::count(known.begin(), known.end(), word)) return;
  const std::string near = nearest(word, known);
  std::string all;
  for (const std::string& k : known) all += (all.empty() ? "" : ", ") + (k.empty() ? "\"\"" : k);
  diagnostics.error("unknown-value", key, "\"" + word + "\" is none of: " + all,
                    near.empty() ? "" : "did you mean \"" + near + "\"?");
}

void check_options(const DataOptions& options, Diagnostics& diagnostics) {
  check_word("data.label.by", options.label.by,
             {"", "none", "folder", "file", "column", "ranges", "value"}, diagnostics);
  check_word("data.group.by", options.group.by, {"none", "folder", "file"}, diagnostics);
  check_word("data.missing", options.missing, {"drop", "hold", "interpolate", "fail"}, diagnostics);
  std::vector<std::string> formats = {""};
  for (const Reader& reader : readers()) formats.emplace_back(reader.format);
  check_word("data.format", options.format, formats, diagnostics);
  if (options.label.by == "column" && options.label.column.empty()) {
    diagnostics.error("missing-key", "data.label.column", "is not given",
                      "name the column that holds labels");
  }
  if (options.label.by == "ranges" && options.label.file.empty()) {
    diagnostics.error("missing-key", "data.label.file", "is not given",
                      "name the CSV of file,begin,end,label");
  }
  if (options.rate_hz < 0 || !std::isfinite(options.rate_hz)) {
    diagnostics.error("bad-rate", "data.rate_hz", "is no positive number");
  }
}

ReadOptions read_options(const DataOptions& options, const SourceFile& file) {
  ReadOptions read;
  read.name = file.name;
  read.rate_hz = options.rate_hz;
  read.axes = options.axes;
  read.units = options.units;
  read.time_column = options.time_column;
  read.label_column = options.label.by == "column" ? options.label.column : "";
  read.missing = options.missing == "fail" ? GapPolicy::kFail : GapPolicy::kDrop;
  return read;
}

// Sensors in separate files have axes of their own: data.axes then chooses after merging, not at
// reading.
std::vector<Recording> read_file(const DataOptions& options, const SourceFile& file,
                                 Diagnostics& diagnostics) {
  ReadOptions read = read_options(options, file);
  if (!file.merged.empty()) read.axes.clear(), read.units.clear();
  std::vector<Recording> recordings = read_recordings(file.path, options.format, read, diagnostics);
  const bool own_label = options.label.by.empty() || options.label.by == "value";
  for (Recording& recording : recordings) {
    if (!own_label || recording.label.empty()) recording.label = file.label;
    recording.group = file.group;
  }
  return recordings;
}

// One label over the whole recording is the recording's label.
void lift_label(Recording& recording) {
  if (recording.labels.size() != 1 || !recording.label.empty()) return;
  const LabelRange& only = recording.labels[0];
  const double tolerance_s = 0.5 / recording.rate_hz;
  if (only.begin_s > tolerance_s || only.end_s < duration_s(recording) - tolerance_s) return;
  recording.label = only.label;
  recording.labels.clear();
}

void choose_merged_axes(const DataOptions& options, Recording& recording, Diagnostics& diagnostics);

// Puts sensors that belong to one recording side by side; the first of them keeps its place.
std::vector<Recording> merge_parts(const DataOptions& options, std::vector<Recording> recordings,
                                   const std::vector<std::string>& merged_names,
                                   Diagnostics& diagnostics) {
  std::vector<Recording> result;
  for (size_t i = 0; i < recordings.size(); ++i) {
    if (merged_names[i].empty()) {
      result.push_back(std::move(recordings[i]));
      continue;
    }
    const auto begin = merged_names.begin();
    if (std::find(begin, begin + std::ptrdiff_t(i), merged_names[i]) != begin + std::ptrdiff_t(i))
      continue;
    std::vector<Recording> parts;
    for (size_t j = i; j < recordings.size(); ++j) {
      if (merged_names[j] == merged_names[i]) parts.push_back(recordings[j]);
    }
    result.push_back(merge_sensors(parts, diagnostics));
    result.back().name = merged_names[i];
    choose_merged_axes(options, result.back(), diagnostics);
  }
  return result;
}

void choose_merged_axes(const DataOptions& options, Recording& recording,
                        Diagnostics& diagnostics) {
  SampleRows rows;
  rows.path = recording.path;
  rows.axes = recording.axes;
  rows.values = std::move(recording.values);
  ReadOptions read;
  read.axes = options.axes;
  read.units = options.units;
  choose_axes(rows, read, diagnostics);
  recording.axes = std::move(rows.axes);
  recording.values = std::move(rows.values);
}

// Maps labels to classes; false when nothing of the recording is left.
bool map_classes(const DataOptions& options, Recording& recording) {
  if (options.classes.empty()) return true;
  const auto mapped = [&](std::string& label) {
    const auto found = options.classes.find(label);
    label = found == options.classes.end() ? "" : found->second;
    return !label.empty();
  };
  const bool by_range = !recording.labels.empty();
  if (!recording.label.empty()) return mapped(recording.label);
  std::vector<LabelRange> kept;
  for (LabelRange& range : recording.labels) {
    if (mapped(range.label)) kept.push_back(std::move(range));
  }
  recording.labels = std::move(kept);
  return !by_range || !recording.labels.empty();
}

void keep_classes(const DataOptions& options, std::vector<Recording>& recordings,
                  Diagnostics& diagnostics) {
  const size_t before = recordings.size();
  std::erase_if(recordings, [&](Recording& recording) { return !map_classes(options, recording); });
  if (recordings.size() == before) return;
  diagnostics.warn("class-left-out", options.recordings.string(),
                   std::to_string(before - recordings.size()) +
                       " recordings are left out: their label is not in data.classes");
}

void add_labels(const Recording& recording, std::set<std::string>& labels) {
  labels.insert(recording.label);
  for (const LabelRange& range : recording.labels) labels.insert(range.label);
}

// A label that data.classes names and nothing has is a slip of the pen; where groups are left out
// they may have had it.
void check_named_labels(const DataOptions& options, const std::set<std::string>& found,
                        Diagnostics& diagnostics) {
  if (options.classes_place.empty() || !options.without.empty()) return;
  const std::vector<std::string> known(found.begin(), found.end());
  std::string all;
  for (size_t i = 0; i < known.size() && i < kMostLabelsShown; ++i)
    all += (i == 0 ? "" : ", ") + known[i];
  if (known.size() > kMostLabelsShown) all += ", ...";
  for (const auto& [label, name] : options.classes) {
    if (found.count(label)) continue;
    const std::string near = nearest(label, known);
    diagnostics.error("unknown-label", options.classes_place,
                      "no recording has the label \"" + label + "\" that data.classes names",
                      near.empty() ? "the labels are: " + all : "did you mean \"" + near + "\"?");
  }
}

// A recording without a group becomes one, or is spread over the groups of the others: those of
// `groups`, which are left out, too, so that no block of it moves from one group to another.
std::vector<Recording> set_groups(const DataOptions& options, std::vector<Recording> recordings,
                                  std::set<std::string> groups, Diagnostics& diagnostics) {
  for (const Recording& recording : recordings) groups.insert(recording.group);
  groups.erase("");
  std::vector<Recording> result;
  for (Recording& recording : recordings) {
    if (options.group.by == "none") {
      recording.group = recording.name;
    } else if (recording.group.empty() && (!options.group.spread || groups.empty())) {
      diagnostics.error("no-group", recording.path, "data.group finds no group in its path",
                        "correct data.group.pattern, or set data.group.spread = true");
    } else if (recording.group.empty()) {
      auto group = groups.begin();
      for (Recording& block : cut_into_blocks(recording, int64_t(groups.size()))) {
        block.group = *group++;
        result.push_back(std::move(block));
      }
      continue;
    }
    result.push_back(std::move(recording));
  }
  return result;
}

std::vector<std::string> class_names(const std::vector<Recording>& recordings) {
  std::set<std::string> names;
  for (const Recording& recording : recordings) add_labels(recording, names);
  names.erase("");
  return {names.begin(), names.end()};
}

void check(Dataset& dataset, const DataOptions& options, Diagnostics& diagnostics) {
  if (dataset.recordings.empty() && diagnostics.errors().empty()) {
    diagnostics.error("no-recordings", options.recordings.string(), "no recording is left",
                      "check data.classes and data.without");
  }
  check_axes(dataset.recordings, diagnostics);
  check_constant_axes(dataset.recordings, diagnostics);
  if (options.label.by == "none") return;
  const bool required = !options.label.by.empty() && options.label.by != "ranges";
  check_classes(dataset, required, diagnostics);
}

}  // namespace

Dataset read_dataset(const DataOptions& options, Diagnostics& diagnostics) {
  check_options(options, diagnostics);
  std::vector<SourceFile> files = find_source_files(options, diagnostics);
  diagnostics.stop_if_any();
  LeftOut left_out = leave_out_files(files);
  std::set<std::string> labels;
  for (const SourceFile& file : files)
    if (file.other_class) labels.insert(file.label);
  std::erase_if(files, [](const SourceFile& file) { return file.other_class; });
  std::vector<Recording> recordings;
  std::vector<std::string> merged_names;
  for (const SourceFile& file : files) {
    for (Recording& recording : read_file(options, file, diagnostics)) {
      recordings.push_back(std::move(recording));
      merged_names.push_back(file.merged);
    }
  }
  if (!options.merge.empty()) {
    recordings = merge_parts(options, std::move(recordings), merged_names, diagnostics);
  }
  unify_rates(recordings, diagnostics);
  if (options.label.by == "ranges") {
    add_label_ranges(options.recordings / options.label.file, left_out.names, recordings,
                     diagnostics);
  }
  for (Recording& recording : recordings) {
    lift_label(recording);
    add_labels(recording, labels);
  }
  labels.erase("");
  check_named_labels(options, labels, diagnostics);
  keep_classes(options, recordings, diagnostics);
  Dataset dataset;
  dataset.recordings = set_groups(options, std::move(recordings), left_out.groups, diagnostics);
  leave_out_recordings(options, dataset.recordings, left_out, diagnostics);
  dataset.left_out = left_out.counts;
  dataset.classes = class_names(dataset.recordings);
  dataset.sha256 = hash_source_files(files);
  check(dataset, options, diagnostics);
  diagnostics.stop_if_any();
  return dataset;
}

int64_t class_index(const Dataset& dataset, const std::string& label) {
  const auto found = std::lower_bound(dataset.classes.begin(), dataset.classes.end(), label);
  return found != dataset.classes.end() && *found == label ? found - dataset.classes.begin() : -1;
}

}  // namespace mote
