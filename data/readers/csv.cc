// SPDX-License-Identifier: Apache-2.0
// Text tables to recordings: which column is time, label, axis; then their cells. See csv.h.
#include "data/readers/csv.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/readers/csv_time.h"
#include "data/readers/delimited.h"
#include "data/readers/sample_rows.h"

namespace mote {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
// A column filled in less than this share of the rows of the fullest one is a slower sensor, not a
// broken one.
constexpr double kSlowerSensor = 2.0 / 3;

struct Columns {
  std::vector<ColumnName> names;  // of every column
  int time = -1;
  int label = -1;
  std::vector<size_t> axes;
};

std::string listed(const std::vector<ColumnName>& names) {
  std::string text;
  for (const ColumnName& column : names) text += (text.empty() ? "" : ", ") + column.name;
  return text;
}

int find_column(const std::vector<ColumnName>& names, std::string_view name) {
  for (size_t c = 0; c < names.size(); ++c) {
    if (names[c].name == name) return int(c);
  }
  return -1;
}

// A column the user named: its number, or -1 and an error that proposes the nearest name.
int require_column(const std::vector<ColumnName>& names, const std::string& name,
                   const std::string& path, Diagnostics& diagnostics) {
  const int found = find_column(names, name);
  const auto same = [&](const ColumnName& column) { return column.name == name; };
  if (std::count_if(names.begin(), names.end(), same) > 1) {
    diagnostics.error("duplicate-column", place(path, 1), "has two columns \"" + name + "\"",
                      "rename one of them");
  } else if (found < 0) {
    std::vector<std::string> known;
    for (const ColumnName& column : names) known.push_back(column.name);
    const std::string near = nearest(name, known);
    diagnostics.error(
        "unknown-column", place(path, 1), "has no column \"" + name + "\"",
        near.empty() ? "its columns are: " + listed(names) : "did you mean \"" + near + "\"?");
  }
  return found;
}

// Without a header, data.axes names every column; "-" leaves one out.
bool name_columns(const Table& table, const ReadOptions& options, const std::string& path,
                  Columns& columns, Diagnostics& diagnostics) {
  for (std::string_view cell : table.header) columns.names.push_back(parse_column_name(cell));
  if (!table.header.empty()) return true;
  for (const std::string& name : options.axes) columns.names.push_back({name, ""});
  if (columns.names.size() == table.n_columns) return true;
  diagnostics.error("no-header", place(path, table.lines.front()),
                    "the file has no header and " + std::to_string(table.n_columns) +
                        " columns; data.axes names " + std::to_string(options.axes.size()),
                    "name each column in data.axes (\"-\" leaves one out)");
  return false;
}

bool holds_numbers(const Table& table, size_t column) {
  for (size_t row = 0; row < table.n_rows(); ++row) {
    const std::string_view cell = table.cell(row, column);
    if (!cell.empty() && lower(cell) != "nan")
      return parse_number(cell, table.separator).has_value();
  }
  return false;
}

void take_all_axes(const Table& table, const std::string& path, Columns& columns,
                   Diagnostics& diagnostics) {
  for (size_t c = 0; c < columns.names.size(); ++c) {
    if (int(c) == columns.time || int(c) == columns.label || columns.names[c].name == "-") continue;
    if (holds_numbers(table, c)) {
      columns.axes.push_back(c);
    } else {
      diagnostics.warn("column-ignored", place(path, 1),
                       "column \"" + columns.names[c].name + "\" holds no numbers",
                       "name the columns to use in data.axes");
    }
  }
}

bool find_columns(const Table& table, const ReadOptions& options, const std::string& path,
                  Columns& columns, Diagnostics& diagnostics) {
  const size_t errors = diagnostics.errors().size();
  if (!name_columns(table, options, path, columns, diagnostics)) return false;
  if (!options.label_column.empty()) {
    columns.label = require_column(columns.names, options.label_column, path, diagnostics);
  }
  if (options.time_column.empty()) {
    columns.time = find_time_column(columns.names);
  } else if (options.time_column != "none") {
    columns.time = require_column(columns.names, options.time_column, path, diagnostics);
  }
  if (options.axes.empty() || table.header.empty()) {
    take_all_axes(table, path, columns, diagnostics);
  } else {
    for (const std::string& name : options.axes) {
      const int found = require_column(columns.names, name, path, diagnostics);
      if (found >= 0) columns.axes.push_back(size_t(found));
    }
  }
  if (columns.axes.empty() && diagnostics.errors().size() == errors) {
    diagnostics.error("no-axes", path, "has no column of numbers besides time and label");
  }
  return diagnostics.errors().size() == errors;
}

// One column's cells as values; text that is no number counts as missing and is reported once.
std::vector<float> parse_column(const Table& table, size_t column, const std::string& path,
                                Diagnostics& diagnostics) {
  std::vector<float> values(table.n_rows(), kMissing);
  int64_t n_bad = 0;
  size_t first_bad = 0;
  for (size_t row = 0; row < table.n_rows(); ++row) {
    const std::string_view cell = table.cell(row, column);
    const auto value = parse_number(cell, table.separator);
    if (value) values[row] = float(*value);
    const bool known = value || cell.empty() || lower(cell) == "nan";
    if (!known && n_bad++ == 0) first_bad = row;
  }
  if (n_bad) {
    diagnostics.warn("not-a-number", place(path, table.lines[first_bad]),
                     "\"" + std::string(table.cell(first_bad, column)) + "\" is no number (" +
                         std::to_string(n_bad) + " such cells in column " +
                         std::to_string(column + 1) + "); taken as missing");
  }
  return values;
}

using ColumnValues = std::vector<std::vector<float>>;

int64_t n_filled(const std::vector<float>& column) {
  return std::count_if(column.begin(), column.end(), [](float x) { return std::isfinite(x); });
}

// Holds each value until the next; before the first one, the first.
void hold(std::vector<float>& column) {
  const auto first =
      std::find_if(column.begin(), column.end(), [](float x) { return std::isfinite(x); });
  float last = first == column.end() ? kMissing : *first;
  for (float& value : column) {
    if (std::isfinite(value)) last = value;
    value = last;
  }
}

// Sensors of different rates in one file: the slower columns are held. Returns which rows remain: a
// row in which only slower sensors have values is theirs alone, and no sample of the fast ones.
std::vector<bool> hold_slower_sensors(const Columns& columns, const std::string& path,
                                      ColumnValues& values, Diagnostics& diagnostics) {
  int64_t fullest = 0;
  for (const auto& column : values) fullest = std::max(fullest, n_filled(column));
  std::vector<bool> fast_here(values[0].size(), false), slow_here(values[0].size(), false);
  for (size_t a = 0; a < values.size(); ++a) {
    const int64_t filled = n_filled(values[a]);
    const bool slower = filled > 0 && double(filled) < kSlowerSensor * double(fullest);
    for (size_t row = 0; row < values[a].size(); ++row) {
      if (std::isfinite(values[a][row])) (slower ? slow_here : fast_here)[row] = true;
    }
    if (!slower) continue;
    hold(values[a]);
    diagnostics.warn("slower-sensor", path,
                     "column \"" + columns.names[columns.axes[a]].name + "\" has a value in " +
                         std::to_string(filled) + " rows where the fastest has " +
                         std::to_string(fullest) + "; taken as a slower sensor and held");
  }
  std::vector<bool> kept(fast_here.size());
  for (size_t row = 0; row < kept.size(); ++row) kept[row] = fast_here[row] || !slow_here[row];
  return kept;
}

SampleRows to_rows(const Table& table, const Columns& columns, const std::string& path,
                   Diagnostics& diagnostics) {
  SampleRows rows;
  rows.path = path;
  ColumnValues values;
  for (size_t column : columns.axes) {
    values.push_back(parse_column(table, column, path, diagnostics));
    rows.axes.push_back({columns.names[column].name, columns.names[column].unit});
  }
  const std::vector<bool> kept = hold_slower_sensors(columns, path, values, diagnostics);
  for (size_t row = 0; row < table.n_rows(); ++row) {
    if (!kept[row]) continue;
    rows.numbers.push_back(table.lines[row]);
    for (const auto& column : values) rows.values.push_back(column[row]);
    if (columns.label >= 0) rows.labels.emplace_back(table.cell(row, size_t(columns.label)));
  }
  return rows;
}

// Times of the rows that `rows` kept: those whose line number it has.
std::vector<double> kept_times(const std::vector<double>& times_s, const Table& table,
                               const SampleRows& rows) {
  std::vector<double> kept;
  for (size_t row = 0; row < times_s.size() && kept.size() < rows.size(); ++row) {
    if (table.lines[row] == rows.numbers[kept.size()]) kept.push_back(times_s[row]);
  }
  return kept;
}

}  // namespace

std::vector<Recording> read_csv(const std::filesystem::path& path, const ReadOptions& options,
                                Diagnostics& diagnostics) {
  const auto text = read_bytes(path, diagnostics);
  if (!text) return {};
  const size_t errors = diagnostics.errors().size();
  const std::string file = path.string();
  const Table table = split_table(*text, file, diagnostics);
  if (diagnostics.errors().size() != errors) return {};
  if (table.n_rows() == 0) {
    diagnostics.error("no-samples", file, "holds no samples", "delete the file");
    return {};
  }
  Columns columns;
  if (!find_columns(table, options, file, columns, diagnostics)) return {};
  SampleRows rows = to_rows(table, columns, file, diagnostics);
  if (columns.time >= 0) {
    const TimeColumn time = {size_t(columns.time), columns.names[size_t(columns.time)]};
    const auto times = parse_times(table, time, options.rate_hz, file, diagnostics);
    if (!times) return {};
    rows.times_s = kept_times(times->seconds, table, rows);
    rows.origin = times->first;
  }
  if (!apply_units(rows, options, diagnostics)) return {};
  auto recording = to_recording(rows, options, diagnostics);
  if (!recording) return {};
  return {std::move(*recording)};
}

}  // namespace mote
