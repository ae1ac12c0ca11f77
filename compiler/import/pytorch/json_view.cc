// SPDX-License-Identifier: Apache-2.0
// See json_view.h.
#include "compiler/import/pytorch/json_view.h"

#include <limits>
#include <nlohmann/json.hpp>

namespace mote::pytorch {
namespace {

using Json = nlohmann::json;

constexpr int64_t kDeepest = 64;          // nesting; the format itself needs about 12
constexpr int64_t kMostValues = 4000000;  // of one text
constexpr const char* kExportAgain = "export the model again";

const Json& json_of(const void* json) { return *static_cast<const Json*>(json); }

// What a text costs once it is parsed, counted before: its nesting and its values.
void check_cost(const Bytes& text, const std::string& place) {
  int64_t depth = 0, values = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const uint8_t c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      quoted = c != '"';
      continue;
    }
    quoted = c == '"';
    depth += (c == '{' || c == '[') - (c == '}' || c == ']');
    values += c == ',' || c == '{' || c == '[';
    if (depth > kDeepest)
      fail("too-large", place, "it is nested deeper than " + std::to_string(kDeepest) + " levels",
           kExportAgain);
  }
  if (values > kMostValues)
    fail("too-large", place, "it has more than " + std::to_string(kMostValues) + " values",
         "mote is for microcontrollers; use a smaller model");
}

}  // namespace

struct JsonText::Parsed {
  Json json;
};

JsonText::JsonText(const Bytes& text, std::string place)
    : place_(std::move(place)), parsed_(std::make_unique<Parsed>()) {
  check_cost(text, place_);
  parsed_->json = Json::parse(text.begin(), text.end(), nullptr, false);
  if (parsed_->json.is_discarded()) fail("damaged-file", place_, "it is no JSON", kExportAgain);
}

JsonText::~JsonText() = default;

JsonView JsonText::root() const { return {&parsed_->json, place_}; }

void JsonView::refuse(const std::string& message) const {
  fail("damaged-file", path_, message, kExportAgain);
}

JsonView JsonView::operator[](const char* key) const {
  if (const auto found = find(key)) return *found;
  refuse(std::string("it has no \"") + key + "\"");
}

std::optional<JsonView> JsonView::find(const char* key) const {
  const Json& json = json_of(json_);
  if (!json.is_object()) refuse("it is no object");
  const auto found = json.find(key);
  if (found == json.end()) return std::nullopt;
  return JsonView(&*found, path_ + "/" + key);
}

std::vector<JsonView> JsonView::list() const {
  const Json& json = json_of(json_);
  if (!json.is_array()) refuse("it is no list");
  std::vector<JsonView> all;
  for (size_t i = 0; i < json.size(); ++i)
    all.emplace_back(&json[i], path_ + "/" + std::to_string(i));
  return all;
}

std::vector<std::pair<std::string, JsonView>> JsonView::members() const {
  const Json& json = json_of(json_);
  if (!json.is_object()) refuse("it is no object");
  std::vector<std::pair<std::string, JsonView>> all;
  for (const auto& [key, value] : json.items())
    all.emplace_back(key, JsonView(&value, path_ + "/" + key));
  return all;
}

std::pair<std::string, JsonView> JsonView::choice() const {
  const auto all = members();
  if (all.size() != 1) refuse("it is not one of its kinds");
  return all[0];
}

bool JsonView::is_null() const { return json_of(json_).is_null(); }

std::string JsonView::text() const {
  if (!json_of(json_).is_string()) refuse("it is no text");
  return json_of(json_).get<std::string>();
}

bool JsonView::truth() const {
  if (!json_of(json_).is_boolean()) refuse("it is no truth value");
  return json_of(json_).get<bool>();
}

int64_t JsonView::integer() const {
  const Json& json = json_of(json_);
  if (!json.is_number_integer() ||
      (json.is_number_unsigned() && json.get<uint64_t>() > uint64_t(INT64_MAX)))
    refuse("it is no integer of 64 bits");
  return json.get<int64_t>();
}

// Numbers that JSON has not are words.
double JsonView::number() const {
  if (json_of(json_).is_number()) return json_of(json_).get<double>();
  const std::string word = text();
  if (word == "Infinity") return std::numeric_limits<double>::infinity();
  if (word == "-Infinity") return -std::numeric_limits<double>::infinity();
  if (word == "NaN") return std::numeric_limits<double>::quiet_NaN();
  refuse("it is no number");
}

}  // namespace mote::pytorch
