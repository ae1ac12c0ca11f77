// SPDX-License-Identifier: Apache-2.0
// See subgraph.h.
#include "compiler/import/onnx/subgraph.h"

#include <algorithm>

namespace mote::onnx {
namespace {

constexpr int32_t kDeepestCall = 8;

using Attributes = google::protobuf::RepeatedPtrField<format::AttributeProto>;

const format::AttributeProto* find_attribute(const Attributes& list, const std::string& name) {
  for (const auto& attribute : list)
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

// A function's node for one call: attributes that refer to the call's become these, inputs that the
// call does not give are left out.
void bind(format::NodeProto& node, const format::FunctionProto& function,
          const format::NodeProto& caller, const std::set<std::string>& absent) {
  for (int i = 0; i < node.input_size(); ++i)
    if (absent.count(node.input(i))) node.mutable_input(i)->clear();
  Attributes bound;
  for (auto& attribute : *node.mutable_attribute()) {
    for (auto& inner : *attribute.mutable_g()->mutable_node())
      bind(inner, function, caller, absent);
    if (attribute.ref_attr_name().empty()) {
      *bound.Add() = attribute;
      continue;
    }
    const auto* given = find_attribute(caller.attribute(), attribute.ref_attr_name());
    if (!given) given = find_attribute(function.attribute_proto(), attribute.ref_attr_name());
    if (!given) continue;
    *bound.Add() = *given;
    bound.Mutable(bound.size() - 1)->set_name(attribute.name());
  }
  node.mutable_attribute()->Swap(&bound);
}

int64_t opset_of(const format::FunctionProto& function, int64_t otherwise) {
  for (const auto& set : function.opset_import())
    if (set.domain().empty() || set.domain() == "ai.onnx") return set.version();
  return otherwise;
}

void check_depth(OperatorView& op) {
  if (op.import().depth >= kDeepestCall)
    op.refuse("too-deep", "branches, loops and functions are nested more than 8 deep");
}

Import inside(OperatorView& op, const format::GraphProto& body, int64_t opset, bool sealed) {
  Import& around = op.import();
  return {around.assembly, around.model,    around.options,   body, opset, &around,
          sealed,          op.name() + "/", around.depth + 1, {},   {}};
}

void import_function(OperatorView& op, const format::FunctionProto& function) {
  check_depth(op);
  for (const auto& attribute : op.node().attribute()) op.ignore(attribute.name());
  op.assembly().spend(op.name(), function.node_size());
  std::set<std::string> absent;
  format::GraphProto body;
  *body.mutable_node() = function.node();
  Import& around = op.import();
  const int64_t opset = opset_of(function, around.opset);
  Import inner = inside(op, body, opset, true);
  for (int i = 0; i < function.input_size(); ++i) {
    if (op.has_input(size_t(i)))
      inner.values[function.input(i)] = op.any_input(size_t(i));
    else
      absent.insert(function.input(i));
  }
  for (auto& node : *body.mutable_node()) bind(node, function, op.node(), absent);
  import_inner(inner);
  for (int i = 0; i < function.output_size() && size_t(i) < op.output_count(); ++i) {
    const ValueId id = inner.find(function.output(i));
    if (id < 0)
      op.refuse("undefined-name", "nothing makes the output \"" + function.output(i) + "\"");
    op.set(size_t(i), id);
  }
}

}  // namespace

const format::FunctionProto* find_function(const Model& model, const format::NodeProto& node) {
  const auto known = model.functions.find({node.domain(), node.op_type()});
  return known == model.functions.end() ? nullptr : known->second;
}

void import_node(Import& import, int32_t n) {
  OperatorView view(import, n);
  import.assembly.spend(view.name(), 1);
  if (const auto* function = find_function(import.model, view.node())) {
    import_function(view, *function);
    return view.finish();
  }
  const ImportRule* rule = find_rule(view.node());
  if (!rule)
    view.refuse("unsupported-operator", "mote does not take this operator",
                "export the model with others, or add a rule: CONTRIBUTING.md");
  if (rule->domain.empty() && view.opset() < rule->since)
    view.refuse("wrong-opset",
                "mote takes this operator from opset " + std::to_string(rule->since) + " on",
                "convert it with onnx.version_converter");
  rule->import(view);
  view.finish();
}

void import_inner(Import& import) {
  for (int32_t n = 0; n < import.graph.node_size(); ++n) {
    for (const std::string& input : import.graph.node(n).input())
      if (!input.empty() && import.find(input) < 0)
        fail("undefined-name", place_of(import.graph, n),
             "nothing makes its input \"" + input + "\"", "export the model again");
    import_node(import, n);
  }
}

std::vector<ValueId> call(OperatorView& op, const format::GraphProto& body,
                          const std::vector<ValueId>& inputs) {
  check_depth(op);
  if (size_t(body.input_size()) != inputs.size())
    op.refuse("wrong-subgraph", "its graph takes " + std::to_string(body.input_size()) +
                                    " inputs, not " + std::to_string(inputs.size()));
  Import& around = op.import();
  Import inner = inside(op, body, around.opset, false);
  around.assembly.spend(op.name(), body.initializer_size());
  for (const auto& initializer : body.initializer()) {
    Tensor read = read_tensor(initializer, op.place());
    inner.values[initializer.name()] = around.assembly.add_constant(
        inner.prefix + initializer.name(), read.type, read.shape, std::move(read.data));
  }
  for (size_t i = 0; i < inputs.size(); ++i) inner.values[body.input(int(i)).name()] = inputs[i];
  import_inner(inner);
  std::vector<ValueId> outputs;
  for (const auto& output : body.output()) {
    outputs.push_back(inner.find(output.name()));
    if (outputs.back() < 0)
      op.refuse("undefined-name", "nothing makes its graph's output \"" + output.name() + "\"");
  }
  return outputs;
}

}  // namespace mote::onnx
