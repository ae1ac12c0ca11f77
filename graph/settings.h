// SPDX-License-Identifier: Apache-2.0
// Reading a TOML file table by table. In: a file. Out: typed values, and in Diagnostics every fault
// with file and line: wrong types, numbers out of range, missing keys, and - once finish() is
// called - keys that nobody asked for, with the nearest one that somebody did.
#pragma once
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/diagnostics.h"
#include "graph/graph.h"

namespace mote {

class Settings {
 public:
  // The top table of a file; fails at once if it cannot be read or is not TOML. `diagnostics` must
  // outlive it.
  static Settings read(const std::filesystem::path& path, Diagnostics& diagnostics);
  // The same from text; `name` stands for the file in messages.
  static Settings parse(std::string_view text, const std::string& name, Diagnostics& diagnostics);

  bool has(const std::string& key) const;
  bool is_list(const std::string& key) const;
  bool is_table(const std::string& key) const;
  std::string text(const std::string& key, std::string fallback = "");
  double number(const std::string& key, double fallback = 0);
  // Reports a number outside [low, high].
  double number_in(const std::string& key, double fallback, double low, double high);
  int64_t integer(const std::string& key, int64_t fallback = 0);
  int64_t integer_in(const std::string& key, int64_t fallback, int64_t low, int64_t high);
  bool flag(const std::string& key, bool fallback = false);
  std::vector<std::string> texts(const std::string& key);
  std::vector<double> numbers(const std::string& key);
  std::vector<int64_t> integers(const std::string& key);
  // One of `choices`, or the fallback with an error that lists them.
  std::string choice(const std::string& key, std::string fallback,
                     const std::vector<std::string>& choices);
  // Whatever stands there (numbers, text, true as 1, lists), for parameters whose names others
  // know.
  std::optional<Attribute> any(const std::string& key);

  // The table [key], empty if there is none; every table of [[key]].
  Settings table(const std::string& key);
  std::vector<Settings> tables(const std::string& key);

  // The keys as written, sorted.
  std::vector<std::string> keys() const;
  // "mote.toml:12": the line of `key`, or of the table where there is no such key.
  std::string place(const std::string& key = "") const;
  // Reports `key` if it is not there.
  void require(const std::string& key, const std::string& remedy);
  // Reports that `key` must be `wanted`, for values that may take more than one form.
  void reject(const std::string& key, const std::string& wanted);
  // Reports every key that was not asked for, here and in the tables handed out.
  void finish();

  struct Table;  // settings.cc: keeps the TOML library out of this header

 private:
  explicit Settings(std::shared_ptr<Table> table) : table_(std::move(table)) {}
  std::shared_ptr<Table> table_;
};

}  // namespace mote
