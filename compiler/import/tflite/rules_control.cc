// SPDX-License-Identifier: Apache-2.0
// Variables, branches and loops. A graph is a straight line: both branches of IF are computed and
// the condition chooses, loops are unrolled, and a variable is written under the conditions around
// it. See rules.h.
#include "compiler/import/tflite/constants.h"
#include "compiler/import/tflite/rules.h"

namespace mote::tflite {
namespace {

using Op = format::BuiltinOperator;

constexpr int32_t kDeepestCall = 8;
constexpr int64_t kMostTrips = 4096;

// ---- variables

const std::string& handle(OperatorView& op) {
  const std::string& name = op.import().handles[size_t(op.in(0).index)];
  if (name.empty()) op.refuse("wrong-input", "its first input is no variable");
  return name;
}

void import_var_handle(OperatorView& op) {
  const auto& options = op.options<format::VarHandleOptions>();
  const auto text = [](const flatbuffers::String* s) { return s ? s->str() : std::string(); };
  op.import().handles[size_t(op.out().index)] =
      text(options.container()) + "/" + text(options.shared_name());
}

// The graph's variable, made when the first operator asks for it: `like` tells its type.
ValueId variable_of(OperatorView& op, const std::string& name, const Value& like) {
  Variable& variable = op.import().program.variables[name];
  if (variable.value >= 0) return variable.value;
  Bytes initial;
  if (variable.initial) {
    if (variable.initial->type != like.type || variable.initial->shape != like.shape)
      op.refuse("wrong-type", "variable \"" + name + "\" begins with another type or shape");
    initial = *variable.initial->data;
  }
  Assembly& assembly = op.assembly();
  variable.value = assembly.graph().add_variable(assembly.unique(name), like.type, like.shape,
                                                 std::move(initial), like.quantization);
  return variable.value;
}

ValueId read(OperatorView& op, ValueId variable, const std::string& name) {
  const ValueId trigger = op.assembly().graph().streams.at(0).value;
  return op.assembly().add_with_variable(read_variable_op, name, {trigger}, variable);
}

// What the file says of a computed tensor, as a value.
Value declared(OperatorView& op, const Tensor& tensor) {
  Value value;
  if (!element_type(tensor.type, value.type))
    op.refuse("wrong-type", std::string("variables of type ") +
                                format::EnumNameTensorType(tensor.type) + " are not taken");
  value.shape = tensor.shape;
  value.quantization = tensor.quantization;
  return value;
}

void import_read_variable(OperatorView& op) {
  const std::string name = handle(op);
  const ValueId variable = variable_of(op, name, declared(op, op.out()));
  op.set(read(op, variable, op.import().prefix + op.out().name));
}

void import_assign_variable(OperatorView& op) {
  const std::string name = handle(op);
  ValueId x = op.input(1);
  const ValueId variable = variable_of(op, name, op.value(x));
  if (op.import().condition >= 0) {
    const ValueId old = read(op, variable, name + "/old");
    x = op.assembly().add(where_op, name + "/chosen", {op.import().condition, x, old});
  }
  if (op.is_constant(x))
    op.refuse("constant-input", "variable \"" + name + "\" is assigned a constant on every run",
              "assign it where the model is initialised");
  op.assembly().add_with_variable(write_variable_op, name + "/write", {x}, variable);
}

// ---- calls

const Subgraph& callee(OperatorView& op, int32_t index) {
  const auto& subgraphs = op.import().program.model.subgraphs;
  if (index < 1 || size_t(index) >= subgraphs.size())
    op.refuse("wrong-subgraph", "subgraph " + std::to_string(index) + " does not exist");
  if (op.import().depth >= kDeepestCall)
    op.refuse("too-deep", "branches and loops are nested more than 8 deep", "");
  return subgraphs[size_t(index)];
}

// A run through `subgraph`: what its inputs are, its operators, what its outputs became.
std::vector<ValueId> call(OperatorView& op, int32_t index, const std::vector<ValueId>& inputs,
                          ValueId condition) {
  const Subgraph& subgraph = callee(op, index);
  const std::string prefix = op.import().prefix + "subgraph_" + std::to_string(index) + "/";
  Import inner = begin_import(op.import().program, subgraph, prefix);
  inner.depth = op.import().depth + 1;
  inner.condition = condition;
  if (subgraph.inputs.size() != inputs.size())
    op.refuse("wrong-subgraph", "subgraph " + std::to_string(index) + " takes " +
                                    std::to_string(subgraph.inputs.size()) + " inputs, not " +
                                    std::to_string(inputs.size()));
  for (size_t i = 0; i < inputs.size(); ++i) inner.values[size_t(subgraph.inputs[i])] = inputs[i];
  import_operators(inner);
  std::vector<ValueId> outputs;
  for (int32_t output : subgraph.outputs) {
    const Tensor& tensor = subgraph.tensors[size_t(output)];
    ValueId id = inner.values[size_t(output)];
    if (id < 0 && tensor.is_constant()) id = import_constant(op.assembly(), tensor, op.place());
    if (id < 0)
      op.refuse("wrong-subgraph", "output \"" + tensor.name + "\" of subgraph " +
                                      std::to_string(index) + " is not computed");
    outputs.push_back(id);
  }
  return outputs;
}

std::vector<ValueId> inputs_from(OperatorView& op, size_t first) {
  std::vector<ValueId> list;
  for (size_t i = first; i < op.input_count(); ++i) list.push_back(op.input(i));
  return list;
}

// A boolean of one element.
ValueId checked_condition(OperatorView& op, ValueId id) {
  const Value& value = op.value(id);
  if (value.type != ElementType::boolean || value.elements() != 1)
    op.refuse("wrong-type", "the condition must be one bool");
  return id;
}

bool is_true(OperatorView& op, ValueId constant) {
  return op.assembly().integers(constant).at(0) != 0;
}

ValueId both(OperatorView& op, ValueId a, ValueId b) {
  return a < 0 ? b : op.assembly().add(logical_and_op, op.out().name + "/and", {a, b});
}

ValueId choose(OperatorView& op, ValueId condition, ValueId yes, ValueId no) {
  if (yes == no) return yes;
  return op.assembly().add(where_op, op.import().prefix + op.out().name, {condition, yes, no});
}

void set_outputs(OperatorView& op, const std::vector<ValueId>& values) {
  if (values.size() != op.output_count())
    op.refuse("wrong-subgraph", "the subgraph gives another number of outputs than the operator");
  for (size_t i = 0; i < values.size(); ++i) op.set(i, values[i]);
}

void import_if(OperatorView& op) {
  const auto& options = op.options<format::IfOptions>();
  const ValueId condition = checked_condition(op, op.input(0));
  const std::vector<ValueId> inputs = inputs_from(op, 1);
  const ValueId around = op.import().condition;
  if (op.is_constant(condition)) {
    const bool yes = is_true(op, condition);
    return set_outputs(
        op, call(op, yes ? options.then_subgraph_index() : options.else_subgraph_index(), inputs,
                 around));
  }
  const ValueId otherwise = op.assembly().add(logical_not_op, op.out().name + "/not", {condition});
  const auto yes = call(op, options.then_subgraph_index(), inputs, both(op, around, condition));
  const auto no = call(op, options.else_subgraph_index(), inputs, both(op, around, otherwise));
  if (yes.size() != no.size())
    op.refuse("wrong-subgraph", "its branches give different numbers of outputs");
  std::vector<ValueId> outputs;
  for (size_t i = 0; i < yes.size(); ++i) outputs.push_back(choose(op, condition, yes[i], no[i]));
  set_outputs(op, outputs);
}

// The loop is unrolled: while the condition follows from constants, as often as it is true; else as
// often as the bound says, each trip chosen by the conditions so far.
void import_while(OperatorView& op) {
  const auto& options = op.options<format::WhileOptions>();
  const int64_t bound = op.import().program.options.loop_bound;
  const ValueId around = op.import().condition;
  std::vector<ValueId> values = inputs_from(op, 0);
  ValueId running = -1;  // whether all conditions that are not constant were true
  for (int64_t trip = 0, chosen = 0; trip < kMostTrips; ++trip) {
    const auto condition = call(op, options.cond_subgraph_index(), values, around);
    if (condition.size() != 1) op.refuse("wrong-subgraph", "its condition gives not one output");
    const ValueId next = checked_condition(op, condition[0]);
    if (op.is_constant(next)) {
      if (!is_true(op, next)) return set_outputs(op, values);
    } else {
      if (bound == 0)
        op.refuse("unbounded-loop", "how often the loop runs depends on the input",
                  "say how often at most: --loop-bound N");
      if (chosen++ == bound) return set_outputs(op, values);
      running = both(op, running, next);
    }
    const ValueId writes = running < 0 ? around : both(op, around, running);
    const auto after = call(op, options.body_subgraph_index(), values, writes);
    if (after.size() != values.size())
      op.refuse("wrong-subgraph", "its body gives another number of values than it takes");
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = running < 0 ? after[i] : choose(op, running, after[i], values[i]);
  }
  op.refuse("unbounded-loop", "the loop runs more than " + std::to_string(kMostTrips) + " times");
}

// ---- initialisation: everything in it is constant

void initialise(OperatorView& op, const Operator& inner, Import& import) {
  OperatorView view(import, inner);
  if (inner.code != Op::ASSIGN_VARIABLE) return import_operator(import, inner);
  const std::string name = handle(view);
  const ValueId x = view.input(1);
  if (!view.is_constant(x)) op.refuse("wrong-subgraph", "its initialisation depends on an input");
  Variable& variable = import.program.variables[name];
  if (variable.value >= 0)
    op.refuse("wrong-order", "variable \"" + name + "\" is used before it is initialised");
  variable.initial = view.value(x);
}

void import_call_once(OperatorView& op) {
  const Subgraph& subgraph =
      callee(op, op.options<format::CallOnceOptions>().init_subgraph_index());
  Import inner = begin_import(op.import().program, subgraph,
                              "subgraph_" + std::to_string(subgraph.index) + "/");
  inner.depth = op.import().depth + 1;
  for (const Operator& one : subgraph.operators) initialise(op, one, inner);
}

constexpr ImportRule kRules[] = {
    {Op::ASSIGN_VARIABLE, import_assign_variable},
    {Op::CALL_ONCE, import_call_once},
    {Op::IF, import_if},
    {Op::READ_VARIABLE, import_read_variable},
    {Op::VAR_HANDLE, import_var_handle},
    {Op::WHILE, import_while},
};

}  // namespace

std::span<const ImportRule> control_rules() { return kRules; }

}  // namespace mote::tflite
