// SPDX-License-Identifier: Apache-2.0
// Reading the CSV of label ranges. See label_ranges.h.
#include "data/label_ranges.h"

#include <algorithm>
#include <array>

#include "data/cut.h"
#include "data/readers/delimited.h"
#include "data/readers/reader.h"

namespace mote {
namespace {

constexpr std::array<std::string_view, 4> kColumns = {"file", "begin", "end", "label"};

std::optional<std::array<size_t, 4>> find_columns(const Table& table, const std::string& path,
                                                  Diagnostics& diagnostics) {
  std::array<size_t, 4> columns = {};
  for (size_t i = 0; i < kColumns.size(); ++i) {
    const auto same = [&](std::string_view cell) {
      return lower(parse_column_name(cell).name) == kColumns[i];
    };
    const auto found = std::find_if(table.header.begin(), table.header.end(), same);
    if (found == table.header.end()) {
      diagnostics.error("label-ranges", place(path, 1),
                        "has no column \"" + std::string(kColumns[i]) + "\"",
                        "its first line must be: file,begin,end,label");
      return std::nullopt;
    }
    columns[i] = size_t(found - table.header.begin());
  }
  return columns;
}

Recording* find_recording(std::vector<Recording>& recordings, std::string_view name) {
  Recording* by_last_part = nullptr;
  int64_t n = 0;
  for (Recording& recording : recordings) {
    if (recording.name == name) return &recording;
    if (recording.name.substr(recording.name.rfind('/') + 1) == name)
      by_last_part = &recording, ++n;
  }
  return n == 1 ? by_last_part : nullptr;
}

// The diagnostic of one line, or nothing when it was added.
std::optional<Diagnostic> add_range(const std::array<std::string_view, 4>& cells, char separator,
                                    std::vector<Recording>& recordings) {
  const auto begin_s = parse_number(cells[1], separator), end_s = parse_number(cells[2], separator);
  const auto wrong = [](std::string what, std::string remedy) {
    return Diagnostic{"label-ranges", "", std::move(what), std::move(remedy)};
  };
  if (!begin_s || !end_s || *begin_s < 0 || *begin_s >= *end_s) {
    return wrong("begin and end are not seconds with 0 <= begin < end",
                 "count from the recording's start");
  }
  Recording* recording = find_recording(recordings, cells[0]);
  if (!recording) {
    std::vector<std::string> known;
    for (const Recording& r : recordings) known.push_back(r.name);
    const std::string near = nearest(cells[0], known);
    return wrong("there is no one recording \"" + std::string(cells[0]) + "\"",
                 near.empty() ? "" : "did you mean \"" + near + "\"?");
  }
  if (*begin_s >= duration_s(*recording)) {
    return wrong("begins after the end of \"" + recording->name + "\" (" +
                     std::to_string(duration_s(*recording)) + " s)",
                 "");
  }
  recording->labels.push_back(
      {*begin_s, std::min(*end_s, duration_s(*recording)), std::string(cells[3])});
  return std::nullopt;
}

void sort_and_check(Recording& recording, const std::string& path, Diagnostics& diagnostics) {
  std::vector<LabelRange>& labels = recording.labels;
  std::sort(labels.begin(), labels.end(),
            [](const LabelRange& a, const LabelRange& b) { return a.begin_s < b.begin_s; });
  for (size_t i = 1; i < labels.size(); ++i) {
    if (labels[i].begin_s >= labels[i - 1].end_s) continue;
    diagnostics.error("label-ranges", path,
                      "\"" + labels[i - 1].label + "\" and \"" + labels[i].label +
                          "\" overlap in \"" + recording.name + "\" at " +
                          std::to_string(labels[i].begin_s) + " s",
                      "a moment has one label");
  }
}

}  // namespace

void add_label_ranges(const std::filesystem::path& csv, std::vector<Recording>& recordings,
                      Diagnostics& diagnostics) {
  const auto text = read_bytes(csv, diagnostics);
  if (!text) return;
  const std::string path = csv.string();
  const Table table = split_table(*text, path, diagnostics);
  const auto columns = find_columns(table, path, diagnostics);
  if (!columns) return;
  for (size_t row = 0; row < table.n_rows(); ++row) {
    std::array<std::string_view, 4> cells;
    for (size_t i = 0; i < 4; ++i) cells[i] = table.cell(row, (*columns)[i]);
    const auto wrong = add_range(cells, table.separator, recordings);
    if (wrong)
      diagnostics.error(wrong->code, place(path, table.lines[row]), wrong->message, wrong->remedy);
  }
  for (Recording& recording : recordings) sort_and_check(recording, path, diagnostics);
}

}  // namespace mote
