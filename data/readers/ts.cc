// SPDX-License-Identifier: Apache-2.0
// The header lines ("@classLabel true walk run") and data lines of a .ts file. See ts.h.
#include "data/readers/ts.h"

#include <algorithm>
#include <limits>

#include "data/readers/delimited.h"
#include "data/readers/npy.h"
#include "data/readers/sample_rows.h"

namespace mote {
namespace {

struct TsHeader {
  int64_t n_axes = 0;  // 0 = as the first line has
  int64_t length = 0;  // 0 = not said, or not all equal
  bool equal_length = false;
  bool labelled = false;
  std::vector<std::string> classes;
};

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at <= text.size();) {
    const size_t end = std::min(text.find(separator, at), text.size());
    parts.push_back(trim(text.substr(at, end - at)));
    at = end + 1;
  }
  return parts;
}

class TsParser {
 public:
  TsParser(std::string path, const ReadOptions& options, Diagnostics& diagnostics)
      : path_(std::move(path)), options_(options), diagnostics_(diagnostics) {}

  std::vector<Recording> parse(std::string_view text) {
    bool in_data = false;
    for (line_ = 1; !text.empty() && !stopped_; ++line_) {
      const size_t end = std::min(text.find('\n'), text.size());
      const std::string_view line = trim(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
      if (line.empty() || line[0] == '#') continue;
      if (lower(line) == "@data") {
        in_data = true;
      } else if (in_data) {
        add_recording(line);
      } else {
        add_header_line(line);
      }
    }
    if (!stopped_ && recordings_.empty()) stop("no-samples", "holds no recordings after @data");
    return stopped_ ? std::vector<Recording>{} : std::move(recordings_);
  }

 private:
  void stop(std::string code, std::string message, std::string remedy = "") {
    diagnostics_.error(std::move(code), place(path_, line_), std::move(message), std::move(remedy));
    stopped_ = true;
  }

  void add_header_line(std::string_view line) {
    std::vector<std::string_view> words = split(line, ' ');
    words.erase(std::remove(words.begin(), words.end(), std::string_view()), words.end());
    const std::string key = lower(words[0]);
    const std::string value = words.size() > 1 ? lower(words[1]) : "";
    if (line[0] != '@') return stop("ts-header", "neither a header line (@...) nor a comment (#)");
    if (key == "@timestamps" && value == "true") {
      return stop("ts-timestamps", "series with time stamps cannot be read",
                  "use the form without them");
    }
    if (key == "@targetlabel" && value == "true") {
      return stop("ts-target", "a number to predict (@targetLabel) cannot be read",
                  "use a classification set");
    }
    if (key == "@dimensions" || key == "@dimension") header_.n_axes = to_count(value);
    if (key == "@univariate" && value == "true") header_.n_axes = 1;
    if (key == "@serieslength") header_.length = to_count(value);
    if (key == "@equallength") header_.equal_length = value == "true";
    if (key == "@classlabel") {
      header_.labelled = value == "true";
      header_.classes.assign(
          words.begin() + std::min<std::ptrdiff_t>(2, std::ptrdiff_t(words.size())), words.end());
    }
  }

  int64_t to_count(std::string_view text) {
    const auto number = parse_number(text);
    if (number && *number >= 1 && *number <= 1e6) return int64_t(*number);
    stop("ts-header", "\"" + std::string(text) + "\" is no count");
    return 0;
  }

  void add_recording(std::string_view line) {
    std::vector<std::string_view> series = split(line, ':');
    std::string label;
    if (header_.labelled) {
      label = series.back();
      series.pop_back();
      const bool known = std::count(header_.classes.begin(), header_.classes.end(), label);
      if (!known) return stop("ts-class", "class \"" + label + "\" is not in @classLabel");
    }
    if (header_.n_axes == 0) header_.n_axes = int64_t(series.size());
    if (int64_t(series.size()) != header_.n_axes || series.empty()) {
      return stop("ts-dimensions", std::to_string(series.size()) + " series where " +
                                       std::to_string(header_.n_axes) + " are expected");
    }
    const auto rows = to_rows(series);
    if (!rows) return;
    ReadOptions options = options_;
    options.name = recording_name(path_, options_) + "#" + std::to_string(recordings_.size() + 1);
    auto recording = to_recording(*rows, options, diagnostics_);
    if (!recording) {
      stopped_ = true;
      return;
    }
    recording->name = options.name;
    recording->label = label;
    recordings_.push_back(std::move(*recording));
  }

  // Series one after another to rows of samples.
  std::optional<SampleRows> to_rows(const std::vector<std::string_view>& series) {
    SampleRows rows;
    rows.path = path_;
    rows.axes = name_axes(series.size(), options_);
    size_t length = 0;
    for (size_t a = 0; a < series.size(); ++a) {
      const auto cells = split(series[a], ',');
      if (a == 0) length = cells.size(), rows.values.resize(length * series.size());
      if (!length_fits(cells.size(), length)) return std::nullopt;
      for (size_t i = 0; i < cells.size(); ++i) {
        const auto value = parse_cell(cells[i]);
        if (!value) return std::nullopt;
        rows.values[i * series.size() + a] = *value;
      }
    }
    number_rows(rows);
    rows.row_word = ":" + std::to_string(line_) + " sample ";
    if (!choose_axes(rows, options_, diagnostics_)) stopped_ = true;
    return stopped_ ? std::nullopt : std::optional(std::move(rows));
  }

  bool length_fits(size_t length, size_t first_series) {
    if (header_.equal_length && header_.length == 0) header_.length = int64_t(length);
    const size_t said = header_.equal_length ? size_t(header_.length) : first_series;
    if (length == said && length == first_series) return true;
    stop("ts-length",
         std::to_string(length) + " values where " + std::to_string(said) + " are expected",
         "mend the line, or set @equalLength false if recordings differ");
    return false;
  }

  std::optional<float> parse_cell(std::string_view cell) {
    if (cell == "?" || lower(cell) == "nan") return std::numeric_limits<float>::quiet_NaN();
    const auto value = parse_number(cell);
    if (value) return float(*value);
    stop("not-a-number", "\"" + std::string(cell.substr(0, 40)) + "\" is no number");
    return std::nullopt;
  }

  std::string path_;
  const ReadOptions& options_;
  Diagnostics& diagnostics_;
  TsHeader header_;
  std::vector<Recording> recordings_;
  int64_t line_ = 0;
  bool stopped_ = false;
};

}  // namespace

std::vector<Recording> read_ts(const std::filesystem::path& path, const ReadOptions& options,
                               Diagnostics& diagnostics) {
  const auto text = read_bytes(path, diagnostics);
  if (!text) return {};
  return TsParser(path.string(), options, diagnostics).parse(*text);
}

}  // namespace mote
