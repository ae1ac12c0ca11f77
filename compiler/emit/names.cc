// SPDX-License-Identifier: Apache-2.0
// Names and addresses in emitted code. See names.h, and cpp.h for those that other rooms use too.
#include "compiler/emit/names.h"

#include <fmt/format.h>

#include <cctype>
#include <iterator>

#include "compiler/emit/cpp.h"

namespace mote {

const char* c_type(ElementType type) {
  static const char* kNames[] = {"float", "int8_t", "uint8_t", "int16_t", "int32_t", "int64_t"};
  static_assert(std::size(kNames) == kElementTypeCount);
  return kNames[int(type)];
}

std::string identifier(const std::string& name) {
  std::string text;
  for (char c : name) text += std::isalnum(uint8_t(c)) ? c : '_';
  if (text.empty() || std::isdigit(uint8_t(text[0]))) text = "m" + text;
  return text;
}

std::string layer_function(const Plan& plan, int32_t index) {
  return fmt::format("layer_{:02}_{}", index, plan.graph.nodes[size_t(index)].op->name);
}

std::string layer_title(const Plan& plan, int32_t index) {
  const Node& node = plan.graph.nodes[size_t(index)];
  return node.op->name + " " + node.name;
}

std::string shape_text(const Value& value) {
  return fmt::format("[{}]", fmt::join(value.shape, ", "));
}

std::string escaped(const std::string& text) {
  std::string out;
  for (char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += uint8_t(c) < 32 ? '?' : c;
  }
  return out;
}

std::string commented(std::string text) {
  for (char& c : text)
    if (uint8_t(c) < 32 || c == '\\') c = '?';
  return text;
}

std::string ModelNames::field(ValueId id) const { return identifier(value(id).name); }

std::string ModelNames::function(int32_t layer) const {
  return prefix + "_" + layer_function(plan, layer);
}

const char* ModelNames::sample_type(const Stream& stream) const {
  return c_type(value(stream.value).type);
}

std::string ModelNames::suffix(const Stream& stream) const {
  return graph().streams.size() == 1 ? "" : "_" + identifier(stream.name);
}

std::string ModelNames::address(ValueId id, const std::string& model) const {
  switch (location(id).region) {
    case Region::arena:
      return fmt::format("(uint8_t*){}arena + {}", model, location(id).offset);
    case Region::state:
    case Region::output:
      return model + field(location(id).storage);
    case Region::sample:
      return "sample";
    case Region::flash:
      return weights.values.at(id);
  }
  return "";
}

}  // namespace mote
