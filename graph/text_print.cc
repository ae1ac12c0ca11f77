// SPDX-License-Identifier: Apache-2.0
// Graph -> text. See text.h and docs/formats/graph.md.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "graph/base64.h"
#include "graph/op_def.h"
#include "graph/text.h"
#include "graph/text_words.h"

namespace mote {
namespace {

constexpr int64_t kInlineElements = 8;  // a constant with more goes to the end of the file
constexpr size_t kBytesInLine = 60;     // 80 characters of base64

template <class T>
std::string shortest(T number) {
  char text[40];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  std::string out(text, end);
  if (out.find_first_of(".einf") == std::string::npos) out += ".0";
  return out;
}

std::string quote(const std::string& text) {
  std::string out = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\', out += c;
    } else if (uint8_t(c) < 0x20 || uint8_t(c) == 0x7F) {
      const char* digits = "0123456789abcdef";
      out += "\\x", out += digits[uint8_t(c) >> 4], out += digits[uint8_t(c) & 15];
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string print_id(ValueId id) { return id < 0 ? "-" : "%" + std::to_string(id); }

template <class List, class PrintOne>
std::string join(const List& list, PrintOne print_one) {
  std::string out;
  for (const auto& element : list) out += (out.empty() ? "" : ", ") + print_one(element);
  return out;
}

std::string print_ids(const std::vector<ValueId>& ids) { return "(" + join(ids, print_id) + ")"; }

std::string print_one(int64_t number) { return std::to_string(number); }
std::string print_one(double number) { return print_real(number); }
std::string print_one(const std::string& text) { return quote(text); }
template <class T>
std::string print_one(const std::vector<T>& list) {
  const std::string text = "[" + join(list, [](T element) { return print_one(element); }) + "]";
  // An empty list has no element to tell its type by.
  return std::is_same_v<T, double> && list.empty() ? "reals " + text : text;
}

std::string print_rational(Rational r) {
  return std::to_string(r.num) + (r.den == 1 ? "" : "/" + std::to_string(r.den));
}

std::string print_clock(const Clock& clock) {
  if (clock == Clock{}) return "";
  return " clock " + std::to_string(clock.stream) + " period " + print_rational(clock.period) +
         " phase " + print_rational(clock.phase);
}

std::string print_quantization(const Quantization& q) {
  if (q == Quantization{}) return "";
  if (q.axis == 0 && q.scales.size() == 1 && q.zero_points.size() == 1)
    return " scale " + print_real(q.scale()) + " zero_point " + std::to_string(q.zero_point());
  return " axis " + std::to_string(q.axis) + " scales [" +
         join(q.scales, [](float s) { return print_real(s); }) + "] zero_points [" +
         join(q.zero_points, [](int32_t z) { return std::to_string(z); }) + "]";
}

template <class T>
std::string print_elements(const Bytes& data) {
  std::vector<T> elements(data.size() / sizeof(T));
  if (!elements.empty()) std::memcpy(elements.data(), data.data(), elements.size() * sizeof(T));
  return "[" +
         join(elements,
              [](T e) {
                if constexpr (std::is_same_v<T, float>)
                  return print_real(e);
                else
                  return std::to_string(int64_t(e));
              }) +
         "]";
}

std::string print_elements(ElementType type, const Bytes& data) {
  return with_element_type(type,
                           [&](auto element) { return print_elements<decltype(element)>(data); });
}

// Not a number has many bit patterns and one spelling; only base64 keeps them apart.
bool all_finite(const Value& value) {
  if (value.type != ElementType::f32) return true;
  for (size_t i = 0; i + 4 <= value.data->size(); i += 4) {
    float number;
    std::memcpy(&number, value.data->data() + i, 4);
    if (!std::isfinite(number)) return false;
  }
  return true;
}

bool is_inline(const Value& value) {
  return value.elements() <= kInlineElements && all_finite(value);
}

std::string print_data(const Value& value) {
  if (!value.data) return "";
  return is_inline(value) ? " data " + print_elements(value.type, *value.data) : " data base64";
}

std::string print_stream(size_t index, const Stream& stream) {
  std::string out = "stream " + std::to_string(index) + " " + quote(stream.name) + " value " +
                    print_id(stream.value) + " rate_hz " + print_real(stream.rate_hz) +
                    " missing " + kMissingNames[size_t(stream.missing)];
  if (!stream.more.empty()) out += " more " + print_ids(stream.more);
  if (stream.last >= 0) out += " last " + print_id(stream.last);
  if (stream.pending >= 0) out += " pending " + print_id(stream.pending);
  out += '\n';
  for (const StreamAxis& axis : stream.axes)
    out += "  axis " + quote(axis.name) + " unit " + quote(axis.unit) + " scale " +
           print_real(axis.scale) + '\n';
  return out;
}

std::string print_value(size_t id, const Value& value) {
  return "value %" + std::to_string(id) + " " + quote(value.name) + " " +
         kKindNames[size_t(value.kind)] + " " + print_type(value.type, value.shape) +
         print_quantization(value.quantization) + print_clock(value.clock) + print_data(value) +
         '\n';
}

std::string print_node(const Graph& graph, const Node& node) {
  MOTE_ASSERT(node.op);
  std::string out = "node " + node.op->name + " " + quote(node.name) + " " +
                    print_ids(node.inputs) + " -> " + print_ids(node.outputs);
  if (!node.states.empty()) out += " states " + print_ids(node.states);
  out += " {" +
         join(node.attributes,
              [](const auto& attribute) {
                return attribute.first + " = " +
                       std::visit([](const auto& v) { return print_one(v); }, attribute.second);
              }) +
         "}";
  const ValueId output = node.outputs.empty() ? -1 : node.outputs[0];
  if (output >= 0 && size_t(output) < graph.values.size()) {  // for the reader only: what comes out
    const Value& first = graph.value(output);
    out += "  # " + print_type(first.type, first.shape);
  }
  return out + '\n';
}

std::string print_base64(size_t id, const Bytes& data) {
  std::string out;
  for (size_t at = 0; at < data.size(); at += kBytesInLine) {
    const size_t n = std::min(kBytesInLine, data.size() - at);
    out += "data %" + std::to_string(id) + " " + to_base64({data.data() + at, n}) + '\n';
  }
  return out;
}

}  // namespace

std::string print_real(double number) { return shortest(number); }
std::string print_real(float number) { return shortest(number); }

std::string print_type(ElementType type, const Shape& shape) {
  return to_string(type) + ("[" + join(shape, [](int32_t d) { return std::to_string(d); })) + "]";
}

std::string print(const Graph& graph) {
  std::string out = "mote-graph 1\nname " + quote(graph.name) + '\n';
  if (!graph.classes.empty()) out += "classes " + join(graph.classes, quote) + '\n';
  out += '\n';
  for (size_t i = 0; i < graph.streams.size(); ++i) out += print_stream(i, graph.streams[i]);
  out += '\n';
  for (size_t i = 0; i < graph.values.size(); ++i) out += print_value(i, graph.values[i]);
  out += '\n';
  if (!graph.variables.empty()) out += "variables " + print_ids(graph.variables) + "\n";
  for (const Node& node : graph.nodes) out += print_node(graph, node);
  out += "outputs " + print_ids(graph.outputs) + "\n\n";
  for (size_t i = 0; i < graph.values.size(); ++i) {
    const Value& value = graph.values[i];
    if (value.data && !is_inline(value)) out += print_base64(i, *value.data);
  }
  return out + "end\n";
}

}  // namespace mote
