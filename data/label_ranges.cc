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

// What a line's `file` can name.
struct Named {
  std::vector<Recording>& recordings;
  const std::set<std::string>& left_out;
};

// The one name that is `word` or ends in it; "" when there is none, or more than one.
std::string full_name(const Named& named, std::string_view word) {
  std::string by_last_part;
  int64_t n = 0;
  std::vector<std::string> names(named.left_out.begin(), named.left_out.end());
  for (const Recording& recording : named.recordings) names.push_back(recording.name);
  for (const std::string& name : names) {
    if (name == word) return name;
    if (name.substr(name.rfind('/') + 1) == word) by_last_part = name, ++n;
  }
  return n == 1 ? by_last_part : "";
}

// The diagnostic of one line, or nothing when it was added.
std::optional<Diagnostic> add_range(const std::array<std::string_view, 4>& cells, char separator,
                                    const Named& named) {
  const auto begin_s = parse_number(cells[1], separator), end_s = parse_number(cells[2], separator);
  const auto wrong = [](std::string what, std::string remedy) {
    return Diagnostic{"label-ranges", "", std::move(what), std::move(remedy)};
  };
  if (!begin_s || !end_s || *begin_s < 0 || *begin_s >= *end_s) {
    return wrong("begin and end are not seconds with 0 <= begin < end",
                 "count from the recording's start");
  }
  const std::string name = full_name(named, cells[0]);
  if (named.left_out.count(name)) return std::nullopt;
  const auto recording = std::find_if(named.recordings.begin(), named.recordings.end(),
                                      [&](const Recording& r) { return r.name == name; });
  if (recording == named.recordings.end()) {
    std::vector<std::string> known;
    for (const Recording& r : named.recordings) known.push_back(r.name);
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

void add_label_ranges(const std::filesystem::path& csv, const std::set<std::string>& left_out,
                      std::vector<Recording>& recordings, Diagnostics& diagnostics) {
  const auto text = read_bytes(csv, diagnostics);
  if (!text) return;
  const std::string path = csv.string();
  const Table table = split_table(*text, path, diagnostics);
  const auto columns = find_columns(table, path, diagnostics);
  if (!columns) return;
  for (size_t row = 0; row < table.n_rows(); ++row) {
    std::array<std::string_view, 4> cells;
    for (size_t i = 0; i < 4; ++i) cells[i] = table.cell(row, (*columns)[i]);
    const auto wrong = add_range(cells, table.separator, {recordings, left_out});
    if (wrong)
      diagnostics.error(wrong->code, place(path, table.lines[row]), wrong->message, wrong->remedy);
  }
  for (Recording& recording : recordings) sort_and_check(recording, path, diagnostics);
}

}  // namespace mote
