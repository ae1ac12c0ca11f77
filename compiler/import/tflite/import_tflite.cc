// SPDX-License-Identifier: Apache-2.0
// A .tflite file as a Graph: the walk over the main subgraph's operators, each through its rule.
// See compiler/import/import.h.
#include <algorithm>

#include "compiler/import/import.h"
#include "compiler/import/tflite/operator_view.h"

namespace mote {
namespace {

using namespace tflite;

constexpr size_t kMostErrors = 100;

// What is unknown is told for all operators at once, before anything is built.
void check_operators(const Model& model, const std::string& place, Diagnostics& diagnostics) {
  for (const Subgraph& subgraph : model.subgraphs)
    for (const Operator& op : subgraph.operators) {
      if (find_import(op) || diagnostics.errors().size() >= kMostErrors) continue;
      const bool custom = op.code == tflite_format::BuiltinOperator::CUSTOM;
      diagnostics.error(
          "unsupported-operator", place + ": " + place_of(subgraph, op),
          custom ? "mote does not know this custom operator" : "mote does not take this operator",
          custom ? "add a rule for it: CONTRIBUTING.md, \"Take an operator of a model\""
                 : "rewrite the layer with others (docs/import.md lists them)");
    }
  diagnostics.stop_if_any();
}

ElementType input_type(const Tensor& tensor, const std::string& place) {
  ElementType type = ElementType::f32;
  if (!element_type(tensor.type, type))
    fail("wrong-type", place,
         "input \"" + tensor.name + "\" is of type " +
             tflite_format::EnumNameTensorType(tensor.type),
         "mote takes float32, integers of 8 to 64 bits and bool");
  return type;
}

// All inputs are tensors of one sample.
void add_inputs(Import& import, const std::string& place) {
  Graph& graph = import.assembly.graph();
  for (int32_t index : import.subgraph.inputs) {
    const Tensor& tensor = import.subgraph.tensors[size_t(index)];
    ValueId& id = import.values[size_t(index)];
    if (id >= 0 || tensor.is_constant())
      fail("wrong-input", place, "input \"" + tensor.name + "\" is a constant or stands twice");
    const ElementType type = input_type(tensor, place);
    const std::string name = import.assembly.unique(tensor.name);
    id = graph.streams.empty()
             ? graph.add_tensor_stream(name, type, tensor.shape, tensor.quantization)
             : graph.add_sample_tensor(0, name, type, tensor.shape, tensor.quantization);
  }
  if (graph.streams.empty())
    fail("no-input", place, "the model has no input", "mote needs at least one");
}

void add_outputs(Import& import, const std::string& place) {
  Graph& graph = import.assembly.graph();
  for (int32_t index : import.subgraph.outputs) {
    const Tensor& tensor = import.subgraph.tensors[size_t(index)];
    const ValueId id = import.values[size_t(index)];
    if (id < 0 || graph.value(id).kind == ValueKind::constant)
      fail("wrong-output", place, "output \"" + tensor.name + "\" does not depend on the input");
    graph.outputs.push_back(id);
  }
  if (graph.outputs.empty()) fail("no-output", place, "the model has no output");
}

bool has_inputs(const Import& import, const Operator& op) {
  return std::all_of(op.inputs.begin(), op.inputs.end(), [&](int32_t index) {
    if (index < 0 || import.values[size_t(index)] >= 0) return true;
    const Tensor& tensor = import.subgraph.tensors[size_t(index)];
    return tensor.is_constant() || tensor.is_variable ||
           tensor.type == tflite_format::TensorType::RESOURCE;
  });
}

// Every refusal of the main subgraph, but for operators that follow a refused one.
void import_main(Import& import, const std::string& place, Diagnostics& diagnostics) {
  for (const Operator& op : import.subgraph.operators) {
    if (!has_inputs(import, op)) continue;
    try {
      import_operator(import, op);
    } catch (const UserError& refusal) {
      for (const Diagnostic& d : refusal.diagnostics())
        diagnostics.error(d.code, place + ": " + d.place, d.message, d.remedy);
      // What is too large once is too large again, and takes its time.
      const bool too_large = refusal.diagnostics().at(0).code == "too-large";
      if (too_large || diagnostics.errors().size() >= kMostErrors) break;
    }
  }
  diagnostics.stop_if_any();
}

}  // namespace

Graph import_tflite(const ModelFile& file, const ImportOptions& options, Diagnostics& diagnostics) {
  const Model model = read_model(file.bytes, file.place, diagnostics);
  check_operators(model, file.place, diagnostics);
  Assembly assembly(file.name);
  Program program{assembly, model, options, {}};
  Import import = begin_import(program, model.subgraphs[0], "");
  add_inputs(import, file.place);
  import_main(import, file.place, diagnostics);
  add_outputs(import, file.place);
  return std::move(assembly.graph());
}

}  // namespace mote
