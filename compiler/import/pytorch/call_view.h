// SPDX-License-Identifier: Apache-2.0
// One call of a PyTorch program as a rule sees it: tensors as values of the graph being assembled,
// checked arguments by their schema's names, and the means to add nodes and to say which value each
// output is. In: a Program. Out: nodes in an Assembly. Private to this folder.
#pragma once
#include <optional>
#include <set>

#include "compiler/import/movement.h"
#include "compiler/import/pytorch/program.h"
#include "ops/registry.h"

namespace mote::pytorch {

using List = std::vector<int64_t>;
inline List dims(const Shape& shape) { return {shape.begin(), shape.end()}; }

class CallView;

// One row a target: how it becomes ours. `schema`: the names of its arguments in order, with blanks
// between them.
struct ImportRule {
  std::string_view target;
  std::string_view schema;
  void (*import)(CallView&);
};

// What the calls of a program share.
struct Import {
  Assembly& assembly;
  const Program& program;
  std::map<std::string, ValueId> values;
  std::set<std::string> used;  // tensors that a call or the program's outputs read
  // Numbers that may go into layers of constants, which are computed at once: a file of a few bytes
  // could ask for any work.
  int64_t work_left = 0;
  int64_t numbers_left = 1 << 20;  // of constants that become attributes; calls may share a tensor
  // Shapes in the file may have dimensions of 1 too many: what follows an lstm inherits a fault of
  // PyTorch's (rules_recurrent.cc).
  bool extra_ones = false;
};

class CallView {
 public:
  CallView(Import& import, size_t index, const ImportRule& rule)
      : import_(import), index_(index), call_(import.program.calls[index]), rule_(rule) {}

  Import& import() { return import_; }
  const std::string& target() const { return call_.target; }
  std::string_view rule_target() const { return rule_.target; }
  size_t output_count() const { return call_.outputs.size(); }
  // Whether something reads output i.
  bool has_output(size_t i) const;
  // What the source says of output i; null: nothing.
  const TensorMeta* output_meta(size_t i) const;

  // Arguments. Given: neither left out nor None. They fail where the source gives another type.
  bool has(const std::string& name) { return find(name) != nullptr; }
  int64_t integer(const std::string& name);
  int64_t integer(const std::string& name, int64_t otherwise);
  double number(const std::string& name, double otherwise);
  bool flag(const std::string& name, bool otherwise);
  std::string text(const std::string& name, const std::string& otherwise);
  List integers(const std::string& name, const List& otherwise = {});  // one number is a list, too
  std::vector<double> numbers(const std::string& name);
  // The type that an argument names.
  std::optional<ElementType> type(const std::string& name);
  // What changes nothing here.
  void ignore(const std::string& name) { asked_.insert(name); }

  ValueId tensor(const std::string& name);
  ValueId optional_tensor(const std::string& name) { return has(name) ? tensor(name) : -1; }
  std::vector<ValueId> tensors(const std::string& name);  // -1: None
  ValueId constant_tensor(const std::string& name);
  bool is_constant_tensor(const std::string& name);
  ValueId float_tensor(const std::string& name);
  // The numbers of a constant s32 tensor.
  std::vector<int32_t> numbers_s32(const std::string& name);
  // Fails where all calls together make too many attributes of constants.
  void spend_numbers(int64_t count);
  // A tensor as it is, but for a constant s8 one: that becomes one of this call, with these scales.
  ValueId tensor_with(const std::string& name, const Quantization& quantization);
  // The same of a tensor that must be constant.
  ValueId weights(const std::string& name, const Quantization& quantization);
  // A tensor or a number; the number as a constant of `type`.
  bool is_number(const std::string& name);
  ValueId operand(const std::string& name, ElementType type);

  const Value& value(ValueId id) const { return import_.assembly.graph().value(id); }
  const Shape& shape(ValueId id) const { return value(id).shape; }
  bool is_constant(ValueId id) const { return import_.assembly.is_constant(id); }
  bool is_float(ValueId id) const { return value(id).type == ElementType::f32; }
  // `axis` within 0 .. rank - 1. A single number has one dimension for this.
  size_t dimension(int64_t axis, size_t rank) const;

  Assembly& assembly() { return import_.assembly; }
  // Adds a node named after output 0 (and `part`, where one call becomes several).
  ValueId add(const OpDef& op, const std::vector<ValueId>& inputs,
              const Attributes& attributes = {}, const std::string& part = "");
  std::vector<ValueId> add_all(const OpDef& op, const std::vector<ValueId>& inputs,
                               const Attributes& attributes = {}, const std::string& part = "");
  // Fails where the inputs are all constants and the program's work of that kind is too much.
  void spend(const std::vector<ValueId>& inputs, int64_t work);
  ValueId unary(const char* function, ValueId x, const std::vector<double>& parameters = {});
  ValueId cast(ValueId x, ElementType type);
  ValueId scalar(ElementType type, double number, const Quantization& quantization = {});
  template <class T>
  ValueId constant(ElementType type, const Shape& shape, const std::vector<T>& data) {
    return assembly().add_constant(name() + "/constant", type, shape, data);
  }
  Movement move() { return Movement(import_.assembly, name()); }
  std::string name() const;

  // Output i is `id`. Fails where the source says another type or shape than our operators give.
  void set(size_t i, ValueId id);
  void set(ValueId id) { set(0, id); }
  // After the rule: no argument is left unread, no output that something reads is missing.
  void finish();

  std::string place() const { return place_of(import_.program, index_); }
  [[noreturn]] void refuse(std::string code, std::string message, std::string remedy = "") const;

 private:
  const Argument* find(const std::string& name);
  template <class T>
  const T* find_as(const std::string& name, const char* wanted);
  ValueId value_of(const std::string& tensor);
  // Whether a tensor is constant, made yet or not.
  bool is_stored(const std::string& tensor) const;
  // A copy of a constant tensor, which need not become one of the graph.
  Constant stored(const std::string& name, ElementType type);

  Import& import_;
  size_t index_;
  const Call& call_;
  const ImportRule& rule_;
  std::set<std::string> asked_;
};

}  // namespace mote::pytorch
