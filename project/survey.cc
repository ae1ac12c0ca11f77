// SPDX-License-Identifier: Apache-2.0
// A look at a folder of recordings: names of all files, content of a few. See new_project.h.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <set>

#include "data/cut.h"
#include "data/find_files.h"
#include "data/readers/delimited.h"
#include "data/readers/reader.h"
#include "project/new_project.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFilesRead = 24;
constexpr size_t kLabelsShown = 12;

const std::vector<std::string> kTrainNames{"train", "training"};
const std::vector<std::string> kTestNames{"test", "testing", "held-out", "held_out"};
const std::vector<std::string> kLabelColumns{"label",  "labels",    "class",   "activity",
                                             "target", "behaviour", "behavior"};

fs::path subfolder(const fs::path& folder, const std::vector<std::string>& names) {
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const std::string name = lower(entry.path().filename().string());
    if (entry.is_directory() && std::find(names.begin(), names.end(), name) != names.end())
      return entry.path();
  }
  return {};
}

// train/ and test/ side by side are a split that somebody made; .ts archives name files so.
void find_held_out(const fs::path& folder, DataOptions& data) {
  data.recordings = folder;
  if (!fs::is_directory(folder)) return;
  const fs::path train = subfolder(folder, kTrainNames), test = subfolder(folder, kTestNames);
  if (!test.empty()) data.test = test;
  if (!train.empty() && !test.empty()) data.recordings = train;
}

std::string format_of(const SourceFile& file) {
  const Reader* reader = find_reader(file.path, "");
  return reader ? std::string(reader->format) : "";
}

std::vector<SourceFile> files_with(DataOptions data, const std::string& label_by) {
  Diagnostics ignored;
  data.label = {label_by, "", "", ""};
  return find_source_files(data, ignored);
}

// A column of the first table that is called like a label.
std::string label_column(const SourceFile& file) {
  std::ifstream in(file.path, std::ios::binary);
  std::string line;
  std::getline(in, line);
  Diagnostics ignored;
  const Table table = split_table(line + "\n", file.path.string(), ignored);
  for (const std::string_view cell : table.header) {
    const std::string name = parse_column_name(cell).name;
    if (std::find(kLabelColumns.begin(), kLabelColumns.end(), lower(name)) != kLabelColumns.end())
      return name;
  }
  return "";
}

// How often each label is found; empty when the rule finds one label, or a new one for every file.
std::map<std::string, int64_t> label_counts(const std::vector<SourceFile>& files) {
  std::map<std::string, int64_t> counts;
  for (const SourceFile& file : files) ++counts[file.label];
  const bool useful = counts.size() >= 2 && !counts.count("") && counts.size() * 2 <= files.size();
  return useful ? counts : std::map<std::string, int64_t>{};
}

void take_labels(const std::map<std::string, int64_t>& counts, Survey& out) {
  out.fewest_of_a_label = INT64_MAX;
  for (const auto& [label, n] : counts) {
    if (out.labels.size() < kLabelsShown) out.labels.push_back(label);
    out.fewest_of_a_label = std::min(out.fewest_of_a_label, n);
  }
}

void find_labels(const std::vector<SourceFile>& files, Survey& out) {
  out.fewest_of_a_label = 2;
  if (out.formats == std::vector<std::string>{"ts"}) {
    out.data.label.by = "value";
    return;
  }
  std::map<std::string, int64_t> by_folder;
  for (const SourceFile& file : files_with(out.data, "folder")) ++by_folder[file.label];
  if (by_folder.size() >= 2 && !by_folder.count("")) {
    out.data.label.by = "folder";
    return take_labels(by_folder, out);
  }
  if (const auto by_file = label_counts(files_with(out.data, "file")); !by_file.empty()) {
    out.data.label.by = "file";
    return take_labels(by_file, out);
  }
  if (format_of(files[0]) != "csv") return;
  out.data.label.column = label_column(files[0]);
  if (out.data.label.column.empty()) return;
  out.data.label.by = "column";
  out.fewest_of_a_label = int64_t(files.size());
}

// "label_subject_take.wav", or label/subject/take.csv: the subject, if it has files of more than
// one label.
void find_groups(const std::vector<SourceFile>& files, Survey& out) {
  const std::vector<GroupRule> rules{{"folder", "^[^/]+/([^/]+)", false},
                                     {"file", R"(^[^_.]+_([^_.]+)_)", false}};
  const size_t first = out.data.label.by == "folder" ? 0 : 1;
  if (out.data.label.by != "folder" && out.data.label.by != "file") return;
  DataOptions data = out.data;
  data.group = rules[first];
  Diagnostics ignored;
  std::map<std::string, std::set<std::string>> labels;
  for (const SourceFile& file : find_source_files(data, ignored))
    labels[file.group].insert(file.label);
  const bool mixed =
      std::all_of(labels.begin(), labels.end(), [](const auto& g) { return g.second.size() >= 2; });
  if (labels.count("") || labels.size() < 2 || !mixed || labels.size() * 2 > files.size()) return;
  out.data.group = rules[first];
}

// Names for the columns of a table without a header: axis_1, axis_2, ...
std::vector<std::string> column_names(const SourceFile& file) {
  std::ifstream in(file.path, std::ios::binary);
  std::string line;
  std::getline(in, line);
  Diagnostics ignored;
  const Table table = split_table(line + "\n", file.path.string(), ignored);
  std::vector<std::string> names;
  if (table.header.empty())
    for (size_t i = 1; i <= table.n_columns; ++i) names.push_back("axis_" + std::to_string(i));
  return names;
}

bool only_lacks_rate(const Diagnostics& found) {
  return !found.errors().empty() &&
         std::all_of(found.errors().begin(), found.errors().end(),
                     [](const Diagnostic& d) { return d.code == "no-rate"; });
}

std::vector<Recording> read_one(const Survey& out, const SourceFile& file, double rate_hz,
                                Diagnostics& found) {
  ReadOptions read;
  read.name = file.name;
  read.rate_hz = rate_hz;
  read.label_column = out.data.label.column;
  read.axes = out.data.axes;
  return read_recordings(file.path, "", read, found);
}

// The content of a few files, evenly over the list. Where no file says its rate, lengths are in
// samples.
void read_some(const std::vector<SourceFile>& files, Survey& out) {
  std::vector<Recording> recordings;
  const size_t step = (files.size() + kFilesRead - 1) / kFilesRead;
  bool rate_known = true;
  if (format_of(files[0]) == "csv") out.data.axes = column_names(files[0]);
  for (size_t i = 0; i < files.size(); i += step) {
    Diagnostics found;
    std::vector<Recording> read = read_one(out, files[i], out.data.rate_hz, found);
    if (only_lacks_rate(found)) {
      rate_known = false;
      found = {};
      read = read_one(out, files[i], 1, found);
    }
    found.stop_if_any();  // one file is enough to learn from
    for (Recording& recording : read) recordings.push_back(std::move(recording));
  }
  if (recordings.empty())
    fail("no-recordings", out.data.recordings.string(), "no recording could be read");
  out.axes = recordings[0].axes;
  out.rate_hz = rate_known ? recordings[0].rate_hz : 0;
  out.shortest_s = out.longest_s = duration_s(recordings[0]);
  for (const Recording& recording : recordings) {
    out.shortest_s = std::min(out.shortest_s, duration_s(recording));
    out.longest_s = std::max(out.longest_s, duration_s(recording));
  }
  out.audio = out.axes.size() == 1 && out.axes[0].unit == "FS";
}

}  // namespace

Survey survey(const fs::path& folder, double rate_hz, Diagnostics& diagnostics) {
  if (!fs::exists(folder))
    fail("no-recordings", folder.string(), "there is no such folder",
         "name the recordings with --data");
  Survey out;
  find_held_out(folder, out.data);
  out.data.rate_hz = rate_hz;
  const std::vector<SourceFile> files = find_source_files(out.data, diagnostics);
  diagnostics.stop_if_any();
  out.files = int64_t(files.size());
  std::set<std::string> formats;
  for (const SourceFile& file : files) formats.insert(format_of(file));
  out.formats = {formats.begin(), formats.end()};
  find_labels(files, out);
  find_groups(files, out);
  read_some(files, out);
  if (out.data.label.by.empty() && out.formats != std::vector<std::string>{"ts"})
    diagnostics.warn("unlabelled", folder.string(),
                     "no labels were found in folders, file names or columns",
                     "fill in label = { ... } in mote.toml");
  if (out.rate_hz <= 0)
    diagnostics.warn("no-rate", folder.string(),
                     "the files do not say how many samples a second they hold",
                     "fill in rate_hz in mote.toml, or give --rate");
  return out;
}

}  // namespace mote
