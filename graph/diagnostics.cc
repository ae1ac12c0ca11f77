// SPDX-License-Identifier: Apache-2.0
// Diagnostics: collecting, printing and stopping. See diagnostics.h.
#include "graph/diagnostics.h"

#include <algorithm>
#include <cstring>
#include <numeric>

namespace mote {
namespace {

std::string join(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) {
    if (!text.empty()) text += '\n';
    text += to_string(d);
  }
  return text;
}

// Levenshtein's distance, one row at a time.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i + 1;
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string to_string(const Diagnostic& d) {
  std::string text = d.place.empty() ? d.message : d.place + ": " + d.message;
  if (!d.remedy.empty()) text += "; " + d.remedy;
  return text + " [" + d.code + "]";
}

UserError::UserError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(join(diagnostics)), diagnostics_(std::move(diagnostics)) {}

void Diagnostics::error(std::string code, std::string place, std::string message,
                        std::string remedy) {
  errors_.push_back({std::move(code), std::move(place), std::move(message), std::move(remedy)});
}

void Diagnostics::warn(std::string code, std::string place, std::string message,
                       std::string remedy) {
  warnings_.push_back({std::move(code), std::move(place), std::move(message), std::move(remedy)});
}

void Diagnostics::stop_if_any() const {
  if (!errors_.empty()) throw UserError(errors_);
}

void fail(std::string code, std::string place, std::string message, std::string remedy) {
  throw UserError({{std::move(code), std::move(place), std::move(message), std::move(remedy)}});
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  size_t best_distance = word.size() / 3 + 2;
  for (const std::string& candidate : known) {
    const size_t distance = edit_distance(word, candidate);
    if (distance < best_distance) best_distance = distance, best = candidate;
  }
  return best;
}

void internal_error(const char* file, int line, const char* condition) {
  const char* name = std::strrchr(file, '/');
  throw InternalError(std::string(name ? name + 1 : file) + ":" + std::to_string(line) + ": " +
                      condition + " does not hold; this is a bug of mote, please report it");
}

}  // namespace mote
