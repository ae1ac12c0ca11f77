// SPDX-License-Identifier: Apache-2.0
// Names and addresses in emitted code. See names.h, and cpp.h for those that other rooms use too.
#include "compiler/emit/names.h"

#include <fmt/format.h>

#include <cctype>
#include <iterator>
#include <string_view>

#include "compiler/emit/cpp.h"

namespace mote {
namespace {

// Of C++20 and C11 (headers are read by both), each between two blanks.
constexpr char kKeywords[] =
    " alignas alignof and and_eq asm auto bitand bitor bool break case catch char "
    "char16_t char32_t char8_t class co_await co_return co_yield compl concept const "
    "const_cast consteval constexpr constinit continue decltype default delete do double "
    "dynamic_cast else enum explicit export extern false float for friend goto if inline "
    "int long mutable namespace new noexcept not not_eq nullptr operator or or_eq "
    "private protected public register reinterpret_cast requires restrict return short "
    "signed sizeof static static_assert static_cast struct switch template this "
    "thread_local throw true try typedef typeid typename union unsigned using virtual "
    "void volatile wchar_t while xor xor_eq ";

bool is_keyword(const std::string& text) {
  return std::string_view(kKeywords).find(" " + text + " ") != std::string_view::npos;
}

}  // namespace

const char* c_type(ElementType type) {
  static const char* kNames[] = {"float",   "int8_t",   "uint8_t",  "int16_t", "int32_t",
                                 "int64_t", "uint16_t", "uint32_t", "uint8_t", "uint64_t"};
  static_assert(std::size(kNames) == kElementTypeCount);
  return kNames[int(type)];
}

std::string identifier(const std::string& name) {
  std::string text;
  for (char c : name) text += std::isalnum(uint8_t(c)) ? c : '_';
  if (text.empty() || std::isdigit(uint8_t(text[0]))) text = "m" + text;
  return is_keyword(text) ? text + "_" : text;
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

std::string ModelNames::sample_type(const Stream& stream) const {
  if (!stream.more.empty()) return prefix + "_sample" + suffix(stream);
  return c_type(value(stream.value).type);
}

std::string ModelNames::input() const { return plan.has_input() ? prefix + "_input" : ""; }

std::string ModelNames::suffix(const Stream& stream) const {
  return graph().streams.size() == 1 ? "" : "_" + identifier(stream.name);
}

std::string ModelNames::arena(int64_t offset, const std::string& model) const {
  const int64_t near = plan.near_arena_bytes;
  return offset < near ? fmt::format("(uint8_t*){}arena + {}", model, offset)
                       : fmt::format("(uint8_t*){}far_memory->arena + {}", model, offset - near);
}

std::string ModelNames::address(ValueId id, const std::string& model) const {
  switch (location(id).region) {
    case Region::arena:
      return arena(location(id).offset, model);
    case Region::state:
    case Region::output:
      return model + field(location(id).storage);
    case Region::sample:
      return graph().streams[size_t(value(location(id).storage).clock.stream)].more.empty()
                 ? "sample"
                 : "sample->" + field(location(id).storage);
    case Region::flash:
      return weights.values.at(id);
  }
  return "";
}

}  // namespace mote
