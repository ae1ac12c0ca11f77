// SPDX-License-Identifier: Apache-2.0
// Parameters of a block against its table. See parameters.h.
#include "signal/parameters.h"

#include <algorithm>
#include <optional>

namespace mote {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string brief(double value) {
  std::string text = std::to_string(value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

// `given` in the type of the default: integers stand for numbers and for lists of one.
std::optional<Attribute> converted(const Attribute& given, const Attribute& like) {
  if (given.index() == like.index()) return given;
  const auto* integer = std::get_if<int64_t>(&given);
  const auto* number = std::get_if<double>(&given);
  const auto* integers = std::get_if<std::vector<int64_t>>(&given);
  if (std::holds_alternative<double>(like) && integer) return Attribute(double(*integer));
  if (std::holds_alternative<std::vector<double>>(like)) {
    if (integers) return Attribute(std::vector<double>(integers->begin(), integers->end()));
    if (number) return Attribute(std::vector<double>{*number});
    if (integer) return Attribute(std::vector<double>{double(*integer)});
  }
  return std::nullopt;
}

const char* type_name(const Attribute& like) {
  const char* names[] = {"a whole number", "a number", "a word", "a list of whole numbers",
                         "a list of numbers"};
  return names[like.index()];
}

bool in_range(const ParameterSpec& known, const Attribute& value) {
  const auto inside = [&known](double v) { return v >= known.low && v <= known.high; };
  if (const auto* v = std::get_if<int64_t>(&value)) return inside(double(*v));
  if (const auto* v = std::get_if<double>(&value)) return inside(*v);
  if (const auto* v = std::get_if<std::vector<double>>(&value))
    return std::all_of(v->begin(), v->end(), inside);
  return true;
}

}  // namespace

Parameters::Parameters(const BlockSpec& spec, const BlockKind& kind, Diagnostics& diagnostics)
    : spec_(spec), diagnostics_(diagnostics) {
  std::vector<std::string> names;
  for (const ParameterSpec& known : kind.parameters) {
    values_[known.name] = known.initial;
    names.push_back(known.name);
  }
  for (const auto& [name, given] : spec.parameters) {
    const auto known = std::find_if(kind.parameters.begin(), kind.parameters.end(),
                                    [&n = name](const ParameterSpec& p) { return p.name == n; });
    if (known != kind.parameters.end()) {
      take(*known, given);
      continue;
    }
    const std::string near = nearest(name, names);
    error("unknown-key", name, "there is no parameter '" + name + "'",
          near.empty() ? "it has " + joined(names) : "did you mean '" + near + "'?");
  }
}

void Parameters::take(const ParameterSpec& known, const Attribute& given) {
  const std::optional<Attribute> value = converted(given, known.initial);
  if (!value)
    return error("wrong-type", known.name,
                 "'" + known.name + "' must be " + type_name(known.initial));
  if (!known.choices.empty()) {
    const std::string& word = std::get<std::string>(*value);
    if (std::find(known.choices.begin(), known.choices.end(), word) == known.choices.end())
      return error("wrong-choice", known.name,
                   "'" + word + "' is not a choice for '" + known.name + "'",
                   "choose one of " + joined(known.choices));
  } else if (!in_range(known, *value)) {
    return error(
        "out-of-range", known.name,
        "'" + known.name + "' must lie in " + brief(known.low) + " .. " + brief(known.high));
  }
  values_[known.name] = *value;
}

double Parameters::number(const std::string& name) const {
  return std::get<double>(values_.at(name));
}
int64_t Parameters::integer(const std::string& name) const {
  return std::get<int64_t>(values_.at(name));
}
const std::string& Parameters::text(const std::string& name) const {
  return std::get<std::string>(values_.at(name));
}
std::vector<double> Parameters::numbers(const std::string& name) const {
  return std::get<std::vector<double>>(values_.at(name));
}

std::string Parameters::place(const std::string& name) const {
  const auto found = spec_.places.find(name);
  return found == spec_.places.end() ? spec_.place : found->second;
}

void Parameters::error(const std::string& code, const std::string& name, const std::string& message,
                       const std::string& remedy) const {
  diagnostics_.error(code, place(name), "block '" + spec_.name + "': " + message, remedy);
}

}  // namespace mote
