// SPDX-License-Identifier: Apache-2.0
// Splitting text into cells, and reading cells. See delimited.h.
#include "data/readers/delimited.h"

#include <charconv>
#include <cmath>

#include "data/date_time.h"

namespace mote {
namespace {

constexpr int kRaggedRowsShown = 5;

// The next line without its end; `text` shrinks by it.
std::string_view take_line(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The separator that occurs most outside quotes in the first line; spaces count only when nothing
// else is there.
char detect_separator(std::string_view line) {
  size_t commas = 0, semicolons = 0, tabs = 0;
  bool quoted = false;
  for (char c : line) {
    if (c == '"') quoted = !quoted;
    if (quoted) continue;
    commas += c == ',', semicolons += c == ';', tabs += c == '\t';
  }
  if (tabs && tabs >= commas && tabs >= semicolons) return '\t';
  // "1,5;2,5" is two cells with a decimal comma: a semicolon is never part of a number.
  if (semicolons) return ';';
  if (commas) return ',';
  const bool numbers = line.find_first_not_of("0123456789+-.eE ") == std::string_view::npos;
  return numbers && trim(line).find(' ') != std::string_view::npos ? ' ' : ',';
}

class LineSplitter {
 public:
  LineSplitter(Table& table, std::string place, Diagnostics& diagnostics)
      : table_(table), place_(std::move(place)), diagnostics_(diagnostics) {}

  std::vector<std::string_view> split(std::string_view line) {
    cells_.clear();
    if (table_.separator == ' ') return split_at_spaces(line);
    size_t at = 0;
    do at = take_cell(line, at);
    while (at <= line.size());
    return cells_;
  }

 private:
  std::vector<std::string_view> split_at_spaces(std::string_view line) {
    for (line = trim(line); !line.empty(); line = trim(line)) {
      const size_t end = std::min(line.find_first_of(" \t"), line.size());
      cells_.push_back(line.substr(0, end));
      line.remove_prefix(end);
    }
    return cells_;
  }

  // Adds the cell that begins at `at`; returns where the next one begins, past the end after the
  // last.
  size_t take_cell(std::string_view line, size_t at) {
    if (at < line.size() && line[at] == '"') return take_quoted(line, at + 1);
    const size_t end = std::min(line.find(table_.separator, at), line.size());
    cells_.push_back(trim(line.substr(at, end - at)));
    return end + 1;
  }

  size_t take_quoted(std::string_view line, size_t begin) {
    bool doubled = false;
    size_t end = begin;
    while (end < line.size() && (line[end] != '"' || line.substr(end, 2) == "\"\"")) {
      doubled |= line[end] == '"';
      end += line[end] == '"' ? 2 : 1;
    }
    const std::string_view inside = line.substr(begin, std::min(end, line.size()) - begin);
    const size_t next = line.find(table_.separator, std::min(end, line.size()));
    if (end >= line.size() || !trim(line.substr(end + 1, next - end - 1)).empty()) {
      diagnostics_.error("bad-quote", place_, "a quoted cell does not end before its separator",
                         "close it with \" and write a quote inside as \"\"");
    }
    cells_.push_back(doubled ? unescape(inside) : inside);
    return next == std::string_view::npos ? line.size() + 1 : next + 1;
  }

  std::string_view unescape(std::string_view inside) {
    std::string text;
    for (size_t i = 0; i < inside.size(); ++i) {
      text += inside[i];
      if (inside[i] == '"') ++i;
    }
    return table_.unescaped.emplace_back(std::move(text));
  }

  Table& table_;
  std::string place_;
  Diagnostics& diagnostics_;
  std::vector<std::string_view> cells_;
};

// A header names columns: no cell of it is a value. A first line of values and words
// ("0.1,0.2,walk") is data.
bool is_header(const std::vector<std::string_view>& cells, char separator) {
  bool words = false;
  for (std::string_view cell : cells) {
    const std::string word = lower(cell);
    if (word == "nan" || parse_number(cell, separator) || parse_date_time(cell)) return false;
    words |= !word.empty();
  }
  return words;
}

}  // namespace

Table split_table(std::string_view text, const std::string& path, Diagnostics& diagnostics) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  Table table;
  int ragged = 0;
  for (int64_t line_number = 1; !text.empty(); ++line_number) {
    const std::string_view line = take_line(text);
    if (trim(line).empty()) continue;
    const bool first = table.n_columns == 0;
    if (first) table.separator = detect_separator(line);
    const auto cells = LineSplitter(table, place(path, line_number), diagnostics).split(line);
    if (first) table.n_columns = cells.size();
    if (cells.size() != table.n_columns) {
      if (++ragged > kRaggedRowsShown) continue;
      diagnostics.error("ragged-row", place(path, line_number),
                        std::to_string(cells.size()) + " cells where the first line has " +
                            std::to_string(table.n_columns),
                        "mend or delete the line; the last one is often cut off by a power loss");
    } else if (first && is_header(cells, table.separator)) {
      table.header = cells;
    } else {
      table.cells.insert(table.cells.end(), cells.begin(), cells.end());
      table.lines.push_back(line_number);
    }
  }
  if (ragged > kRaggedRowsShown) {
    diagnostics.error("ragged-row", path, std::to_string(ragged) + " lines have a wrong length");
  }
  return table;
}

std::string_view trim(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
  }
  return result;
}

std::string place(const std::string& path, int64_t line) {
  return path + ":" + std::to_string(line);
}

std::optional<double> parse_number(std::string_view cell, char separator) {
  cell = trim(cell);
  if (cell.starts_with('+') && !cell.starts_with("+-")) cell.remove_prefix(1);
  std::string with_point;
  if (separator == ';' && cell.find(',') != std::string_view::npos) {
    with_point = cell;
    with_point[with_point.find(',')] = '.';
    cell = with_point;
  }
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  const bool whole = error == std::errc() && end == cell.data() + cell.size();
  return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

ColumnName parse_column_name(std::string_view header) {
  header = trim(header);
  for (const auto& [open, close] : {std::pair('[', ']'), std::pair('(', ')')}) {
    const size_t at = header.find(open);
    if (at == std::string_view::npos || !header.ends_with(close) || at == 0) continue;
    return {std::string(trim(header.substr(0, at))),
            std::string(trim(header.substr(at + 1, header.size() - at - 2)))};
  }
  return {std::string(header), ""};
}

}  // namespace mote
