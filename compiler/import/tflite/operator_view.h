// SPDX-License-Identifier: Apache-2.0
// One foreign operator as a rule sees it: its tensors as values of the graph being assembled, its
// options, and the means to add nodes and to say which value each output is. In: a verified file
// (reader.h). Out: nodes in an Assembly. Private to this folder: it speaks the format's types.
#pragma once
#include <map>
#include <optional>

#include "compiler/import/assembly.h"
#include "compiler/import/import.h"
#include "compiler/import/tflite/reader.h"
#include "ops/registry.h"

namespace mote::tflite {

// A resource variable: two handles of one name are the same.
struct Variable {
  ValueId value = -1;            // the graph's variable, once it was read or written there
  std::optional<Value> initial;  // the constant that an initialising subgraph assigned
};

// What all subgraphs of a file share.
struct Program {
  Assembly& assembly;
  const Model& model;
  const ImportOptions& options;
  std::map<std::string, Variable> variables;
  int64_t operators_left = 50000;  // calls may nest: bounds the work that a small file can ask for
};

// One run through a subgraph: what the values of its tensors are.
struct Import {
  Program& program;
  Assembly& assembly;
  const Subgraph& subgraph;
  std::vector<ValueId> values;       // of each tensor; -1: not made yet
  std::vector<std::string> handles;  // of resource tensors: the variable's name
  std::string prefix;                // of node names: "" in the main subgraph
  ValueId condition = -1;            // writes happen only where it is true; -1: always
  int32_t depth = 0;                 // of nested calls
};
Import begin_import(Program& program, const Subgraph& subgraph, const std::string& prefix);

// Runs every operator of the subgraph through its rule; fails at the first refusal.
void import_operators(Import& import);
// The same for one operator, its refusals placed at it.
void import_operator(Import& import, const Operator& op);

class OperatorView {
 public:
  OperatorView(Import& import, const Operator& op) : import_(import), op_(op) {}

  size_t input_count() const { return op_.inputs.size(); }
  size_t output_count() const { return op_.outputs.size(); }
  // False for -1 and for positions behind the last.
  bool has_input(size_t i) const;

  // What the file says of a tensor. Fails where there is none.
  const Tensor& in(size_t i) const;
  const Tensor& out(size_t i = 0) const;

  // Input i as a value; a constant is made when it is first asked for (float16 as f32, int4 as s8).
  // Fails where it is not given.
  ValueId input(size_t i);
  // The same, -1 where it is not given.
  ValueId optional_input(size_t i) { return has_input(i) ? input(i) : -1; }
  std::vector<ValueId> inputs();  // all of them
  const Value& value(ValueId id) const { return import_.assembly.graph().value(id); }
  bool is_constant(ValueId id) const { return import_.assembly.is_constant(id); }
  // Input i as f32: quantised constants are dequantised (float activations with int8 weights).
  ValueId float_constant(size_t i);

  // The elements of a constant integer input. Fails where it is not constant: its numbers decide
  // shapes.
  std::vector<int64_t> integers(size_t i);

  // The options table; fails where the file has none, or another operator's. `Options` is a table
  // of the schema.
  template <class Options>
  const Options& options() const {
    const auto* table = op_.table->builtin_options_as<Options>();
    if (!table) refuse_options();
    return *table;
  }
  const Operator& op() const { return op_; }
  const Assembly& assembly() const { return import_.assembly; }
  Assembly& assembly() { return import_.assembly; }
  Import& import() { return import_; }

  // Adds a node named after output 0 (and `part`, where one foreign operator becomes several).
  ValueId add(const OpDef& op, const std::vector<ValueId>& inputs,
              const Attributes& attributes = {}, const std::string& part = "");
  std::vector<ValueId> add_all(const OpDef& op, const std::vector<ValueId>& inputs,
                               const Attributes& attributes = {}, const std::string& part = "");

  // `attributes` with the output_scale and output_zero_point that the file gives output i; as they
  // are for a float output.
  Attributes with_output(Attributes attributes, size_t i = 0) const;
  // The word of attribute "activation". Fails for tanh and sign_bit, which no layer fuses.
  std::string activation(format::ActivationFunctionType fused) const;

  // Output i is `id`. Fails where the file says another type, shape or scale than our operator
  // gives.
  void set(size_t i, ValueId id);
  void set(ValueId id) { set(0, id); }

  // "operator 12 CONV_2D \"features/conv\"".
  std::string place() const;
  [[noreturn]] void refuse(std::string code, std::string message, std::string remedy = "") const;

 private:
  [[noreturn]] void refuse_options() const;

  Import& import_;
  const Operator& op_;
};

// One row an operator: how it becomes ours.
struct ImportRule {
  format::BuiltinOperator code;
  void (*import)(OperatorView&);
};
struct CustomImportRule {
  std::string_view name;  // of the custom operator
  void (*import)(OperatorView&);
};

// Null where mote does not take it.
using ImportFunction = void (*)(OperatorView&);
ImportFunction find_import(const Operator& op);

}  // namespace mote::tflite
