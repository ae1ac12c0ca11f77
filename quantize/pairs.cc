// SPDX-License-Identifier: Apache-2.0
// See pairs.h. The walk keeps two forms of each value of the source: as it is, and as s8 integers;
// each is made from the other where a layer asks for it.
#include "quantize/pairs.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "graph/constant_layer.h"
#include "graph/quantizer.h"
#include "graph/subgraph.h"
#include "graph/verify.h"
#include "ops/activation.h"
#include "ops/registry.h"
#include "quantize/own_scale.h"
#include "quantize/pair_scales.h"
#include "quantize/stated_weights.h"

namespace mote {
namespace {

bool is_f32(const Value& value) { return value.type == ElementType::f32; }
bool is_constant(const Value& value) { return value.kind == ValueKind::constant; }

class PairFolder : public Quantizer {
 public:
  PairFolder(const Graph& source, bool folds, Diagnostics& diagnostics)
      : source_(source),
        folds_(folds),
        diagnostics_(diagnostics),
        wanted_(wanted_scales(source)),
        forms_(source.values.size()),
        readers_(source.values.size()) {}

  Graph run() {
    out_.name = source_.name;
    out_.classes = source_.classes;
    for (const Node& node : source_.nodes)
      for (ValueId id : node.inputs)
        if (id >= 0) readers_[size_t(id)].push_back(&node);
    for (size_t i = 0; i < source_.streams.size(); ++i) add_stream(int32_t(i));
    add_variables();
    for (const Node& node : source_.nodes) rewrite(NodeView(source_, node));
    for (ValueId id : source_.outputs) out_.outputs.push_back(as_is(id));
    warn_of_floats();
    warn_of_weights();
    name_apart();
    verify(out_, diagnostics_);
    diagnostics_.stop_if_any();
    return std::move(out_);
  }

  // ---- what a rule asks -------------------------------------------------------------------------

  Graph& graph() override { return out_; }

  ElementType type(const NodeView&) override { return ElementType::s8; }

  ValueId input(const NodeView& view, size_t i) override {
    if (!view.has_input(i)) return -1;
    const ValueId id = view.node().inputs[i];
    if (forms_[size_t(id)].constant >= 0 && meets_at_one_scale(view)) return at_scale(view, i);
    const ValueId integer = is_f32(source_.value(id)) ? as_integers(id) : -1;
    return integer >= 0 ? integer : as_is(id);
  }

  ValueRange range(const NodeView& view, size_t i) override {
    if (i >= view.node().outputs.size())
      view.refuse("not-quantized", "no pair states the scale of its state");
    const Quantization q = activation(view, i);
    return {float(-128 - q.zero_point()) * q.scale(), float(127 - q.zero_point()) * q.scale()};
  }

  Quantization activation(const NodeView& view, size_t i) override {
    const auto& wanted = wanted_[size_t(view.node().outputs.at(i))];
    MOTE_ASSERT(wanted);
    return *wanted;
  }

  QuantizedWeights weights(const NodeView& view, int32_t axis) override {
    const Value* integers = integers_of(view, 1);
    if (!integers) view.refuse("not-quantized", "its weights are no integers with a scale");
    const Value along = weights_along(view, *integers, axis);
    QuantizedWeights stated;
    stated.weights = add_constant(along);
    if (!view.has_input(2)) return stated;
    const Value* bias = integers_of(view, 2);
    if (!bias && !is_constant(view.input(2))) view.refuse("not-constant", "its bias is computed");
    const float input_scale = out_.value(input(view, 0)).quantization.scale();
    stated.bias = add_constant(
        stated_bias(view, bias ? *bias : view.input(2), input_scale, along.quantization));
    return stated;
  }

  // Where the operator chose a scale of its own, a quantize layer behind it gives the stated one.
  ValueId replace(const NodeView& view, const OpDef& op, std::vector<ValueId> inputs,
                  Attributes attributes) override {
    const ValueId first = add_node(op, view.node().name, std::move(inputs), std::move(attributes));
    const std::vector<ValueId> outputs = out_.nodes.back().outputs;
    for (size_t i = 0; i < outputs.size(); ++i) {
      Form& form = forms_[size_t(view.node().outputs.at(i))];
      const auto& wanted = wanted_[size_t(view.node().outputs[i])];
      if (!is_f32(view.output(i))) {
        form.as_is = outputs[i];
      } else if (wanted && !(out_.value(outputs[i]).quantization == *wanted)) {
        form.integers = add_node(quantize_op, view.output(i).name + "/scale", {outputs[i]},
                                 with_output_quantization({}, *wanted));
      } else {
        form.integers = outputs[i];
        form.layer = int32_t(out_.nodes.size()) - 1;
      }
    }
    return first;
  }

 private:
  // A value of the source in out_. -1: not there yet.
  struct Form {
    ValueId as_is = -1;
    ValueId integers = -1;  // the s8 that stand for it
    ValueId constant = -1;  // in the source: the integer constant that it was dequantised from
    int32_t layer = -1;     // of out_: what computes the integers, at the wanted scale
  };

  // Layers whose rule brings all inputs to the output's scale: it would do so to constants by a
  // layer, which nothing runs.
  static bool meets_at_one_scale(const NodeView& view) {
    const OpDef* op = view.node().op;
    return op == &concatenate_op || op == &maximum_op || op == &minimum_op;
  }

  // A dequantised constant at the scale of the output.
  ValueId at_scale(const NodeView& view, size_t i) {
    const ValueId id = view.node().inputs[i];
    const Value real = real_constant(id);
    const Quantization wanted = activation(view, 0);
    std::vector<int8_t> numbers;
    for (int64_t k = 0; k < real.elements(); ++k)
      numbers.push_back(int8_t(to_integer(double(real.as<float>()[k]), wanted, ElementType::s8)));
    return out_.add_constant(unique(real.name), ElementType::s8, real.shape, numbers, wanted);
  }

  // ---- adding to the result ---------------------------------------------------------------------

  std::string unique(const std::string& wanted) {
    std::string name = wanted;
    for (int32_t n = 2; !names_.insert(name).second; ++n) name = wanted + "_" + std::to_string(n);
    given_.push_back(name);
    return name;
  }

  ValueId add_node(const OpDef& op, const std::string& name, std::vector<ValueId> inputs,
                   Attributes attributes, ValueId variable = -1) {
    return out_.add_node(op, unique(name), std::move(inputs), std::move(attributes), variable);
  }

  ValueId add_constant(Value constant) {
    constant.name = unique(constant.name);
    return copy_constant(out_, constant);
  }

  void add_stream(int32_t index) {
    const Stream& stream = source_.streams[size_t(index)];
    const Value& value = source_.value(stream.value);
    ValueId& id = forms_[size_t(stream.value)].as_is;
    id = stream.axes.empty()
             ? out_.add_tensor_stream(stream.name, value.type, value.shape, value.quantization)
             : out_.add_stream(stream.name, stream.axes, stream.rate_hz, stream.missing);
    out_.value(id).name = value.name;
    out_.streams.back().rate_hz = stream.rate_hz;
    names_.insert(value.name);
    for (ValueId more : stream.more) {
      const Value& tensor = source_.value(more);
      forms_[size_t(more)].as_is = out_.add_sample_tensor(index, tensor.name, tensor.type,
                                                          tensor.shape, tensor.quantization);
      names_.insert(tensor.name);
    }
  }

  void add_variables() {
    for (ValueId id : source_.variables) {
      const Value& value = source_.value(id);
      names_.insert(value.name);
      variables_[id] = out_.add_variable(value.name, value.type, value.shape,
                                         value.data ? *value.data : Bytes{}, value.quantization);
    }
  }

  // ---- the forms of a value ---------------------------------------------------------------------

  // As the source has it.
  ValueId as_is(ValueId id) {
    if (id < 0) return -1;
    Form& form = forms_[size_t(id)];
    if (form.as_is >= 0) return form.as_is;
    const Value& value = source_.value(id);
    if (is_constant(value))
      form.as_is = add_constant(value);
    else if (form.constant >= 0)
      form.as_is = add_real(id);
    else if (value.type == ElementType::s8)
      form.as_is = form.integers;
    else if (is_f32(value))
      form.as_is = add_node(dequantize_op, value.name + "/real", {form.integers}, {});
    else
      form.as_is = add_node(quantize_op, value.name, {form.integers},
                            quantize_to(value.type, value.quantization));
    MOTE_ASSERT(form.as_is >= 0);
    return form.as_is;
  }

  // What the dequantize layer of a constant computes.
  Value real_constant(ValueId id) const {
    return compute_constants(dequantize_op, source_.value(id).name,
                             {&source_.value(forms_[size_t(id)].constant)}, {}, {})[0];
  }

  ValueId add_real(ValueId id) {
    integer_bytes_ += source_.value(forms_[size_t(id)].constant).bytes();
    real_bytes_ += source_.value(id).bytes();
    return add_constant(real_constant(id));
  }

  static Attributes quantize_to(ElementType type, const Quantization& scale) {
    return with_output_quantization({{"output_type", std::string(to_string(type))}}, scale);
  }

  // As s8; -1 where it has no such form.
  ValueId as_integers(ValueId id) {
    Form& form = forms_[size_t(id)];
    if (form.integers >= 0) return form.integers;
    const Value& value = source_.value(id);
    if (form.constant >= 0) {
      const auto constant = constant_as_s8(source_.value(form.constant));
      return form.integers = constant ? add_constant(*constant) : -1;
    }
    const auto scale = as_s8(value.type, value.quantization);
    if (!scale || is_constant(value)) return -1;
    if (value.type == ElementType::s8) return form.integers = as_is(id);
    return form.integers = add_node(quantize_op, value.name + "/s8", {as_is(id)},
                                    with_output_quantization({}, *scale));
  }

  const Value* integers_of(const NodeView& view, size_t i) const {
    const ValueId constant = forms_[size_t(view.node().inputs[i])].constant;
    return constant >= 0 ? &source_.value(constant) : nullptr;
  }

  // ---- layers -----------------------------------------------------------------------------------

  void rewrite(const NodeView& view) {
    const Node& node = view.node();
    const bool of_constant = node.op == &dequantize_op && is_constant(view.input(0));
    if (!folds_ && !of_constant) return keep(view);
    if (node.op == &dequantize_op && take_dequantize(view)) return;
    if (node.op == &quantize_op && take_quantize(view)) return;
    if (node.op == &activation_op && clamp(view)) return;
    if (keeps_scale(node) ? !move(view) : !fold(view)) keep(view);
  }

  bool take_dequantize(const NodeView& view) {
    const ValueId x = view.node().inputs[0];
    Form& form = forms_[size_t(view.node().outputs[0])];
    has_pairs_ |= !is_constant(view.input(0));
    if (is_constant(view.input(0))) {
      form.constant = x;
      return true;
    }
    form.integers = as_integers(x);
    return form.integers >= 0;
  }

  // Equal scales: nothing to do. Others: from scale to scale. Of a real number: the layer itself.
  bool take_quantize(const NodeView& view) {
    has_pairs_ = true;
    const ValueId x = view.node().inputs[0];
    const auto scale = as_s8(view.output().type, view.output().quantization);
    if (!scale) return false;
    Form& form = forms_[size_t(view.node().outputs[0])];
    const ValueId integers = as_integers(x);
    if (integers >= 0 && out_.value(integers).quantization == *scale) {
      form.integers = integers;
      return true;
    }
    Attributes attributes = view.node().attributes;
    attributes["output_type"] = std::string("s8");
    form.integers = add_node(quantize_op, view.node().name, {integers >= 0 ? integers : as_is(x)},
                             with_output_quantization(std::move(attributes), *scale));
    return true;
  }

  // What a border is filled with must be a number that the integers have. Borders around a pool
  // that takes the largest number may be lower.
  bool has_number(const NodeView& view, const Quantization& scale) const {
    if (view.node().op != &pad_op) return true;
    const double steps = view.number("value") / double(scale.scale()) + scale.zero_point();
    const auto& readers = readers_[size_t(view.node().outputs[0])];
    const bool pooled = std::all_of(readers.begin(), readers.end(), [](const Node* reader) {
      return reader->op == &max_pool_2d_op;
    });
    return steps < 127.5 && (steps > -128.5 || pooled);
  }

  bool move(const NodeView& view) {
    const Value& x = view.input(0);
    if (!is_f32(x) && x.quantization.empty()) return false;
    const ValueId integers = as_integers(view.node().inputs[0]);
    if (integers < 0 || out_.value(integers).quantization.scales.size() != 1) return false;
    if (!has_number(view, out_.value(integers).quantization)) return false;
    std::vector<ValueId> inputs{integers};
    for (size_t i = 1; i < view.input_count(); ++i) inputs.push_back(as_is(view.node().inputs[i]));
    add_node(*view.node().op, view.node().name, inputs, view.node().attributes);
    const std::vector<ValueId>& outputs = out_.nodes.back().outputs;
    for (size_t i = 0; i < outputs.size(); ++i) {
      Form& form = forms_[size_t(view.node().outputs[i])];
      (i == 0 ? form.integers : form.as_is) = outputs[i];
    }
    return true;
  }

  // An activation at its input's scale: nothing where the integers end there anyway, else the
  // clamp of the layer that computes them, if it has one and nothing else reads it.
  bool clamp(const NodeView& view) {
    const ValueId x = view.node().inputs[0], y = view.node().outputs[0];
    const auto& wanted = wanted_[size_t(y)];
    const ValueId integers = is_f32(view.input(0)) ? as_integers(x) : -1;
    if (!wanted || integers < 0 || !(out_.value(integers).quantization == *wanted)) return false;
    const QuantizedClampRange range = quantized_activation_range(view, out_.value(integers));
    if (range.min > -128 || range.max < 127) {
      const int32_t layer = forms_[size_t(x)].layer;
      if (layer < 0 || readers_[size_t(x)].size() != 1) return false;
      Node& before = out_.nodes[size_t(layer)];
      if (!has_free_clamp(before)) return false;
      before.attributes["activation"] = view.node().attributes.at("activation");
    }
    forms_[size_t(y)].integers = integers;
    return true;
  }

  // Why the layer stays float; empty: nothing stands against its integer form.
  std::string obstacle(const NodeView& view) {
    if (const std::string why = why_float(view); !why.empty()) return why;
    bool computed = false;
    for (size_t i = 0; i < view.input_count(); ++i) {
      if (!view.has_input(i) || !is_f32(view.input(i))) continue;
      const Form& form = forms_[size_t(view.node().inputs[i])];
      const bool stated = form.constant >= 0 || is_constant(view.input(i));
      if (!stated && as_integers(view.node().inputs[i]) < 0)
        return "its input \"" + view.input(i).name + "\" is not dequantised from 8 bits";
      if (form.constant < 0 && is_constant(view.input(i)) && view.input(i).elements() > 1 && i != 2)
        return "its constant \"" + view.input(i).name + "\" is not quantised";
      computed |= !stated;
    }
    if (!computed) return "no input of it is dequantised";
    for (size_t i = 0; i < view.node().outputs.size(); ++i)
      if (is_f32(view.output(i)) && !wanted_[size_t(view.node().outputs[i])])
        return "its output \"" + view.output(i).name +
               "\" is not quantised, or not by all that read it";
    return "";
  }

  bool fold(const NodeView& view) {
    const bool any_float = std::any_of(view.node().outputs.begin(), view.node().outputs.end(),
                                       [&](ValueId id) { return is_f32(source_.value(id)); });
    if (!any_float) return false;
    std::string& why = why_float_[view.node().name];
    why = obstacle(view);
    if (!why.empty()) return false;
    for (ValueId id : view.node().inputs)  // outside of the attempt
      if (id >= 0 && is_f32(source_.value(id)) && forms_[size_t(id)].constant < 0 &&
          !is_constant(source_.value(id)))
        as_integers(id);
    const size_t nodes = out_.nodes.size(), values = out_.values.size(), names = given_.size();
    try {
      if (!quantize_at_stated_scale(*this, view)) view.node().op->quantize(*this, view);
      for (size_t n = nodes; n < out_.nodes.size(); ++n) check(out_.nodes[n]);
      return true;
    } catch (const UserError& refusal) {
      why = refusal.diagnostics().at(0).message;
    }
    out_.nodes.resize(nodes);
    out_.values.resize(values);
    for (; given_.size() > names; given_.pop_back()) names_.erase(given_.back());
    for (ValueId id : view.node().outputs) forms_[size_t(id)] = {};
    for (ValueId id : view.node().inputs)
      if (id >= 0) forget(forms_[size_t(id)], ValueId(values));
    return false;
  }

  // Constants that an attempt brought along.
  static void forget(Form& form, ValueId end) {
    if (form.as_is >= end) form.as_is = -1;
    if (form.integers >= end) form.integers = -1;
  }

  // A rule may refuse only when the kernel's parameters are made.
  void check(const Node& node) const {
    if (node.op->alias != Alias::view) node.op->lower(NodeView(out_, node));
  }

  // The layer as it is.
  void keep(const NodeView& view) {
    const Node& node = view.node();
    std::vector<ValueId> inputs;
    for (ValueId id : node.inputs) inputs.push_back(as_is(id));
    const bool has_variable = node.op->variable != VariableUse::none;
    add_node(*node.op, node.name, inputs, node.attributes,
             has_variable ? variables_.at(node.states.at(0)) : -1);
    const std::vector<ValueId>& outputs = out_.nodes.back().outputs;
    for (size_t i = 0; i < outputs.size(); ++i) forms_[size_t(node.outputs[i])].as_is = outputs[i];
  }

  // Nothing silent: layers that compute with floats in a graph that somebody quantised.
  void warn_of_floats() {
    if (!has_pairs_ || !folds_) return;
    for (const Node& node : out_.nodes) {
      const bool computes = is_f32(out_.value(node.outputs[0])) && node.op != &dequantize_op &&
                            !keeps_scale(node) && node.op->alias != Alias::view;
      if (!computes) continue;
      const auto why = why_float_.find(node.name);
      const bool known = why != why_float_.end() && !why->second.empty();
      diagnostics_.warn("stays-float", place_of(out_, node),
                        "the layer is computed in float32: " +
                            (known ? why->second : why_float(NodeView(out_, node))),
                        "quantise the model so that mote has integers for it, or leave it");
    }
  }

  // Nor the memory that it takes where only weights are quantised.
  void warn_of_weights() {
    if (has_pairs_ || !folds_ || real_bytes_ == 0) return;
    diagnostics_.warn(
        "float-weights", "\"" + out_.name + "\"",
        "only constants of it are quantised, so its layers are computed in float32: " +
            std::to_string(integer_bytes_) + " bytes of integers become " +
            std::to_string(real_bytes_) + " bytes of float32",
        "mote quantize makes integer layers of it");
  }

  // Rules name a constant's integers as the constant.
  void name_apart() {
    std::set<std::string> seen;
    for (Value& value : out_.values)
      if (!seen.insert(value.name).second) seen.insert(value.name = unique(value.name));
  }

  const Graph& source_;
  const bool folds_;
  Diagnostics& diagnostics_;
  Graph out_;
  std::vector<std::optional<Quantization>> wanted_;  // of each value of the source
  std::vector<Form> forms_;                          // of each value of the source
  std::vector<std::vector<const Node*>> readers_;    // of each value of the source
  std::map<ValueId, ValueId> variables_;
  std::map<std::string, std::string> why_float_;  // by layer
  std::set<std::string> names_;
  std::vector<std::string> given_;  // of these the ones that unique() gave, in order
  bool has_pairs_ = false;          // of computed values
  int64_t integer_bytes_ = 0;       // of constants that became real numbers
  int64_t real_bytes_ = 0;
};

bool has_pairs(const Graph& graph) {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(),
                     [](const Node& node) { return node.op == &dequantize_op; });
}

}  // namespace

Graph fold_pairs(const Graph& graph, Diagnostics& diagnostics) {
  return has_pairs(graph) ? PairFolder(graph, true, diagnostics).run() : graph;
}

Graph compute_pairs_in_float(const Graph& graph, Diagnostics& diagnostics) {
  return has_pairs(graph) ? PairFolder(graph, false, diagnostics).run() : graph;
}

}  // namespace mote
