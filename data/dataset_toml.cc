// SPDX-License-Identifier: Apache-2.0
// DataOptions as the [data] part of mote.toml; keys that hold their default are left out. See
// dataset.h.
#include "data/dataset.h"

namespace mote {
namespace {

// A literal string where possible, so that the backslashes of patterns stand as they are.
std::string quoted(const std::string& text) {
  if (text.find('\\') != std::string::npos && text.find('\'') == std::string::npos)
    return "'" + text + "'";
  std::string result = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + "\"";
}

class TomlTable {
 public:
  void add(const std::string& key, const std::string& value) {
    if (!value.empty()) text_ += (text_.empty() ? "" : ", ") + key + " = " + quoted(value);
  }
  void add_raw(const std::string& key, const std::string& value) {
    text_ += (text_.empty() ? "" : ", ") + key + " = " + value;
  }
  std::string text() const { return "{ " + text_ + " }"; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

std::string list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + quoted(word);
  return "[" + text + "]";
}

std::string classes(const std::map<std::string, std::string>& rules) {
  std::vector<std::string> same;
  TomlTable table;
  for (const auto& [from, to] : rules) {
    if (from == to) same.push_back(from);
    table.add(quoted(from), to);
  }
  return same.size() == rules.size() ? list(same) : table.text();
}

std::string label(const LabelRule& rule) {
  TomlTable table;
  table.add("by", rule.by);
  table.add("pattern", rule.pattern);
  table.add("column", rule.column);
  table.add("file", rule.file);
  return table.text();
}

std::string group(const GroupRule& rule) {
  TomlTable table;
  table.add("by", rule.by);
  table.add("pattern", rule.pattern);
  if (rule.spread) table.add_raw("spread", "true");
  return table.text();
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

}  // namespace

std::string to_toml(const DataOptions& options) {
  std::string text = "[data]\n";
  const auto line = [&](const std::string& key, const std::string& value) {
    text += key + " = " + value + "\n";
  };
  const auto word = [&](const std::string& key, const std::string& value,
                        const std::string& usual) {
    if (value != usual) line(key, quoted(value));
  };
  line("recordings", quoted(options.recordings.generic_string()));
  word("test", options.test.generic_string(), "");
  word("format", options.format, "");
  if (options.rate_hz > 0) line("rate_hz", number(options.rate_hz));
  if (!options.axes.empty()) line("axes", list(options.axes));
  if (!options.units.empty()) line("units", list(options.units));
  word("time_column", options.time_column, "");
  if (!options.label.by.empty()) line("label", label(options.label));
  if (options.group.by != "none") line("group", group(options.group));
  word("merge", options.merge, "");
  word("missing", options.missing, "drop");
  if (!options.classes.empty()) line("classes", classes(options.classes));
  if (!options.without.empty()) line("without", list(options.without));
  return text;
}

}  // namespace mote
