// SPDX-License-Identifier: Apache-2.0
// The float graph rewritten layer by layer. See post_training.h.
#include "quantize/post_training.h"

#include <algorithm>
#include <set>

#include "graph/subgraph.h"
#include "graph/verify.h"
#include "ops/activation.h"
#include "ops/registry.h"
#include "quantize/weights.h"

namespace mote {
namespace {

// The two operators that take real numbers and give int8; all others with a rule need integers
// already.
bool takes_real_numbers(const OpDef& op) {
  return op.name == "standardize" || op.name == "quantize";
}

// Reshaping, max pooling, softmax: they take what comes, and on floats behind a signal block they
// stay float.
bool moves_numbers(const OpDef& op) { return op.quantize == &quantize_same_scale; }

bool is_activation(ElementType type) { return type == ElementType::s8 || type == ElementType::s16; }

// A layer of the network that has no integer form: it keeps its float numbers.
bool is_float_only(const NodeView& view) {
  const OpDef& op = *view.node().op;
  if (why_float(view).empty() || takes_real_numbers(op) || op.name == "dequantize") return false;
  if (op.room != "nn" && op.room != "audio") return false;
  for (size_t i = 0; i < view.input_count(); ++i)
    if (view.has_input(i) && view.input(i).type == ElementType::f32) return true;
  return false;
}

class PostTrainingQuantizer : public Quantizer {
 public:
  struct Request {
    const Graph& source;
    const Calibration& calibration;
    const QuantizePlan& plan;
    QuantizeReport& report;
    Diagnostics& diagnostics;
  };

  explicit PostTrainingQuantizer(const Request& request)
      : source_(request.source), request_(request), ids_(source_.values.size(), -1) {}

  Graph run() {
    out_.name = source_.name;
    out_.classes = source_.classes;
    for (const Stream& stream : source_.streams) add_stream(stream);
    for (ValueId id : source_.variables) copy_variable(id);
    for (const Node& node : source_.nodes) rewrite(NodeView(source_, node));
    warn_of_floats();
    for (ValueId id : source_.outputs) out_.outputs.push_back(as_is(id));
    name_apart();
    verify(out_, request_.diagnostics);
    request_.diagnostics.stop_if_any();
    return std::move(out_);
  }

  Graph& graph() override { return out_; }

  ElementType type(const NodeView& view) override {
    const Precision precision = request_.plan.of_layer(view.node().name);
    return precision == Precision::w8a16 ? ElementType::s16 : ElementType::s8;
  }

  // A float constant stays float: what it means is the operator's to say.
  ValueId input(const NodeView& view, size_t i) override {
    if (!view.has_input(i)) return -1;
    const ValueId id = view.node().inputs[i];
    const Value& value = source_.value(id);
    if (value.kind == ValueKind::constant || value.type != ElementType::f32 ||
        takes_real_numbers(*view.node().op))
      return as_is(id);
    return converted(id, type(view));
  }

  QuantizedWeights weights(const NodeView& view, int32_t axis) override {
    WeightRule rule;
    if (request_.plan.of_layer(view.node().name) == Precision::w4a8) rule.bits = 4;
    if (request_.plan.correct_bias)
      if (const SeenValue* seen = request_.calibration.find(view.input(0).name))
        rule.input_means = seen->channel_means();
    return add_integer_weights(out_, view, axis, input(view, 0), rule);
  }

  ValueRange range(const NodeView& view, size_t i) override {
    const Node& node = view.node();
    if (i < node.outputs.size()) return calibrated(view.output(i).name, type(view), view.place());
    const ValueId state = node.states.at(i - node.outputs.size());  // always 16 bits
    return calibrated(source_.value(state).name, ElementType::s16, view.place());
  }

  Quantization activation(const NodeView& view, size_t i) override {
    return quantization_over(type(view), range(view, i));
  }

  ValueId replace(const NodeView& view, const OpDef& op, std::vector<ValueId> inputs,
                  Attributes attributes) override {
    const bool shared = view.node().op->variable != VariableUse::none;
    const ValueId variable = shared ? ids_.at(size_t(view.node().states.at(0))) : -1;
    const ValueId first =
        out_.add_node(op, view.node().name, std::move(inputs), std::move(attributes), variable);
    const std::vector<ValueId>& outputs = out_.nodes.back().outputs;
    MOTE_ASSERT(outputs.size() == view.node().outputs.size());
    for (size_t i = 0; i < outputs.size(); ++i) {
      ids_[size_t(view.node().outputs[i])] = outputs[i];
      report(view.output(i), out_.value(outputs[i]), &view);
    }
    return first;
  }

 private:
  // Clipping is for types of few steps: of s16 the extremes are the range.
  ValueRange calibrated(const std::string& name, ElementType type, const std::string& place) {
    const SeenValue* seen = request_.calibration.find(name);
    if (!seen || seen->histogram.count() == 0)
      fail("not-calibrated", place, "no calibration sample reached \"" + name + "\"",
           "calibrate with recordings at least one window long");
    if (seen->histogram.non_finite() > 0)
      fail("not-finite", place, "\"" + name + "\" is not finite for some calibration samples",
           "look for weights or features that overflow");
    return seen->histogram.range(rule_of(name, type));
  }

  RangeRule rule_of(const std::string& name, ElementType type) const {
    return type == ElementType::s16 ? RangeRule::min_max : request_.plan.of_value(name);
  }

  // What stands for a value, whatever type it has become.
  ValueId as_is(ValueId id) {
    ValueId& here = ids_[size_t(id)];
    const Value& value = source_.value(id);
    if (here < 0 && value.kind == ValueKind::constant) here = copy_constant(out_, value);
    MOTE_ASSERT(here >= 0);
    return here;
  }

  // What stands for a float value, as `wanted`: behind a quantize or dequantize layer where it has
  // become something else.
  ValueId converted(ValueId id, ElementType wanted) {
    const ValueId here = as_is(id);
    if (out_.value(here).type == wanted) return here;
    const auto [found, is_new] = conversions_.try_emplace({id, wanted}, -1);
    if (!is_new) return found->second;
    const std::string type = to_string(wanted);
    const std::string name = source_.value(id).name + "/" + type;
    if (wanted == ElementType::f32)
      return found->second = out_.add_node(dequantize_op, name, {here});
    const Quantization over = quantization_over(
        wanted, calibrated(source_.value(id).name, wanted, "layer \"" + name + "\""));
    return found->second = out_.add_node(quantize_op, name, {here},
                                         with_output_quantization({{"output_type", type}}, over));
  }

  // The layers that read `id`, directly or behind layers that only move numbers.
  std::vector<const Node*> readers_of(ValueId id) const {
    std::vector<const Node*> readers;
    for (const Node& node : source_.nodes) {
      if (std::find(node.inputs.begin(), node.inputs.end(), id) == node.inputs.end()) continue;
      if (!moves_numbers(*node.op))
        readers.push_back(&node);
      else
        for (const Node* further : readers_of(node.outputs[0])) readers.push_back(further);
    }
    return readers;
  }

  // The type of a float input: what its readers take; f32 where one of them needs it.
  ElementType stream_type(ValueId id) {
    const std::vector<const Node*> readers = readers_of(id);
    bool wide = request_.plan.precision == Precision::w8a16 || !readers.empty();
    for (const Node* node : readers) {
      const NodeView view(source_, *node);
      if (takes_real_numbers(*node->op) || !why_float(view).empty()) return ElementType::f32;
      wide = wide && type(view) == ElementType::s16;
    }
    return wide ? ElementType::s16 : ElementType::s8;
  }

  void add_stream(const Stream& stream) {
    if (!stream.axes.empty()) {
      const ValueId id = out_.add_stream(stream.name, stream.axes, stream.rate_hz, stream.missing);
      ids_[size_t(stream.value)] = id;
      out_.value(id).name = source_.value(stream.value).name;
      return;
    }
    const auto index = int32_t(out_.streams.size());
    for (const SamplePart& part : sample_parts(source_, stream)) {
      const Value& value = source_.value(part.value);
      ElementType type = value.type;
      Quantization quantization = value.quantization;
      if (type == ElementType::f32 && (type = stream_type(part.value)) != ElementType::f32)
        quantization =
            quantization_over(type, calibrated(value.name, type, "stream \"" + stream.name + "\""));
      ValueId& id = ids_[size_t(part.value)];
      id = part.value == stream.value
               ? out_.add_tensor_stream(stream.name, type, value.shape, quantization)
               : out_.add_sample_tensor(index, value.name, type, value.shape, quantization);
      out_.value(id).name = value.name;
      report(value, out_.value(id), nullptr);
    }
    out_.streams.back().rate_hz = stream.rate_hz;
  }

  void copy_variable(ValueId id) {
    const Value& value = source_.value(id);
    ids_[size_t(id)] = out_.add_variable(value.name, value.type, value.shape,
                                         value.data ? *value.data : Bytes{}, value.quantization);
  }

  // One layer: by its rule, or as it is where it is an integer layer already, has no rule or takes
  // what comes.
  void rewrite(const NodeView& view) {
    const OpDef& op = *view.node().op;
    if (is_float_only(view)) return keep_float(view);
    const bool is_float = view.input(0).type == ElementType::f32 || takes_real_numbers(op);
    const bool by_rule = op.quantize && is_float;
    if (by_rule && (!moves_numbers(op) || is_named_integer(view)))
      op.quantize(*this, view);
    else
      copy(view);
  }

  // A layer that takes what comes, but the plan says what that shall be.
  bool is_named_integer(const NodeView& view) {
    return request_.plan.layers.count(view.node().name) > 0 &&
           out_.value(as_is(view.node().inputs[0])).type != ElementType::f32;
  }

  void copy(const NodeView& view) {
    std::vector<ValueId> inputs;
    for (ValueId id : view.node().inputs) inputs.push_back(id < 0 ? -1 : as_is(id));
    replace(view, *view.node().op, std::move(inputs), view.node().attributes);
  }

  void keep_float(const NodeView& view) {
    std::vector<ValueId> inputs;
    for (ValueId id : view.node().inputs) {
      const bool real = id >= 0 && source_.value(id).type == ElementType::f32;
      inputs.push_back(id < 0 ? -1 : real ? converted(id, ElementType::f32) : as_is(id));
    }
    replace(view, *view.node().op, std::move(inputs), view.node().attributes);
  }

  void report(const Value& real, const Value& integer, const NodeView* layer) {
    if (real.type != ElementType::f32 || !is_activation(integer.type)) return;
    QuantizedValue row;
    row.name = real.name;
    row.op = layer ? layer->node().op->name : "input";
    row.type = integer.type;
    row.precision = layer ? request_.plan.of_layer(layer->node().name) : request_.plan.precision;
    row.rule = rule_of(real.name, integer.type);
    row.scale = integer.quantization.scale();
    row.zero_point = integer.quantization.zero_point();
    if (const SeenValue* seen = request_.calibration.find(real.name))
      row.min = seen->histogram.min(), row.max = seen->histogram.max();
    request_.report.values.push_back(std::move(row));
  }

  // Layers of the network that still work on floats: nothing silent.
  void warn_of_floats() {
    for (const Node& node : out_.nodes) {
      const bool is_float = out_.value(node.inputs[0]).type == ElementType::f32;
      const bool computes =
          node.op->room != "dsp" && node.op->room != "audio" && node.op->alias != Alias::view;
      if (!is_float || !computes || takes_real_numbers(*node.op)) continue;
      request_.report.float_layers.push_back(node.name);
      const std::string why = why_float(NodeView(out_, node));
      request_.diagnostics.warn("stays-float", place_of(out_, node),
                                "the layer stays in float32" + (why.empty() ? "" : ": " + why),
                                moves_numbers(*node.op) || node.op->room == "rule"
                                    ? "put a standardize layer in front of it"
                                    : "");
    }
  }

  // Weights that two layers share have become two constants: their scales may differ.
  void name_apart() {
    std::set<std::string> seen;
    for (Value& value : out_.values) {
      const std::string name = value.name;
      for (int32_t copy = 2; !seen.insert(value.name).second; ++copy)
        value.name = name + "#" + std::to_string(copy);
    }
  }

  const Graph& source_;
  const Request& request_;
  Graph out_;
  std::vector<ValueId> ids_;  // of each value of the source in out_; -1: not there
  std::map<std::pair<ValueId, ElementType>, ValueId> conversions_;
};

}  // namespace

Graph quantize(const Graph& float_graph, const Calibration& calibration, const QuantizePlan& plan,
               QuantizeReport& report, Diagnostics& diagnostics) {
  report = {};
  const PostTrainingQuantizer::Request request{float_graph, calibration, plan, report, diagnostics};
  return PostTrainingQuantizer(request).run();
}

}  // namespace mote
