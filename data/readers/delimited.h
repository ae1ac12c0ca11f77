// SPDX-License-Identifier: Apache-2.0
// Text tables: cells between commas, semicolons, tabs (or spaces, when all is numbers), one row a
// line. Strict: every row has as many cells as the first. In: the text. Out: views into it, with
// line numbers. Also numbers as they stand in cells.
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/diagnostics.h"

namespace mote {

// Cells are views into the text that was split, which must outlive the table.
struct Table {
  char separator = ',';
  size_t n_columns = 0;
  std::vector<std::string_view> header;  // empty: the first line holds numbers
  std::vector<std::string_view> cells;   // row * n_columns + column
  std::vector<int64_t> lines;            // line number of each row, from 1
  std::deque<std::string> unescaped;     // cells that held doubled quotes

  size_t n_rows() const { return lines.size(); }
  std::string_view cell(size_t row, size_t column) const { return cells[row * n_columns + column]; }
};

// Errors (rows of another length, an open quote) go to `diagnostics` with `path`:line.
Table split_table(std::string_view text, const std::string& path, Diagnostics& diagnostics);

std::string_view trim(std::string_view text);
std::string lower(std::string_view text);
std::string place(const std::string& path, int64_t line);  // "walk_3.csv:120"

// The whole cell as a finite number; nothing for "", "nan", "inf", text. `separator` ';' allows a
// decimal comma.
std::optional<double> parse_number(std::string_view cell, char separator = ',');

// "acc_x [m/s2]" or "acc_x (m/s2)": name and unit.
struct ColumnName {
  std::string name;
  std::string unit;
};
ColumnName parse_column_name(std::string_view header);

}  // namespace mote
