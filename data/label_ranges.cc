// SPDX-License-Identifier: Apache-2.0
// Reading the CSV of label ranges. See label_ranges.h.
#include "data/label_ranges.h"

#include <algorithm>
#include <array>
#include <map>

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

// What a line's `file` can name: recordings, and null for those that are left out.
class RecordingNames {
 public:
  RecordingNames(std::vector<Recording>& recordings, const std::set<std::string>& left_out) {
    for (const std::string& name : left_out) add(name, nullptr);
    for (Recording& recording : recordings) add(recording.name, &recording);
  }

  // By the whole name, or by a last part that no other has; nothing when there is no such one.
  std::optional<Recording*> find(const std::string& word) const {
    if (const auto whole = by_name_.find(word); whole != by_name_.end()) return whole->second;
    if (by_last_part_.count(word) != 1) return std::nullopt;
    return by_last_part_.find(word)->second;
  }

  std::string nearest_to(const std::string& word) const {
    std::vector<std::string> known;
    for (const auto& [name, recording] : by_name_)
      if (recording) known.push_back(name);
    return nearest(word, known);
  }

 private:
  void add(const std::string& name, Recording* recording) {
    by_name_[name] = recording;
    by_last_part_.emplace(name.substr(name.rfind('/') + 1), recording);
  }

  std::map<std::string, Recording*> by_name_;
  std::multimap<std::string, Recording*> by_last_part_;
};

// One cell: seconds, or date and time.
struct Moment {
  std::optional<double> s;
  std::optional<DateTime> clock;
};

using Cells = std::array<std::string_view, 4>;

struct Wrong {
  std::string what;
  std::string remedy;
};

std::optional<Wrong> read_moment(std::string_view cell, char separator, Moment& moment) {
  moment.s = parse_number(cell, separator);
  if (!moment.s) moment.clock = parse_date_time(cell);
  if (moment.s || moment.clock) return std::nullopt;
  return Wrong{"\"" + std::string(cell) + "\" is neither seconds nor a date and time",
               "write seconds from the recording's start, or 2024-05-01T10:00:00.5"};
}

// Do both ends, and the recording's time stamps, speak of one clock?
std::optional<Wrong> check_clocks(const Moment& begin, const Moment& end,
                                  const Recording& recording) {
  const std::string name = "\"" + recording.name + "\"";
  if (begin.s.has_value() != end.s.has_value())
    return Wrong{"one end is in seconds, the other a date and time", "write both the same way"};
  if (begin.s && recording.start)
    return Wrong{"begin and end are seconds, the time stamps of " + name + " are dates and times",
                 "write begin and end as its time stamps are: 2024-05-01T10:00:00.5"};
  if (begin.s) return std::nullopt;
  if (!recording.start)
    return Wrong{"begin and end are dates and times, " + name + " has no such time stamps",
                 "write seconds from the recording's start"};
  const bool zone = recording.start->has_zone;
  if (begin.clock->has_zone == zone && end.clock->has_zone == zone) return std::nullopt;
  return Wrong{std::string("begin and end must ") + (zone ? "" : "not ") +
                   "have a zone (Z, +01:00), as the time stamps of " + name +
                   (zone ? " have" : " have none"),
               "write both by one clock"};
}

double seconds_of(const Moment& moment, const Recording& recording) {
  return moment.s ? *moment.s : double(moment.clock->ns - recording.start->ns) * 1e-9;
}

// Adds the part of the range that lies in the recording, or says what is wrong with it. By the
// clock a range may begin before the recording; seconds count from its start.
std::optional<Wrong> add_to(Recording& recording, const Moment& begin, const Moment& end,
                            const std::string& label) {
  if (auto wrong = check_clocks(begin, end, recording)) return wrong;
  const double length_s = duration_s(recording);
  const double begin_s = seconds_of(begin, recording), end_s = seconds_of(end, recording);
  if (begin_s >= end_s || (begin.s && begin_s < 0))
    return Wrong{"begin and end are not 0 <= begin < end", "count from the recording's start"};
  if (end_s <= 0)
    return Wrong{"ends before the begin of \"" + recording.name + "\"", "does its date fit?"};
  if (begin_s >= length_s)
    return Wrong{
        "begins after the end of \"" + recording.name + "\" (" + std::to_string(length_s) + " s)",
        ""};
  recording.labels.push_back({std::max(0.0, begin_s), std::min(end_s, length_s), label});
  return std::nullopt;
}

// What is wrong with one line, or nothing when it was added.
std::optional<Wrong> add_range(const Cells& cells, char separator, const RecordingNames& names) {
  const std::string file(cells[0]);
  const std::optional<Recording*> recording = names.find(file);
  if (!recording) {
    const std::string near = names.nearest_to(file);
    return Wrong{"there is no one recording \"" + file + "\"",
                 near.empty() ? "" : "did you mean \"" + near + "\"?"};
  }
  if (!*recording) return std::nullopt;  // left out
  Moment begin, end;
  if (auto wrong = read_moment(cells[1], separator, begin)) return wrong;
  if (auto wrong = read_moment(cells[2], separator, end)) return wrong;
  return add_to(**recording, begin, end, std::string(cells[3]));
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
  const RecordingNames names(recordings, left_out);
  for (size_t row = 0; row < table.n_rows(); ++row) {
    Cells cells;
    for (size_t i = 0; i < 4; ++i) cells[i] = table.cell(row, (*columns)[i]);
    const auto wrong = add_range(cells, table.separator, names);
    if (wrong)
      diagnostics.error("label-ranges", place(path, table.lines[row]), wrong->what, wrong->remedy);
  }
  for (Recording& recording : recordings) sort_and_check(recording, path, diagnostics);
}

}  // namespace mote
