// SPDX-License-Identifier: Apache-2.0
// An .onnx file as a Graph: the walk over its nodes, each through its rule. See
// compiler/import/import.h.
#include <algorithm>
#include <set>

#include "compiler/import/import.h"
#include "compiler/import/onnx/subgraph.h"
#include "compiler/import/onnx_table.h"
#include "compiler/import/refusal_place.h"
#include "compiler/passes/passes.h"

namespace mote {
namespace onnx {
namespace {

std::vector<std::span<const ImportRule>> all_rules() {
  return {elementwise_rules(), unary_rules(),    reduction_rules(), norm_rules(),
          movement_rules(),    index_rules(),    constant_rules(),  layer_rules(),
          pool_rules(),        integer_rules(),  resize_rules(),    image_rules(),
          matrix_rules(),      spectral_rules(), training_rules(),  recurrent_rules(),
          attention_rules(),   control_rules(),  chosen_rules(),    sample_rules(),
          quantized_rules(),   ml_rules()};
}

}  // namespace

const ImportRule* find_rule(const std::string& domain, const std::string& name) {
  const std::string wanted = domain == "ai.onnx" ? "" : domain;
  for (const auto rules : all_rules())
    for (const ImportRule& rule : rules)
      if (rule.name == name && rule.domain == wanted) return &rule;
  return nullptr;
}

const ImportRule* find_rule(const format::NodeProto& node) {
  return find_rule(node.domain(), node.op_type());
}

namespace {

using Nodes = google::protobuf::RepeatedPtrField<format::NodeProto>;

// What is unknown is told for all operators at once, before anything is built.
void check_operators(const Model& model, const Nodes& nodes, const std::string& place,
                     Diagnostics& diagnostics) {
  for (int32_t n = 0; n < nodes.size(); ++n) {
    const auto& node = nodes.Get(n);
    for (const auto& attribute : node.attribute())
      check_operators(model, attribute.g().node(), place, diagnostics);
    if (!find_rule(node) && !find_function(model, node) && diagnostics.errors().size() < 100)
      diagnostics.error(
          "unsupported-operator", place + ": " + place_of(node, n),
          "mote does not take this operator (opset " + std::to_string(model.opset) + ")",
          "export the model with others, or add a rule: CONTRIBUTING.md");
  }
}

void check_operators(const Model& model, const std::string& place, Diagnostics& diagnostics) {
  check_operators(model, model.graph().node(), place, diagnostics);
  for (const auto& [name, function] : model.functions)
    check_operators(model, function->node(), place, diagnostics);
  diagnostics.stop_if_any();
}

// Unknown dimensions are 1.
Shape input_shape(const format::ValueInfoProto& info, const std::string& place,
                  Diagnostics& diagnostics) {
  const auto& said = info.type().tensor_type();
  const std::string what = "input \"" + info.name() + "\"";
  if (!said.has_shape()) fail("dynamic-shape", place, what + " has no shape", "export one");
  if (said.shape().dim_size() > 8) fail("wrong-shape", place, what + " has over 8 dimensions");
  Shape shape;
  for (const auto& dim : said.shape().dim()) {
    const bool known = dim.has_dim_value() && dim.dim_value() != 0;
    if (known && (dim.dim_value() < 0 || dim.dim_value() > INT32_MAX))
      fail("wrong-shape", place, what + " has a dimension of " + std::to_string(dim.dim_value()));
    const bool empty = dim.has_dim_value() && dim.dim_value() == 0;
    if (!known && !empty)
      diagnostics.warn("dynamic-shape", place,
                       "dimension " + std::to_string(shape.size()) + " of " + what +
                           " is unknown and taken as 1");
    shape.push_back(known ? int32_t(dim.dim_value()) : empty ? 0 : 1);
    if (element_count(shape) > INT32_MAX) fail("too-large", place, what + " is too large");
  }
  return shape;
}

// All inputs are tensors of one sample.
void add_input(Import& import, const format::ValueInfoProto& info, const std::string& place,
               Diagnostics& diagnostics) {
  ElementType type = ElementType::f32;
  if (!info.type().has_tensor_type())
    fail("wrong-type", place, "input \"" + info.name() + "\" is no tensor");
  const int32_t said = info.type().tensor_type().elem_type();
  if (!element_type(said, type))
    fail("wrong-type", place, "input \"" + info.name() + "\" is of type " + type_name(said),
         "mote takes float32, integers and bool");
  const Shape shape = input_shape(info, place, diagnostics);
  Graph& graph = import.assembly.graph();
  if (element_count(shape) == 0) {
    diagnostics.warn("empty-tensor", place,
                     "input \"" + info.name() + "\" has no elements and is taken as a constant");
    import.values[info.name()] = import.assembly.add_constant(info.name(), type, shape, Bytes());
    return;
  }
  const std::string name = import.assembly.unique(info.name());
  import.values[info.name()] = graph.streams.empty()
                                   ? graph.add_tensor_stream(name, type, shape, {})
                                   : graph.add_sample_tensor(0, name, type, shape, {});
}

void add_inputs(Import& import, const ImportOptions& options, const std::string& place,
                Diagnostics& diagnostics) {
  for (const auto& info : import.model.graph().input()) {
    if (import.model.constants.count(info.name())) continue;
    const auto given = options.constants.find(info.name());
    if (given == options.constants.end()) {
      add_input(import, info, place, diagnostics);
      continue;
    }
    const ImportOptions::Constant& c = given->second;
    if (element_count(c.shape) * element_bytes(c.type) != int64_t(c.data.size()))
      fail("wrong-data", place, "the constant for \"" + info.name() + "\" does not fit its shape");
    import.values[info.name()] = import.assembly.add_constant(info.name(), c.type, c.shape, c.data);
  }
  if (import.assembly.graph().streams.empty() && !options.constant_outputs)
    fail("no-input", place, "the model has no input", "mote needs at least one");
}

// A value that is an input, or an output already, becomes one by a view of its own.
void add_outputs(Import& import, const ImportOptions& options, const std::string& place) {
  Graph& graph = import.assembly.graph();
  std::set<ValueId> given;
  for (const auto& info : import.model.graph().output()) {
    const auto known = import.values.find(info.name());
    ValueId id = known == import.values.end() ? -1 : known->second;
    const bool constant = id < 0 || graph.value(id).kind == ValueKind::constant;
    if (id < 0 || (constant && !options.constant_outputs))
      fail("wrong-output", place, "output \"" + info.name() + "\" does not depend on the input");
    const bool taken = !given.insert(id).second;
    if (!constant && (taken || graph.value(id).kind == ValueKind::stream))
      id = import.assembly.add(reshape_op, info.name() + "/output", {id},
                               {{"shape", dims(graph.value(id).shape)}});
    graph.outputs.push_back(id);
  }
}

bool has_inputs(const Import& import, const format::NodeProto& node) {
  return std::all_of(node.input().begin(), node.input().end(), [&](const std::string& name) {
    return name.empty() || import.values.count(name) || import.model.constants.count(name);
  });
}

// Every refusal, but for nodes that follow a refused one.
void import_nodes(Import& import, const std::string& place, Diagnostics& diagnostics) {
  for (int32_t n = 0; n < import.model.graph().node_size(); ++n) {
    const auto& node = import.model.graph().node(n);
    if (!has_inputs(import, node)) continue;
    const OperatorView view(import, n);
    try {
      import_node(import, n);
    } catch (const UserError& refusal) {
      for (const Diagnostic& d : refusal.diagnostics())
        diagnostics.error(d.code, place + ": " + place_in_node(view.place(), d.place), d.message,
                          d.remedy);
      // What is too large once is too large again, and takes its time.
      const bool too_large = refusal.diagnostics().at(0).code == "too-large";
      if (too_large || diagnostics.errors().size() >= 100) break;
    }
  }
  diagnostics.stop_if_any();
}

}  // namespace
}  // namespace onnx

Graph import_onnx(const ModelFile& file, const ImportOptions& options, Diagnostics& diagnostics) {
  const onnx::Model model = onnx::read_model(file.bytes, file.place, diagnostics);
  onnx::check_operators(model, file.place, diagnostics);
  Assembly assembly(file.name);
  onnx::Import import{assembly, model, options, model.graph(), model.opset, nullptr, false, "",
                      0,        {},    {}};
  onnx::add_inputs(import, options, file.place, diagnostics);
  onnx::import_nodes(import, file.place, diagnostics);
  onnx::add_outputs(import, options, file.place);
  // Inputs and constants without elements were read by the rules alone.
  return remove_unused(assembly.take_with_pairs());
}

std::vector<OnnxOperator> onnx_operator_table() {
  std::vector<OnnxOperator> rows;
  for (const auto rules : onnx::all_rules())
    for (const onnx::ImportRule& rule : rules) {
      const std::string domain = rule.domain.empty() ? "" : std::string(rule.domain) + ".";
      const int64_t since = rule.domain.empty() ? rule.since : 1;
      rows.push_back({domain + std::string(rule.name), since, std::string(rule.note)});
    }
  std::sort(rows.begin(), rows.end(),
            [](const OnnxOperator& a, const OnnxOperator& b) { return a.name < b.name; });
  return rows;
}

std::vector<std::string> onnx_operators() {
  std::vector<std::string> names;
  for (const OnnxOperator& row : onnx_operator_table()) names.push_back(row.name);
  return names;
}

}  // namespace mote
