// SPDX-License-Identifier: Apache-2.0
// See operator_view.h.
#include "compiler/import/tflite/operator_view.h"

#include <algorithm>

#include "compiler/import/tflite/constants.h"
#include "compiler/import/tflite/rules.h"
#include "graph/text.h"

namespace mote::tflite {

namespace {

constexpr size_t kTensorsAnOperator = 16;

// Of an input that decides shapes: every layer copies it.
constexpr int64_t kMostListed = 4096;

// Where the converter fused layers, it lists the names of all: "a/Relu;a/BiasAdd;a/Conv2D".
std::string last_name(const std::string& names) { return names.substr(names.rfind(';') + 1); }

}  // namespace

bool OperatorView::has_input(size_t i) const { return i < op_.inputs.size() && op_.inputs[i] >= 0; }

const Tensor& OperatorView::in(size_t i) const {
  if (!has_input(i)) refuse("missing-input", "input " + std::to_string(i) + " is not given");
  return import_.subgraph.tensors[size_t(op_.inputs[i])];
}

const Tensor& OperatorView::out(size_t i) const {
  if (i >= op_.outputs.size())
    refuse("missing-output", "output " + std::to_string(i) + " is not given");
  return import_.subgraph.tensors[size_t(op_.outputs[i])];
}

ValueId OperatorView::input(size_t i) {
  const Tensor& tensor = in(i);
  ValueId& id = import_.values[size_t(tensor.index)];
  if (id < 0 && tensor.is_constant()) id = import_constant(import_.assembly, tensor, place());
  if (id < 0)
    refuse("wrong-input", "tensor \"" + tensor.name + "\" has no numbers here",
           "variables are read by READ_VARIABLE alone");
  return id;
}

std::vector<ValueId> OperatorView::inputs() {
  std::vector<ValueId> all;
  for (size_t i = 0; i < input_count(); ++i) all.push_back(input(i));
  return all;
}

ValueId OperatorView::float_constant(size_t i) {
  const ValueId id = input(i);
  if (!is_constant(id)) refuse("wrong-type", "input " + std::to_string(i) + " must be constant");
  if (value(id).type == ElementType::f32) return id;
  return add_dequantized(import_.assembly, id, place());
}

std::vector<int64_t> OperatorView::integers(size_t i) {
  if (element_count(in(i).shape) == 0) return {};
  const ValueId id = input(i);
  if (!is_constant(id))
    refuse("dynamic-shape", "input " + std::to_string(i) + " \"" + in(i).name + "\" is computed",
           "its numbers decide shapes, so they must be constants in the model");
  if (value(id).type == ElementType::f32)
    refuse("wrong-type", "input " + std::to_string(i) + " must be of an integer type");
  if (value(id).elements() > kMostListed)
    refuse("too-large", "input " + std::to_string(i) + " lists more than 4096 numbers");
  return import_.assembly.integers(id);
}

std::vector<ValueId> OperatorView::add_all(const OpDef& op, const std::vector<ValueId>& inputs,
                                           const Attributes& attributes, const std::string& part) {
  const std::string name =
      import_.prefix + last_name(out(0).name) + (part.empty() ? "" : "/" + part);
  return import_.assembly.add_all(op, name, inputs, attributes);
}

ValueId OperatorView::add(const OpDef& op, const std::vector<ValueId>& inputs,
                          const Attributes& attributes, const std::string& part) {
  return add_all(op, inputs, attributes, part).at(0);
}

Attributes OperatorView::with_output(Attributes attributes, size_t i) const {
  const Quantization& q = out(i).quantization;
  if (q.empty()) return attributes;
  attributes["output_scale"] = double(q.scale());
  attributes["output_zero_point"] = int64_t(q.zero_point());
  return attributes;
}

std::string OperatorView::activation(format::ActivationFunctionType fused) const {
  switch (fused) {
    case format::ActivationFunctionType::NONE:
      return "none";
    case format::ActivationFunctionType::RELU:
      return "relu";
    case format::ActivationFunctionType::RELU6:
      return "relu6";
    case format::ActivationFunctionType::RELU_N1_TO_1:
      return "relu_n1_to_1";
    default:
      break;
  }
  refuse("wrong-activation", "fused activation " + std::to_string(int64_t(fused)) + " is not taken",
         "write tanh as a layer of its own");
}

void OperatorView::set(size_t i, ValueId id) {
  const Tensor& tensor = out(i);
  const Value& made = value(id);
  ElementType expected = ElementType::f32;
  const bool known = element_type(tensor.type, expected);
  if (!known || expected != made.type || tensor.shape != made.shape)
    refuse("wrong-output",
           "the file gives output " + std::to_string(i) + " as " +
               (known ? print_type(expected, tensor.shape)
                      : std::string(format::EnumNameTensorType(tensor.type))) +
               "; from its inputs follows " + print_type(made.type, made.shape),
           "convert the model again");
  if (!tensor.quantization.empty() && !made.quantization.empty() &&
      !(tensor.quantization == made.quantization))
    refuse("wrong-quantization",
           "the file gives output " + std::to_string(i) + " another scale than the operator has",
           "quantise the model again");
  import_.values[size_t(tensor.index)] = id;
}

std::string OperatorView::place() const { return place_of(import_.subgraph, op_); }

void OperatorView::refuse(std::string code, std::string message, std::string remedy) const {
  fail(std::move(code), place(), std::move(message), std::move(remedy));
}

void OperatorView::refuse_options() const {
  refuse("missing-options", "its options are missing or another operator's",
         "the file is damaged; convert the model again");
}

Import begin_import(Program& program, const Subgraph& subgraph, const std::string& prefix) {
  // A call takes time for each tensor, too.
  program.operators_left -= int64_t(subgraph.tensors.size() / kTensorsAnOperator);
  return {program,
          program.assembly,
          subgraph,
          std::vector<ValueId>(subgraph.tensors.size(), -1),
          std::vector<std::string>(subgraph.tensors.size()),
          prefix};
}

void import_operator(Import& import, const Operator& op) {
  OperatorView view(import, op);
  if (--import.program.operators_left < 0)
    view.refuse("too-large", "the model's branches and loops come to more than 50,000 layers",
                "use fewer or shorter loops");
  try {
    find_import(op)(view);
  } catch (const UserError& refusal) {
    // An operator of ours names our layer; the user knows the file's. A call's refusal is placed
    // already, where it happened.
    std::vector<Diagnostic> placed = refusal.diagnostics();
    for (Diagnostic& d : placed)
      if (d.place.rfind("operator ", 0) != 0 && d.place.rfind("subgraph ", 0) != 0)
        d.place = view.place();
    throw UserError(std::move(placed));
  }
}

void import_operators(Import& import) {
  for (const Operator& op : import.subgraph.operators) import_operator(import, op);
}

namespace {

ImportFunction find_builtin(format::BuiltinOperator code) {
  for (const auto& rules : {layer_rules(), elementwise_rules(), unary_rules(), movement_rules(),
                            recurrent_rules(), control_rules()})
    for (const ImportRule& rule : rules)
      if (rule.code == code) return rule.import;
  return nullptr;
}

std::vector<std::string> builtin_names(bool taken) {
  using Op = format::BuiltinOperator;
  std::vector<std::string> names;
  for (Op code : format::EnumValuesBuiltinOperator())
    if (code != Op::CUSTOM && code != Op::PLACEHOLDER_FOR_GREATER_OP_CODES &&
        (find_builtin(code) != nullptr) == taken)
      names.push_back(format::EnumNameBuiltinOperator(code));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

ImportFunction find_import(const Operator& op) {
  if (op.code != format::BuiltinOperator::CUSTOM) return find_builtin(op.code);
  for (const auto rules : {signal_rules(), recurrent_custom_rules()})
    for (const CustomImportRule& rule : rules)
      if (rule.name == op.custom_code) return rule.import;
  return nullptr;
}

}  // namespace mote::tflite

namespace mote {

std::vector<std::string> tflite_operators() {
  std::vector<std::string> names = tflite::builtin_names(true);
  for (const auto rules : {tflite::signal_rules(), tflite::recurrent_custom_rules()})
    for (const tflite::CustomImportRule& rule : rules) names.push_back(std::string(rule.name));
  return names;
}

std::vector<std::string> refused_tflite_operators() { return tflite::builtin_names(false); }

}  // namespace mote
