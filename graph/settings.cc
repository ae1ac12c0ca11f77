// SPDX-License-Identifier: Apache-2.0
// Settings over toml++. The only file that sees the library. See settings.h.
#include "graph/settings.h"

#define TOML_HEADER_ONLY 0
#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

namespace mote {

struct Settings::Table {
  std::shared_ptr<const toml::table> root;  // keeps `table` alive
  const toml::table* table = nullptr;       // null: the table is absent
  std::string file;
  std::string path;  // "data.label", for messages
  Diagnostics* diagnostics = nullptr;
  std::set<std::string> asked;
  std::vector<std::shared_ptr<Table>> children;

  std::string place(const toml::node* node) const {
    return node ? file + ":" + std::to_string(node->source().begin.line) : file;
  }
  const toml::node* find(const std::string& key) {
    asked.insert(key);
    return table ? table->get(key) : nullptr;
  }
  void wrong(const toml::node& node, const std::string& key, const std::string& wanted) {
    diagnostics->error("wrong-value", place(&node), "'" + key + "' must be " + wanted);
  }
  std::shared_ptr<Table> child(const toml::table* found, const std::string& key) {
    auto made = std::make_shared<Table>();
    made->root = root;
    made->table = found;
    made->file = file;
    made->path = path.empty() ? key : path + "." + key;
    made->diagnostics = diagnostics;
    children.push_back(made);
    return made;
  }
};

namespace {

std::optional<double> finite(const toml::node& node) {
  if (!node.is_number()) return std::nullopt;
  const auto value = node.value<double>();
  return value && std::isfinite(*value) ? value : std::nullopt;
}

template <class T, class Read>
std::vector<T> list(Settings::Table& table, const std::string& key, const std::string& wanted,
                    Read read) {
  std::vector<T> out;
  const toml::node* node = table.find(key);
  if (!node) return out;
  if (!node->is_array()) {
    table.wrong(*node, key, "a list of " + wanted);
    return out;
  }
  for (const toml::node& item : *node->as_array()) {
    const std::optional<T> value = read(item);
    if (value)
      out.push_back(*value);
    else
      table.wrong(item, key, "a list of " + wanted);
  }
  return out;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

Settings Settings::parse(std::string_view text, const std::string& name, Diagnostics& diagnostics) {
  auto table = std::make_shared<Table>();
  try {
    table->root = std::make_shared<const toml::table>(toml::parse(text, name));
  } catch (const toml::parse_error& error) {
    fail("not-toml", name + ":" + std::to_string(error.source().begin.line),
         std::string(error.description()), "the file must be TOML");
  }
  table->table = table->root.get();
  table->file = name;
  table->diagnostics = &diagnostics;
  return Settings(table);
}

Settings Settings::read(const std::filesystem::path& path, Diagnostics& diagnostics) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot-read", path.string(), "the file cannot be read", "check the path");
  std::ostringstream text;
  text << file.rdbuf();
  return parse(text.str(), path.string(), diagnostics);
}

bool Settings::has(const std::string& key) const {
  table_->asked.insert(key);
  return table_->table && table_->table->contains(key);
}

bool Settings::is_list(const std::string& key) const {
  return has(key) && table_->table->get(key)->is_array();
}

bool Settings::is_table(const std::string& key) const {
  return has(key) && table_->table->get(key)->is_table();
}

void Settings::reject(const std::string& key, const std::string& wanted) {
  const toml::node* node = table_->find(key);
  MOTE_ASSERT(node);
  table_->wrong(*node, key, wanted);
}

std::string Settings::text(const std::string& key, std::string fallback) {
  const toml::node* node = table_->find(key);
  if (!node) return fallback;
  if (const auto value = node->value_exact<std::string>()) return *value;
  table_->wrong(*node, key, "text in quotes");
  return fallback;
}

double Settings::number(const std::string& key, double fallback) {
  const toml::node* node = table_->find(key);
  if (!node) return fallback;
  if (const auto value = finite(*node)) return *value;
  table_->wrong(*node, key, "a finite number");
  return fallback;
}

double Settings::number_in(const std::string& key, double fallback, double low, double high) {
  const double value = number(key, fallback);
  if (value >= low && value <= high) return value;
  std::ostringstream wanted;
  wanted << "from " << low << " to " << high << ", not " << value;
  table_->wrong(*table_->find(key), key, wanted.str());
  return fallback;
}

int64_t Settings::integer(const std::string& key, int64_t fallback) {
  const toml::node* node = table_->find(key);
  if (!node) return fallback;
  if (const auto value = node->value_exact<int64_t>()) return *value;
  table_->wrong(*node, key, "a whole number");
  return fallback;
}

int64_t Settings::integer_in(const std::string& key, int64_t fallback, int64_t low, int64_t high) {
  const int64_t value = integer(key, fallback);
  if (value >= low && value <= high) return value;
  table_->wrong(*table_->find(key), key,
                "from " + std::to_string(low) + " to " + std::to_string(high) + ", not " +
                    std::to_string(value));
  return fallback;
}

bool Settings::flag(const std::string& key, bool fallback) {
  const toml::node* node = table_->find(key);
  if (!node) return fallback;
  if (const auto value = node->value_exact<bool>()) return *value;
  table_->wrong(*node, key, "true or false");
  return fallback;
}

std::vector<std::string> Settings::texts(const std::string& key) {
  return list<std::string>(*table_, key, "texts in quotes",
                           [](const toml::node& n) { return n.value_exact<std::string>(); });
}
std::vector<double> Settings::numbers(const std::string& key) {
  return list<double>(*table_, key, "numbers", [](const toml::node& n) { return finite(n); });
}
std::vector<int64_t> Settings::integers(const std::string& key) {
  return list<int64_t>(*table_, key, "whole numbers",
                       [](const toml::node& n) { return n.value_exact<int64_t>(); });
}

std::string Settings::choice(const std::string& key, std::string fallback,
                             const std::vector<std::string>& choices) {
  const std::string value = text(key, fallback);
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  const std::string near = nearest(value, choices);
  table_->diagnostics->error(
      "unknown-choice", place(key), "'" + key + "' cannot be '" + value + "'",
      near.empty() ? "use one of " + join(choices) : "did you mean '" + near + "'?");
  return fallback;
}

std::optional<Attribute> Settings::any(const std::string& key) {
  const toml::node* node = table_->find(key);
  if (!node) return std::nullopt;
  if (node->is_boolean()) return Attribute(int64_t{*node->value_exact<bool>()});
  if (node->is_integer()) return Attribute(*node->value_exact<int64_t>());
  if (node->is_string()) return Attribute(*node->value_exact<std::string>());
  if (node->is_array()) return Attribute(numbers(key));
  if (const auto value = finite(*node)) return Attribute(*value);
  table_->wrong(*node, key, "a number, text, true, false or a list of numbers");
  return std::nullopt;
}

Settings Settings::table(const std::string& key) {
  const toml::node* node = table_->find(key);
  if (node && !node->is_table()) table_->wrong(*node, key, "a table, written [" + key + "]");
  return Settings(table_->child(node ? node->as_table() : nullptr, key));
}

std::vector<Settings> Settings::tables(const std::string& key) {
  std::vector<Settings> all;
  const toml::node* node = table_->find(key);
  if (!node) return all;
  if (!node->is_array_of_tables()) {
    table_->wrong(*node, key, "a list of tables, each written [[" + key + "]]");
    return all;
  }
  for (const toml::node& item : *node->as_array())
    all.push_back(Settings(table_->child(item.as_table(), key)));
  return all;
}

std::vector<std::string> Settings::keys() const {
  std::vector<std::string> all;
  if (table_->table)
    for (const auto& [key, node] : *table_->table) all.emplace_back(key.str());
  return all;
}

std::string Settings::place(const std::string& key) const {
  const toml::node* node = table_->table;
  if (node && !key.empty())
    if (const toml::node* found = table_->table->get(key)) node = found;
  return table_->place(node);
}

void Settings::require(const std::string& key, const std::string& remedy) {
  table_->asked.insert(key);
  if (!has(key))
    table_->diagnostics->error(
        "missing-key", place(),
        "'" + (table_->path.empty() ? key : table_->path + "." + key) + "' is missing", remedy);
}

void Settings::finish() {
  const std::vector<std::string> known(table_->asked.begin(), table_->asked.end());
  for (const std::string& key : keys()) {
    if (table_->asked.count(key)) continue;
    const std::string near = nearest(key, known);
    table_->diagnostics->error(
        "unknown-key", place(key), "key '" + key + "' is unknown",
        near.empty() ? "known here: " + join(known) : "did you mean '" + near + "'?");
  }
  for (const auto& child : table_->children) Settings(child).finish();
}

}  // namespace mote
