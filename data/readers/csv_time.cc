// SPDX-License-Identifier: Apache-2.0
// Time cells to seconds. See csv_time.h.
#include "data/readers/csv_time.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace mote {
namespace {

struct TimeUnit {
  std::string_view name;
  double seconds;
};
constexpr std::array<TimeUnit, 9> kTimeUnits = {{{"s", 1},
                                                 {"ms", 1e-3},
                                                 {"us", 1e-6},
                                                 {"ns", 1e-9},
                                                 {"sec", 1},
                                                 {"seconds", 1},
                                                 {"millis", 1e-3},
                                                 {"micros", 1e-6},
                                                 {"min", 60}}};

const TimeUnit* find_unit(std::string_view name) {
  for (const TimeUnit& unit : kTimeUnits) {
    if (unit.name == name) return &unit;
  }
  return nullptr;
}

// "time_ms" -> "time", "ms".
ColumnName split_unit(const ColumnName& column) {
  const std::string name = lower(column.name);
  if (find_unit(name)) return {name, name};  // "millis"
  const size_t at = name.rfind('_');
  if (at == std::string::npos || !find_unit(name.substr(at + 1))) return {name, lower(column.unit)};
  return {name.substr(0, at), name.substr(at + 1)};
}

double median_step(const std::vector<double>& times) {
  std::vector<double> steps;
  for (size_t i = 1; i < times.size(); ++i) steps.push_back(times[i] - times[i - 1]);
  if (steps.empty()) return 0;
  const auto middle = steps.begin() + std::ptrdiff_t(steps.size() / 2);
  std::nth_element(steps.begin(), middle, steps.end());
  return *middle;
}

// Seconds in one unit of the column.
double unit_seconds(const TimeColumn& time, const std::vector<double>& times, double rate_hz,
                    const std::string& path, Diagnostics& diagnostics) {
  const ColumnName column = split_unit(time.name);
  if (const TimeUnit* unit = find_unit(column.unit)) return unit->seconds;
  const double step = median_step(times);
  for (double seconds : {1.0, 1e-3, 1e-6, 1e-9}) {
    if (rate_hz > 0 && std::abs(step * seconds * rate_hz - 1) < 0.2) return seconds;
  }
  // 10 s between samples is more often 10 ms in a column whose unit nobody wrote down.
  if (step >= 2 && rate_hz <= 0) {
    diagnostics.warn("time-unit", place(path, 1),
                     "column \"" + time.name.name + "\" has no unit; taken as seconds",
                     "name it time_ms, or set data.rate_hz");
  }
  return 1;
}

std::optional<std::vector<double>> parse_numbers(const Table& table, const TimeColumn& time,
                                                 const std::string& path,
                                                 Diagnostics& diagnostics) {
  std::vector<double> times(table.n_rows());
  for (size_t row = 0; row < times.size(); ++row) {
    const auto value = parse_number(table.cell(row, time.column), table.separator);
    if (!value) {
      diagnostics.error("bad-time", place(path, table.lines[row]),
                        "\"" + std::string(table.cell(row, time.column)) + "\" is no time",
                        "write seconds, milliseconds (time_ms) or 2024-05-15 13:33:17.1");
      return std::nullopt;
    }
    times[row] = *value;
  }
  return times;
}

std::optional<RowTimes> parse_date_times(const Table& table, const TimeColumn& time,
                                         const std::string& path, Diagnostics& diagnostics) {
  RowTimes times;
  for (size_t row = 0; row < table.n_rows(); ++row) {
    const auto value = parse_date_time(table.cell(row, time.column));
    if (row == 0) times.first = value;
    if (value && value->has_zone == times.first->has_zone) {
      times.seconds.push_back(double(value->ns - times.first->ns) * 1e-9);
      continue;
    }
    diagnostics.error("bad-time", place(path, table.lines[row]),
                      "\"" + std::string(table.cell(row, time.column)) + "\" " +
                          (!value            ? "is no date and time"
                           : value->has_zone ? "has a zone, the first time has none"
                                             : "has no zone, the first time has one"),
                      "write all of them like 2024-05-15 13:33:17.1");
    return std::nullopt;
  }
  return times;
}

}  // namespace

int find_time_column(const std::vector<ColumnName>& names) {
  static const std::array<std::string_view, 9> known = {
      "time", "timestamp", "t", "date", "datetime", "date_time", "seconds", "millis", "ts"};
  for (size_t c = 0; c < names.size(); ++c) {
    const std::string name = split_unit(names[c]).name;
    if (std::count(known.begin(), known.end(), name)) return int(c);
  }
  return -1;
}

std::optional<RowTimes> parse_times(const Table& table, const TimeColumn& time, double rate_hz,
                                    const std::string& path, Diagnostics& diagnostics) {
  if (parse_date_time(table.cell(0, time.column)))
    return parse_date_times(table, time, path, diagnostics);
  auto times = parse_numbers(table, time, path, diagnostics);
  if (!times) return std::nullopt;
  const double seconds = unit_seconds(time, *times, rate_hz, path, diagnostics);
  const double first = times->front();
  for (double& t : *times) t = (t - first) * seconds;
  return RowTimes{std::move(*times), std::nullopt};
}

}  // namespace mote
