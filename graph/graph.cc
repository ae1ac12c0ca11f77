// SPDX-License-Identifier: Apache-2.0
// Building a Graph and the small value types in it. See graph.h.
#include "graph/graph.h"

#include <cmath>
#include <cstdio>
#include <limits>
#include <numeric>

#include "graph/op_def.h"
#include "graph/text.h"
#include "graph/text_words.h"

namespace mote {
namespace {

constexpr const char* kTypeNames[kElementTypeCount] = {"f32", "s8",  "u8",  "s16",  "s32",
                                                       "s64", "u16", "u32", "bool", "u64"};

// Puts defaults where nothing is given; names that the operator does not know are refused.
Attributes complete(const NodeView& view, Attributes given) {
  Attributes all;
  std::vector<std::string> known;
  for (const AttributeSpec& spec : view.node().op->attributes) {
    known.push_back(spec.name);
    auto found = given.find(spec.name);
    if (found != given.end()) {
      all[spec.name] = std::move(found->second);
      given.erase(found);
    } else if (spec.initial) {
      all[spec.name] = *spec.initial;
    } else {
      view.refuse("missing-attribute", "attribute '" + spec.name + "' is not given");
    }
  }
  if (!given.empty()) {
    const std::string& name = given.begin()->first;
    const std::string near = nearest(name, known);
    view.refuse("unknown-attribute", "attribute '" + name + "' is unknown",
                near.empty() ? "" : "did you mean '" + near + "'?");
  }
  return all;
}

// Periods come from attributes, which may be anything.
__extension__ typedef __int128 Wide;
Rational narrow(Wide num, Wide den) {
  const Wide most = std::numeric_limits<int64_t>::max();
  if (num > most || den > most)
    fail("clock-overflow", "",
         "windows and strides multiply to more samples than 64 bits can count");
  return make_rational(int64_t(num), int64_t(den));
}

ValueId add_state(Graph& graph, std::string name, StateSpec spec) {
  Value value;
  value.name = std::move(name);
  value.kind = ValueKind::state;
  value.type = spec.type;
  value.shape = std::move(spec.shape);
  if (!spec.initial.empty()) value.data = std::make_shared<const Bytes>(std::move(spec.initial));
  MOTE_ASSERT(!value.data || int64_t(value.data->size()) == value.bytes());
  graph.values.push_back(std::move(value));
  return ValueId(graph.values.size()) - 1;
}

// Whatever an operator infers: the device's offsets have 31 bits.
void check_sizes(const NodeView& view, const Inference& inference) {
  const auto check = [&](ElementType type, const Shape& shape) {
    if (checked_bytes(type, shape) < 0)
      view.refuse("too-large", "it would make " + print_type(type, shape) +
                                   ", which is empty or larger than 2 GB");
  };
  for (const ValueType& output : inference.outputs) check(output.type, output.shape);
  for (const StateSpec& state : inference.states) check(state.type, state.shape);
}

}  // namespace

const char* to_string(ElementType type) { return kTypeNames[int(type)]; }

ElementType parse_element_type(std::string_view name, const std::string& place) {
  for (int i = 0; i < kElementTypeCount; ++i)
    if (name == kTypeNames[i]) return ElementType(i);
  fail("unknown-type", place, "element type '" + std::string(name) + "' is unknown",
       "use f32, s8, u8, s16, s32, s64, u16, u32, u64 or bool");
}

int64_t element_count(const Shape& shape) {
  int64_t count = 1;
  for (int32_t d : shape) count *= d;
  return count;
}

Quantization per_tensor(float scale, int32_t zero_point) { return {{scale}, {zero_point}, 0}; }

Rational make_rational(int64_t num, int64_t den) {
  MOTE_ASSERT(den > 0 && num >= 0);
  const int64_t divisor = std::gcd(num, den);
  return divisor == 0 ? Rational{0, 1} : Rational{num / divisor, den / divisor};
}
Rational operator+(Rational a, Rational b) {
  return narrow(Wide(a.num) * b.den + Wide(b.num) * a.den, Wide(a.den) * b.den);
}
Rational operator*(Rational a, Rational b) {
  return narrow(Wide(a.num) * b.num, Wide(a.den) * b.den);
}

ValueId Graph::add_stream(std::string stream_name, std::vector<StreamAxis> axes, double rate_hz,
                          MissingPolicy missing) {
  const Shape shape{int32_t(axes.size())};
  const ValueId id = add_tensor_stream(std::move(stream_name), ElementType::s16, shape, {});
  Stream& stream = streams.back();
  stream.axes = std::move(axes);
  stream.rate_hz = rate_hz;
  stream.missing = missing;
  if (missing != MissingPolicy::drop)
    stream.last = add_state(*this, stream.name + "/last", {"", ElementType::s16, shape, {}});
  if (missing == MissingPolicy::interpolate)
    stream.pending = add_state(*this, stream.name + "/pending",
                               {"", ElementType::s32, {1}, Bytes{0xFF, 0xFF, 0xFF, 0xFF}});
  return id;
}

std::vector<ValueId> Graph::states() const {
  std::vector<ValueId> all;
  for (const Stream& stream : streams)
    for (ValueId id : {stream.last, stream.pending})
      if (id >= 0) all.push_back(id);
  all.insert(all.end(), variables.begin(), variables.end());
  for (const Node& node : nodes)
    if (node.op->variable == VariableUse::none)
      all.insert(all.end(), node.states.begin(), node.states.end());
  return all;
}

ValueId Graph::add_tensor_stream(std::string stream_name, ElementType type, Shape shape,
                                 Quantization quantization) {
  Stream stream;
  stream.name = stream_name;
  streams.push_back(std::move(stream));
  const auto index = int32_t(streams.size()) - 1;
  return add_sample_tensor(index, std::move(stream_name), type, std::move(shape),
                           std::move(quantization));
}

ValueId Graph::add_sample_tensor(int32_t stream, std::string tensor_name, ElementType type,
                                 Shape shape, Quantization quantization) {
  Value value;
  value.name = std::move(tensor_name);
  value.kind = ValueKind::stream;
  value.type = type;
  value.shape = std::move(shape);
  value.quantization = std::move(quantization);
  value.clock = {stream, {1, 1}, {1, 1}};
  values.push_back(std::move(value));
  const ValueId id = ValueId(values.size()) - 1;
  Stream& filled = streams.at(size_t(stream));
  if (filled.value < 0)
    filled.value = id;
  else
    filled.more.push_back(id);
  return id;
}

ValueId Graph::add_variable(std::string variable_name, ElementType type, Shape shape, Bytes initial,
                            Quantization quantization) {
  const ValueId id =
      add_state(*this, std::move(variable_name), {"", type, std::move(shape), std::move(initial)});
  value(id).quantization = std::move(quantization);
  variables.push_back(id);
  return id;
}

ValueId Graph::add_constant(std::string constant_name, ElementType type, Shape shape, Bytes data,
                            Quantization quantization) {
  MOTE_ASSERT(int64_t(data.size()) == element_count(shape) * element_bytes(type));
  Value value;
  value.name = std::move(constant_name);
  value.kind = ValueKind::constant;
  value.type = type;
  value.shape = std::move(shape);
  value.quantization = std::move(quantization);
  value.data = std::make_shared<const Bytes>(std::move(data));
  values.push_back(std::move(value));
  return ValueId(values.size()) - 1;
}

ValueId Graph::add_node(const OpDef& op, std::string node_name, std::vector<ValueId> inputs,
                        Attributes attributes, ValueId variable) {
  MOTE_ASSERT((variable >= 0) == (op.variable != VariableUse::none));
  Node node;
  node.op = &op;
  node.name = std::move(node_name);
  node.inputs = std::move(inputs);
  if (variable >= 0) node.states = {variable};
  const NodeView view(*this, node);
  node.attributes = complete(view, std::move(attributes));
  Inference inference = op.infer(view);
  check_sizes(view, inference);
  for (size_t i = 0; i < inference.outputs.size(); ++i) {
    ValueType& type = inference.outputs[i];
    Value value;
    value.name = i == 0 ? node.name : node.name + ":" + std::to_string(i);
    value.type = type.type;
    value.shape = std::move(type.shape);
    value.quantization = std::move(type.quantization);
    value.clock = type.clock;
    values.push_back(std::move(value));
    node.outputs.push_back(ValueId(values.size()) - 1);
  }
  for (StateSpec& spec : inference.states) {
    std::string state_name =
        node.name + "/" + spec.name;  // before the move: arguments have no order
    node.states.push_back(add_state(*this, std::move(state_name), std::move(spec)));
  }
  const ValueId first = node.outputs.empty() ? -1 : node.outputs[0];
  nodes.push_back(std::move(node));
  return first;
}

ValueId trigger_of(const Graph& graph, const Node& node) {
  for (ValueId id : node.inputs)
    if (id >= 0 && graph.value(id).kind != ValueKind::constant) return id;
  return -1;
}

std::vector<SamplePart> sample_parts(const Graph& graph, const Stream& stream) {
  std::vector<SamplePart> parts{{stream.value, 0}};
  int64_t end = graph.value(stream.value).bytes();
  for (ValueId id : stream.more) {
    const int64_t alignment = element_bytes(graph.value(id).type);
    parts.push_back({id, (end + alignment - 1) / alignment * alignment});
    end = parts.back().offset + graph.value(id).bytes();
  }
  return parts;
}

int64_t sample_bytes(const Graph& graph, const Stream& stream) {
  int64_t end = 0, widest = 1;
  for (const SamplePart& part : sample_parts(graph, stream)) {
    end = part.offset + graph.value(part.value).bytes();
    widest = std::max<int64_t>(widest, element_bytes(graph.value(part.value).type));
  }
  return (end + widest - 1) / widest * widest;
}

std::string place_of(const Graph& graph, const Node& node) {
  size_t index = 0;
  while (index < graph.nodes.size() && graph.nodes[index].name != node.name) ++index;
  return "layer " + std::to_string(index) + " " + node.op->name + " \"" + node.name + "\"";
}

const Value& NodeView::input(size_t i) const {
  if (!has_input(i)) refuse("missing-input", "input " + std::to_string(i) + " is not given");
  return graph_.value(node_.inputs[i]);
}
const Value& NodeView::output(size_t i) const { return graph_.value(node_.outputs.at(i)); }
const Value& NodeView::state(size_t i) const { return graph_.value(node_.states.at(i)); }

namespace {
template <class T>
const T& typed(const NodeView& view, const std::string& name, const char* kind) {
  const auto found = view.node().attributes.find(name);
  MOTE_ASSERT(found != view.node().attributes.end());
  const T* value = std::get_if<T>(&found->second);
  if (!value) view.refuse("wrong-attribute", "attribute '" + name + "' must be " + kind);
  return *value;
}
}  // namespace

int64_t NodeView::integer(const std::string& name) const {
  return typed<int64_t>(*this, name, "an integer");
}
double NodeView::number(const std::string& name) const {
  const auto found = node_.attributes.find(name);
  if (found != node_.attributes.end())
    if (const auto* integer = std::get_if<int64_t>(&found->second)) return double(*integer);
  return typed<double>(*this, name, "a number");
}
const std::string& NodeView::text(const std::string& name) const {
  return typed<std::string>(*this, name, "a word");
}
const std::vector<int64_t>& NodeView::integers(const std::string& name) const {
  return typed<std::vector<int64_t>>(*this, name, "a list of integers");
}
const std::vector<double>& NodeView::numbers(const std::string& name) const {
  return typed<std::vector<double>>(*this, name, "a list of numbers");
}
KernelCall lower_for(InstructionSet core, const NodeView& node) {
  for (const KernelVariant& variant : node.node().op->variants)
    if (includes(core, variant.needs))
      if (std::optional<KernelCall> call = variant.lower(node)) return std::move(*call);
  KernelCall call = node.node().op->lower(node);
  if (node.node().op->order) call.orders = node.node().op->order(node);
  return call;
}

void NodeView::refuse(std::string code, std::string message, std::string remedy) const {
  fail(std::move(code), place(), std::move(message), std::move(remedy));
}

namespace kernel_detail {
std::string literal(bool value) { return value ? "true" : "false"; }
std::string literal(int64_t value) {
  // INT32_MIN and INT64_MIN have no literal of their own: the minus is an operator on a number that
  // does not fit.
  if (value == std::numeric_limits<int64_t>::min()) return "INT64_MIN";
  if (value == std::numeric_limits<int32_t>::min()) return "INT32_MIN";
  if (value > std::numeric_limits<int32_t>::max() || value < std::numeric_limits<int32_t>::min())
    return std::to_string(value) + "LL";
  return std::to_string(value);
}
std::string literal(float value) {
  MOTE_ASSERT(std::isfinite(value));
  char text[40];
  std::snprintf(text, sizeof text, "%af", double(value));
  return text;
}
}  // namespace kernel_detail

}  // namespace mote
