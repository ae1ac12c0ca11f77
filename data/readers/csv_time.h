// SPDX-License-Identifier: Apache-2.0
// The time column of a text table: which one it is, in which unit, and its cells as seconds.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "data/date_time.h"
#include "data/readers/delimited.h"

namespace mote {

struct TimeColumn {
  size_t column = 0;
  ColumnName name;
};

// A column named time, timestamp, t, date, ... with or without a unit ("time_ms", "Time [s]"); -1
// when none is.
int find_time_column(const std::vector<ColumnName>& names);

struct RowTimes {
  std::vector<double> seconds;    // of each row, since the first
  std::optional<DateTime> first;  // where the column holds date-times
};

// Nothing and an error at the first cell that is neither number nor
// date-time. The unit is in the column's name; without one it is the one that fits `rate_hz` (0 =
// unknown: seconds, with a warning).
std::optional<RowTimes> parse_times(const Table& table, const TimeColumn& time, double rate_hz,
                                    const std::string& path, Diagnostics& diagnostics);

}  // namespace mote
