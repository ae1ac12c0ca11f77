// SPDX-License-Identifier: Apache-2.0
// Text -> Graph. A line is one statement; the statement's first word chooses the function that
// reads it. See text.h.
#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <optional>

#include "graph/base64.h"
#include "graph/line_scanner.h"
#include "graph/op_def.h"
#include "graph/text.h"
#include "graph/text_words.h"

namespace mote {
namespace {

constexpr size_t kMostErrors = 20;  // a file of another kind would fill the screen
constexpr int64_t kInt64Min = std::numeric_limits<int64_t>::min();
constexpr int64_t kInt64Max = std::numeric_limits<int64_t>::max();
constexpr int64_t kIdMax = std::numeric_limits<int32_t>::max();

// The place of the next word in `names`; a fault where it is in none.
template <size_t N>
size_t choose(LineScanner& line, const char* const (&names)[N], const char* what) {
  const std::string word(line.word());
  for (size_t i = 0; i < N; ++i)
    if (word == names[i]) return i;
  line.fault("unknown-word", std::string(what) + " '" + word.substr(0, 40) + "' is unknown");
  return 0;
}

ValueId parse_id(LineScanner& line) {
  if (line.take("-")) return -1;
  line.expect("%");
  return ValueId(line.integer(0, kIdMax));
}

// open element, element, ... close
template <class ParseOne>
auto parse_list(LineScanner& line, const char* open, const char* close, ParseOne parse_one) {
  std::vector<decltype(parse_one(line))> list;
  line.expect(open);
  if (line.take(close)) return list;
  do list.push_back(parse_one(line));
  while (line.ok() && line.take(","));
  line.expect(close);
  return list;
}

std::vector<ValueId> parse_ids(LineScanner& line) { return parse_list(line, "(", ")", parse_id); }

int32_t parse_s32(LineScanner& line) {
  return int32_t(line.integer(std::numeric_limits<int32_t>::min(), kIdMax));
}

Rational parse_rational(LineScanner& line) {
  const int64_t num = line.integer(0, kInt64Max);
  const int64_t den = line.take("/") ? line.integer(1, kInt64Max) : 1;
  return line.ok() ? make_rational(num, den) : Rational{};
}

void parse_type(LineScanner& line, Value& value) {
  const std::string name(line.word());
  int type = 0;
  while (type < kElementTypeCount && name != to_string(ElementType(type))) ++type;
  if (type == kElementTypeCount)
    return line.fault("unknown-type", "element type '" + name.substr(0, 40) + "' is unknown",
                      "use f32, s8, u8, s16, s32, s64, u16, u32 or bool");
  value.type = ElementType(type);
  value.shape = parse_list(line, "[", "]", parse_s32);
  if (line.ok() && checked_bytes(value.type, value.shape) < 0)
    line.fault("wrong-shape", "a dimension is below 1 or the tensor is larger than 2 GB");
}

template <class T>
Bytes parse_elements(LineScanner& line) {
  const auto elements = parse_list(line, "[", "]", [](LineScanner& l) {
    if constexpr (std::is_same_v<T, float>)
      return l.real_f32();
    else
      return T(l.integer(std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
  });
  Bytes data(elements.size() * sizeof(T));
  if (!data.empty()) std::memcpy(data.data(), elements.data(), data.size());
  return data;
}

Bytes parse_elements(LineScanner& line, ElementType type) {
  return with_element_type(type,
                           [&](auto element) { return parse_elements<decltype(element)>(line); });
}

void parse_quantization(LineScanner& line, Quantization& q) {
  if (line.take("scale")) {
    q.scales = {line.real_f32()};
    line.expect("zero_point");
    q.zero_points = {parse_s32(line)};
  } else if (line.take("axis")) {
    q.axis = parse_s32(line);
    line.expect("scales");
    q.scales = parse_list(line, "[", "]", [](LineScanner& l) { return l.real_f32(); });
    line.expect("zero_points");
    q.zero_points = parse_list(line, "[", "]", parse_s32);
  }
}

void parse_clock(LineScanner& line, Clock& clock) {
  if (!line.take("clock")) return;
  clock.stream = parse_s32(line);
  line.expect("period");
  clock.period = parse_rational(line);
  line.expect("phase");
  clock.phase = parse_rational(line);
}

bool is_real(std::string_view number) { return number.find_first_of(".einfaEINFA") != number.npos; }

template <class T>
T or_fault(LineScanner& line, const std::string& word, std::optional<T> number) {
  if (!number) line.fault("wrong-number", "'" + word.substr(0, 40) + "' is no number that fits");
  return number.value_or(T(0));
}

Attribute parse_number(LineScanner& line) {
  const std::string word(line.number());
  if (is_real(word)) return or_fault(line, word, to_f64(word));
  return or_fault(line, word, to_integer(word));
}

// A list's type is that of its elements; an integer among reals is a real.
Attribute parse_number_list(LineScanner& line) {
  const auto words =
      parse_list(line, "[", "]", [](LineScanner& l) { return std::string(l.number()); });
  std::vector<int64_t> integers;
  std::vector<double> reals;
  if (std::any_of(words.begin(), words.end(), is_real)) {
    for (const std::string& word : words) reals.push_back(or_fault(line, word, to_f64(word)));
    return reals;
  }
  for (const std::string& word : words) integers.push_back(or_fault(line, word, to_integer(word)));
  return integers;
}

Attribute parse_attribute(LineScanner& line) {
  if (line.peek() == '"') return line.quoted();
  if (line.peek() == '[') return parse_number_list(line);
  if (line.take("reals")) {
    line.expect("["), line.expect("]");
    return std::vector<double>();
  }
  return parse_number(line);
}

class GraphParser {
 public:
  GraphParser(std::span<const OpDef* const> ops, Diagnostics& diagnostics)
      : ops_(ops), diagnostics_(diagnostics) {}

  void statement(LineScanner& line) {
    if (line.at_end()) return;
    if (ended_) return line.fault("syntax", "nothing may follow the line 'end'");
    if (!begun_) return header(line);
    const std::string word(line.word());
    if (word == "name")
      graph_.name = line.quoted();
    else if (word == "classes")
      classes(line);
    else if (word == "stream")
      stream(line);
    else if (word == "axis")
      axis(line);
    else if (word == "value")
      value(line);
    else if (word == "node")
      node(line);
    else if (word == "variables")
      graph_.variables = parse_ids(line);
    else if (word == "outputs")
      graph_.outputs = parse_ids(line);
    else if (word == "data")
      data(line);
    else if (word == "end")
      ended_ = true;
    else
      line.fault("unknown-word", "a line cannot begin with '" + word.substr(0, 40) + "'");
    line.expect_end();
  }

  bool is_graph() const { return begun_; }

  // The graph, once all lines are read.
  Graph finish(const std::string& place) {
    if (!ended_ && diagnostics_.errors().empty())
      diagnostics_.error("truncated-graph", place, "the last line, 'end', is missing",
                         "the file is cut short; make it again");
    for (auto& [id, pending] : pending_) attach(id, std::move(pending));
    diagnostics_.stop_if_any();
    return std::move(graph_);
  }

 private:
  struct Pending {
    std::string place;
    Bytes data;
  };

  void header(LineScanner& line) {
    if (!line.take("mote-graph"))
      return line.fault("no-graph", "this is no mote graph: the first line must be 'mote-graph 1'");
    const int64_t version = line.integer(0, kInt64Max);
    if (line.ok() && version != 1)
      line.fault("wrong-version",
                 "version " + std::to_string(version) + " of the format is unknown",
                 "this mote reads version 1");
    line.expect_end();
    begun_ = line.ok();
  }

  void classes(LineScanner& line) {
    do graph_.classes.push_back(line.quoted());
    while (line.ok() && line.take(","));
  }

  void stream(LineScanner& line) {
    const int64_t index = line.integer(0, kIdMax);
    if (line.ok() && index != int64_t(graph_.streams.size()))
      line.fault("wrong-order",
                 "stream " + std::to_string(graph_.streams.size()) + " is expected here");
    Stream stream;
    stream.name = line.quoted();
    line.expect("value"), stream.value = parse_id(line);
    line.expect("rate_hz"), stream.rate_hz = line.real_f64();
    line.expect("missing");
    stream.missing = MissingPolicy(choose(line, kMissingNames, "the policy"));
    if (line.take("more")) stream.more = parse_ids(line);
    if (line.take("last")) stream.last = parse_id(line);
    if (line.take("pending")) stream.pending = parse_id(line);
    graph_.streams.push_back(std::move(stream));  // even if faulty, for the lines below
  }

  void axis(LineScanner& line) {
    StreamAxis axis;
    axis.name = line.quoted();
    line.expect("unit"), axis.unit = line.quoted();
    line.expect("scale"), axis.scale = line.real_f32();
    if (!line.ok()) return;
    if (graph_.streams.empty()) return line.fault("wrong-order", "an axis stands below its stream");
    graph_.streams.back().axes.push_back(std::move(axis));
  }

  void value(LineScanner& line) {
    const ValueId id = parse_id(line);
    if (line.ok() && id != ValueId(graph_.values.size()))
      line.fault("wrong-order",
                 "value %" + std::to_string(graph_.values.size()) + " is expected here");
    Value value;
    value.name = line.quoted();
    value.kind = ValueKind(choose(line, kKindNames, "the kind"));
    parse_type(line, value);
    parse_quantization(line, value.quantization);
    parse_clock(line, value.clock);
    std::optional<Bytes> data;
    if (line.take("data")) data = line.take("base64") ? Bytes() : parse_elements(line, value.type);
    // A faulty value keeps its number, so that the lines below are not faulty for its sake.
    graph_.values.push_back(std::move(value));
    if (line.ok() && data) pending_[id] = {line.place(), std::move(*data)};
  }

  const OpDef* find_op(LineScanner& line, const std::string& name) {
    std::vector<std::string> known;
    for (const OpDef* op : ops_) {
      if (op->name == name) return op;
      known.push_back(op->name);
    }
    const std::string near = nearest(name.substr(0, 40), known);
    line.fault("unknown-operator", "operator '" + name.substr(0, 40) + "' is unknown",
               near.empty() ? "" : "did you mean '" + near + "'?");
    return nullptr;
  }

  void node(LineScanner& line) {
    Node node;
    const std::string name(line.word());
    if (line.ok()) node.op = find_op(line, name);
    node.name = line.quoted();
    node.inputs = parse_ids(line);
    line.expect("->");
    node.outputs = parse_ids(line);
    if (line.take("states")) node.states = parse_ids(line);
    line.expect("{");
    if (!line.take("}")) {
      do attribute(line, node.attributes);
      while (line.ok() && line.take(","));
      line.expect("}");
    }
    if (!line.ok()) return;
    for (const AttributeSpec& spec : node.op->attributes)
      if (spec.initial) node.attributes.try_emplace(spec.name, *spec.initial);
    graph_.nodes.push_back(std::move(node));
  }

  static void attribute(LineScanner& line, Attributes& attributes) {
    const std::string name(line.word());
    line.expect("=");
    Attribute value = parse_attribute(line);
    if (line.ok() && !attributes.emplace(name, std::move(value)).second)
      line.fault("twice", "attribute '" + name.substr(0, 40) + "' is given twice");
  }

  void data(LineScanner& line) {
    const ValueId id = parse_id(line);
    const auto bytes = from_base64(line.rest());
    if (!line.ok()) return;
    const auto found = pending_.find(id);
    if (found == pending_.end())
      return line.fault("unknown-value", "no value of this number says 'data base64'");
    if (!bytes) return line.fault("wrong-base64", "this is no base64");
    found->second.data.insert(found->second.data.end(), bytes->begin(), bytes->end());
  }

  void attach(ValueId id, Pending pending) {
    Value& value = graph_.value(id);
    const int64_t expected = checked_bytes(value.type, value.shape);
    if (expected == int64_t(pending.data.size()))
      value.data = std::make_shared<const Bytes>(std::move(pending.data));
    else
      diagnostics_.error("wrong-data-size", pending.place,
                         std::to_string(expected) + " bytes of data are expected and " +
                             std::to_string(pending.data.size()) + " are given");
  }

  std::span<const OpDef* const> ops_;
  Diagnostics& diagnostics_;
  Graph graph_;
  std::map<ValueId, Pending> pending_;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace

int64_t checked_bytes(ElementType type, const Shape& shape) {
  int64_t bytes = element_bytes(type);
  for (int32_t dimension : shape) {
    if (dimension < 1) return -1;
    bytes *= dimension;  // both factors fit 31 bits
    if (bytes > kIdMax) return -1;
  }
  return bytes;
}

Graph parse_graph(std::string_view text, const std::string& place,
                  std::span<const OpDef* const> ops, Diagnostics& diagnostics) {
  GraphParser parser(ops, diagnostics);
  const size_t most_errors = diagnostics.errors().size() + kMostErrors;
  for (size_t number = 1; !text.empty() && diagnostics.errors().size() < most_errors; ++number) {
    const size_t end = std::min(text.find('\n'), text.size());
    LineScanner line(text.substr(0, end), place + ":" + std::to_string(number), diagnostics);
    parser.statement(line);
    if (!parser.is_graph() && !line.ok()) break;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.finish(place);
}

}  // namespace mote
