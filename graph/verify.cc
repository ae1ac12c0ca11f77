// SPDX-License-Identifier: Apache-2.0
// The rules of a Graph, one function a rule or two. See verify.h.
#include "graph/verify.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "graph/op_def.h"
#include "graph/text.h"
#include "graph/text_words.h"

namespace mote {
namespace {

struct NumberRange {
  int64_t min;
  int64_t max;
};

NumberRange zero_points_of(ElementType type) {
  switch (type) {
    case ElementType::s8:
      return {-128, 127};
    case ElementType::u8:
      return {0, 255};
    case ElementType::s16:
      return {-32768, 32767};
    default:
      return {0, 0};
  }
}

class Verifier {
 public:
  Verifier(const Graph& graph, Diagnostics& diagnostics)
      : graph_(graph),
        diagnostics_(diagnostics),
        defined_(graph.values.size()),
        owned_(graph.values.size()) {}

  void run() {
    const size_t before = diagnostics_.errors().size();
    for (const Value& value : graph_.values) check_value(value);
    for (size_t i = 0; i < graph_.streams.size(); ++i) check_stream(int32_t(i));
    check_constants();
    for (ValueId id : graph_.variables) own_state(id, "variable");
    for (const Node& node : graph_.nodes) check_node(node);
    check_all_defined();
    check_outputs();
    check_names();
    // An operator's infer may rely on all of the above.
    if (diagnostics_.errors().size() != before) return;
    for (const Node& node : graph_.nodes) check_inference(node);
  }

 private:
  void error(const char* code, const std::string& place, const std::string& message) {
    diagnostics_.error(code, place, message);
  }

  bool exists(ValueId id) const { return id >= 0 && size_t(id) < graph_.values.size(); }

  std::string place(ValueId id) const {
    if (!exists(id)) return "value %" + std::to_string(id);
    return "value %" + std::to_string(id) + " \"" + graph_.value(id).name + "\"";
  }
  std::string place(const Value& value) const {
    return place(ValueId(&value - graph_.values.data()));
  }
  // As place_of(), but by position: names may be wrong here.
  std::string place(const Node& node) const {
    return "layer " + std::to_string(&node - graph_.nodes.data()) + " " +
           (node.op ? node.op->name : "?") + " \"" + node.name + "\"";
  }
  std::string place(const Stream& stream) const { return "stream \"" + stream.name + "\""; }

  // --- values

  void check_value(const Value& value) {
    const int64_t bytes = checked_bytes(value.type, value.shape);
    if (bytes < 0)
      error("wrong-shape", place(value),
            "a dimension is below 1 or the tensor is larger than 2 GB");
    if (value.data && int64_t(value.data->size()) != bytes)
      error("wrong-data-size", place(value), "the data's size does not fit the shape");
    if (value.kind == ValueKind::constant && !value.data)
      error("no-data", place(value), "a constant must have data");
    const bool computed = value.kind == ValueKind::intermediate || value.kind == ValueKind::stream;
    if (computed && value.data)
      error("unexpected-data", place(value), "only constants and states have data");
    if (!computed && !(value.clock == Clock{}))
      error("wrong-clock", place(value), "constants and states have no clock");
    check_quantization(value);
  }

  void check_quantization(const Value& value) {
    const Quantization& q = value.quantization;
    if (q == Quantization{}) return;
    if (value.type == ElementType::f32)
      return error("wrong-quantization", place(value), "a float value has no scale");
    if (q.scales.empty() || q.scales.size() != q.zero_points.size())
      error("wrong-quantization", place(value), "every scale needs one zero point");
    for (float scale : q.scales)
      if (!std::isfinite(scale) || scale <= 0)
        error("wrong-quantization", place(value),
              "scale " + print_real(scale) + " is not above zero");
    const NumberRange range = zero_points_of(value.type);
    for (int32_t zero_point : q.zero_points)
      if (zero_point < range.min || zero_point > range.max)
        error(
            "wrong-quantization", place(value),
            "zero point " + std::to_string(zero_point) + " does not fit " + to_string(value.type));
    const bool axis_exists = q.axis >= 0 && size_t(q.axis) < value.shape.size();
    if (q.scales.size() > 1 &&
        (!axis_exists || value.shape[size_t(q.axis)] != int64_t(q.scales.size())))
      error("wrong-quantization", place(value), "scales and axis do not fit the shape");
  }

  // --- streams

  // Marks a state as this owner's; a state serves one node or stream.
  void own_state(ValueId id, const std::string& owner) {
    if (!exists(id) || graph_.value(id).kind != ValueKind::state)
      return error("wrong-state", owner, place(id) + " is no state");
    if (owned_[size_t(id)]) error("shared-state", owner, place(id) + " already has an owner");
    owned_[size_t(id)] = true;
  }

  void check_stream(int32_t index) {
    const Stream& stream = graph_.streams[size_t(index)];
    if (!std::isfinite(stream.rate_hz) || stream.rate_hz < 0)
      error("wrong-rate", place(stream), "the rate must be zero or more");
    if (!exists(stream.value) || graph_.value(stream.value).kind != ValueKind::stream)
      return error("wrong-stream", place(stream), place(stream.value) + " is no stream's value");
    const Value& value = graph_.value(stream.value);
    check_sample_tensor(stream, stream.value, index);
    for (ValueId id : stream.more) {
      if (!exists(id) || graph_.value(id).kind != ValueKind::stream || !stream.axes.empty())
        return error("wrong-stream", place(stream), place(id) + " is no stream's value");
      check_sample_tensor(stream, id, index);
    }
    stream.axes.empty() ? check_tensor_stream(stream) : check_sensor(stream, value);
  }

  void check_sample_tensor(const Stream& stream, ValueId id, int32_t index) {
    define(id, place(stream));
    if (!(graph_.value(id).clock == Clock{index, {1, 1}, {1, 1}}))
      error("wrong-clock", place(stream),
            "a sample's clock is its stream with period 1 and phase 1");
  }

  void check_tensor_stream(const Stream& stream) {
    if (stream.missing != MissingPolicy::drop || stream.last >= 0 || stream.pending >= 0)
      error("wrong-stream", place(stream), "a stream without axes can only drop what is missing");
  }

  void check_sensor(const Stream& stream, const Value& value) {
    if (value.type != ElementType::s16 || value.shape != Shape{int32_t(stream.axes.size())})
      error("wrong-stream", place(stream), "a sensor's sample is one s16 count an axis");
    for (const StreamAxis& axis : stream.axes)
      if (!std::isfinite(axis.scale) || axis.scale <= 0)
        error("wrong-scale", place(stream),
              "the scale of axis '" + axis.name + "' is not above zero");
    const bool keeps_last = stream.missing != MissingPolicy::drop;
    check_stream_state(stream, stream.last, keeps_last,
                       {"zero", ElementType::s16, value.shape, {}});
    const bool counts = stream.missing == MissingPolicy::interpolate;
    check_stream_state(stream, stream.pending, counts,
                       {"-1: no sample yet", ElementType::s32, {1}, Bytes(4, 0xFF)});
  }

  // `expected.name` is its initial value in words.
  void check_stream_state(const Stream& stream, ValueId id, bool needed,
                          const StateSpec& expected) {
    if (needed != (id >= 0))
      return error("wrong-state", place(stream), "its states do not fit its missing-sample policy");
    if (!needed) return;
    own_state(id, place(stream));
    if (!exists(id)) return;
    const Value& state = graph_.value(id);
    if (state.type != expected.type || state.shape != expected.shape)
      error("wrong-state", place(stream),
            place(id) + " is not " + print_type(expected.type, expected.shape));
    else if (!begins_as(state, expected.initial))
      error("wrong-state", place(stream), place(id) + " must begin at " + expected.name);
  }

  // Nothing given means zeros, on either side.
  static bool begins_as(const Value& state, const Bytes& expected) {
    const Bytes zeros(size_t(checked_bytes(state.type, state.shape)));
    return (state.data ? *state.data : zeros) == (expected.empty() ? zeros : expected);
  }

  // --- definitions, in execution order

  void define(ValueId id, const std::string& by) {
    if (defined_[size_t(id)]) error("defined-twice", by, place(id) + " is already defined");
    defined_[size_t(id)] = true;
  }

  void check_constants() {
    for (size_t i = 0; i < graph_.values.size(); ++i)
      if (graph_.values[i].kind == ValueKind::constant) defined_[i] = true;
  }

  void check_node(const Node& node) {
    if (!node.op) return error("no-operator", place(node), "the layer has no operator");
    for (ValueId id : node.inputs) check_input(node, id);
    check_input_clocks(node);
    if (node.outputs.empty()) error("no-output", place(node), "the layer has no output");
    for (ValueId id : node.outputs) {
      if (exists(id) && graph_.value(id).kind == ValueKind::intermediate)
        define(id, place(node));
      else
        error("wrong-output", place(node), place(id) + " cannot be an output");
    }
    if (node.op->variable == VariableUse::none)
      for (ValueId id : node.states) own_state(id, place(node));
    else
      check_variable(node);
    check_attributes(node);
  }

  void check_variable(const Node& node) {
    const bool known =
        node.states.size() == 1 && std::find(graph_.variables.begin(), graph_.variables.end(),
                                             node.states[0]) != graph_.variables.end();
    if (!known) error("wrong-state", place(node), "its state is no variable of the graph");
  }

  void check_input(const Node& node, ValueId id) {
    if (id == -1) return;  // an optional input
    if (!exists(id)) return error("wrong-input", place(node), place(id) + " does not exist");
    if (graph_.value(id).kind == ValueKind::state)
      error("wrong-input", place(node), place(id) + " is a state; only its owner sees it");
    else if (!defined_[size_t(id)])
      error("used-before-defined", place(node), place(id) + " is used before it is defined");
  }

  void check_input_clocks(const Node& node) {
    const Value* first = nullptr;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (!exists(node.inputs[i])) continue;
      const Value& input = graph_.value(node.inputs[i]);
      if (input.clock.stream < 0) continue;
      if (!first) first = &input;
      if (!(input.clock == first->clock))
        error("clocks-differ", place(node),
              place(*first) + " and " + place(input) + " do not come at the same time");
    }
    // The evaluator and the emitted code run a node when its first computed input was produced.
    if (!first) error("no-trigger", place(node), "no input is a value that is computed");
  }

  void check_attributes(const Node& node) {
    std::set<std::string> known;
    for (const AttributeSpec& spec : node.op->attributes) {
      known.insert(spec.name);
      if (!node.attributes.count(spec.name))
        error("missing-attribute", place(node), "attribute '" + spec.name + "' is not given");
    }
    for (const auto& [name, value] : node.attributes)
      if (!known.count(name))
        error("unknown-attribute", place(node), "attribute '" + name + "' is unknown");
  }

  void check_all_defined() {
    for (size_t i = 0; i < graph_.values.size(); ++i) {
      const bool is_state = graph_.values[i].kind == ValueKind::state;
      if (is_state && !owned_[i])
        error("ownerless-state", place(ValueId(i)), "the state belongs to no layer or stream");
      if (!is_state && !defined_[i])
        error("never-defined", place(ValueId(i)), "no layer or stream gives this value");
    }
  }

  void check_outputs() {
    if (graph_.outputs.empty()) error("no-output", "graph", "the graph has no output");
    for (ValueId id : graph_.outputs)
      if (!exists(id) || !defined_[size_t(id)] || graph_.value(id).clock.stream < 0)
        error("wrong-output", "graph", place(id) + " cannot be an output of the graph");
  }

  void check_name(std::set<std::string>& seen, const std::string& name, const std::string& where) {
    if (name.empty())
      error("no-name", where, "it has no name");
    else if (!seen.insert(name).second)
      error("same-name", where, "another one has the same name");
  }

  void check_names() {
    std::set<std::string> values, nodes, streams, classes;
    for (const Value& value : graph_.values) check_name(values, value.name, place(value));
    for (const Node& node : graph_.nodes) check_name(nodes, node.name, place(node));
    for (const Stream& stream : graph_.streams) check_name(streams, stream.name, place(stream));
    for (const std::string& name : graph_.classes)
      check_name(classes, name, "class \"" + name + "\"");
  }

  // --- operators

  void check_inference(const Node& node) {
    Inference inferred;
    try {
      inferred = node.op->infer(NodeView(graph_, node));
    } catch (const UserError& refusal) {  // the operator's own words, collected with the rest
      for (const Diagnostic& d : refusal.diagnostics())
        diagnostics_.error(d.code, d.place.empty() ? place(node) : d.place, d.message, d.remedy);
      return;
    }
    const size_t own_states = node.op->variable == VariableUse::none ? node.states.size() : 0;
    if (inferred.outputs.size() != node.outputs.size() || inferred.states.size() != own_states)
      return error("wrong-layer", place(node), "the number of its outputs or states is wrong");
    for (size_t i = 0; i < node.outputs.size(); ++i)
      check_output(node, graph_.value(node.outputs[i]), inferred.outputs[i]);
    for (size_t i = 0; i < own_states; ++i)
      check_state(node, graph_.value(node.states[i]), inferred.states[i]);
    check_alias(node);
  }

  void check_output(const Node& node, const Value& output, const ValueType& expected) {
    if (output.type != expected.type || output.shape != expected.shape)
      error("wrong-layer", place(node),
            place(output) + " must be " + print_type(expected.type, expected.shape) + ", it is " +
                print_type(output.type, output.shape));
    if (!(output.quantization == expected.quantization))
      error("wrong-layer", place(node),
            place(output) + " has another scale than the operator gives it");
    if (!(output.clock == expected.clock))
      error("wrong-clock", place(node),
            place(output) + " has another clock than the operator gives it");
  }

  void check_state(const Node& node, const Value& state, const StateSpec& expected) {
    if (state.type != expected.type || state.shape != expected.shape)
      error("wrong-state", place(node),
            place(state) + " must be " + print_type(expected.type, expected.shape));
    else if (!begins_as(state, expected.initial))
      error("wrong-state", place(node), place(state) + " has another initial value");
  }

  // An output that lies in another value's bytes must have as many.
  void check_alias(const Node& node) {
    const int64_t bytes = graph_.value(node.outputs[0]).bytes();
    if (node.op->alias == Alias::view && graph_.value(node.inputs[0]).bytes() != bytes)
      error("wrong-alias", place(node),
            "its output is not as large as the input that it is a view of");
    const bool of_state = node.op->alias == Alias::state_view;
    if (of_state && (node.states.empty() || graph_.value(node.states[0]).bytes() < bytes))
      error("wrong-alias", place(node), "its output is larger than the state that it lies in");
  }

  const Graph& graph_;
  Diagnostics& diagnostics_;
  std::vector<bool> defined_;
  std::vector<bool> owned_;
};

}  // namespace

void verify(const Graph& graph, Diagnostics& diagnostics) { Verifier(graph, diagnostics).run(); }

}  // namespace mote
