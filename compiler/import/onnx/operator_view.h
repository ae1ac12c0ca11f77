// SPDX-License-Identifier: Apache-2.0
// One node of the file as a rule sees it: inputs as values of the graph being assembled, checked
// attributes, and the means to add nodes and to say which value each output is. In: a verified file
// (reader.h). Out: nodes in an Assembly. Private to this folder: it speaks the format's types.
#pragma once
#include <functional>
#include <map>
#include <set>

#include "compiler/import/import.h"
#include "compiler/import/movement.h"
#include "compiler/import/onnx/reader.h"
#include "ops/registry.h"

namespace mote::onnx {

using List = std::vector<int64_t>;
inline List dims(const Shape& shape) { return {shape.begin(), shape.end()}; }

// A graph being taken over: the file's, or one in an attribute or function, which sees the values
// around it.
struct Import {
  Assembly& assembly;
  const Model& model;
  const ImportOptions& options;
  const format::GraphProto& graph;
  int64_t opset = 0;
  Import* outer = nullptr;
  bool sealed = false;  // a function: sees no values around it
  std::string prefix;   // of the nodes' names
  int32_t depth = 0;
  std::map<std::string, ValueId> values;
  std::set<ValueId> names;  // numbers of the graph's classes, names in the file

  // -1 where nothing is called so.
  ValueId find(const std::string& name);
};

// Fails (UserError) at the first node that cannot be taken; the graph's inputs are in
// import.values. For the graphs in attributes and functions.
void import_inner(Import& import);

class OperatorView {
 public:
  OperatorView(Import& import, int32_t node)
      : import_(import), index_(node), node_(import.graph.node(node)) {}

  int64_t opset() const { return import_.opset; }
  const std::string& type() const { return node_.op_type(); }
  size_t input_count() const {
    return stand_ins_.empty() ? size_t(node_.input_size()) : stand_ins_.size();
  }
  size_t output_count() const { return size_t(node_.output_size()); }
  bool has_input(size_t i) const {
    return i < input_count() &&
           (stand_ins_.empty() ? !node_.input(int(i)).empty() : stand_ins_[i] >= 0);
  }
  // Whether something reads output i.
  bool has_output(size_t i) const;

  // Input i as a value; fails where it is not given or has no elements.
  ValueId input(size_t i);
  // The same, also without elements: a constant that no operator of ours takes.
  ValueId any_input(size_t i);
  bool is_empty(size_t i) { return value(any_input(i)).elements() == 0; }
  ValueId optional_input(size_t i) { return has_input(i) ? input(i) : -1; }
  std::vector<ValueId> inputs();
  const Value& value(ValueId id) const { return import_.assembly.graph().value(id); }
  const Shape& shape(ValueId id) const { return value(id).shape; }
  bool is_constant(ValueId id) const { return import_.assembly.is_constant(id); }
  bool is_float(ValueId id) const { return value(id).type == ElementType::f32; }

  // The numbers of an input that decides shapes. Fails ("dynamic-shape") where it is computed.
  List integers(size_t i);
  std::vector<double> floats(size_t i);
  int64_t integer(size_t i);
  // Input i, which must be constant.
  ValueId constant_input(size_t i);
  // Refuses ("dynamic-shape") that input i is computed, and says from which inputs of the model.
  [[noreturn]] void refuse_computed(size_t i);

  // Attributes. Fail where the file gives another type; those that no rule asks for are refused.
  bool has(const std::string& name);
  int64_t integer(const std::string& name, int64_t otherwise);
  int64_t integer(const std::string& name);
  double number(const std::string& name, double otherwise);
  double any_number(const std::string& name, double otherwise);  // finite or not
  std::string text(const std::string& name, const std::string& otherwise);
  List integers(const std::string& name, const List& otherwise = {});
  std::vector<double> numbers(const std::string& name);
  std::vector<std::string> texts(const std::string& name);
  const format::TensorProto* tensor(const std::string& name);
  // Null where it is not given.
  const format::GraphProto* graph(const std::string& name);
  // What changes nothing here.
  void ignore(const std::string& name) { asked_.insert(name); }
  // `axis` within 0 .. rank - 1.
  size_t dimension(int64_t axis, size_t rank) const;

  Assembly& assembly() { return import_.assembly; }
  Import& import() { return import_; }
  const format::NodeProto& node() const { return node_; }
  // Adds a node named after output 0 (and `part`, where one foreign operator becomes several).
  ValueId add(const OpDef& op, const std::vector<ValueId>& inputs,
              const Attributes& attributes = {}, const std::string& part = "");
  std::vector<ValueId> add_all(const OpDef& op, const std::vector<ValueId>& inputs,
                               const Attributes& attributes = {}, const std::string& part = "");
  ValueId unary(const char* function, ValueId x, const std::vector<double>& parameters = {});
  ValueId cast(ValueId x, ElementType type);
  // A constant number of a type, and one of f32 or an integer type like `like`.
  ValueId scalar(ElementType type, double number);
  ValueId constant(ElementType type, const Shape& shape, const Bytes& data);
  template <class T>
  ValueId constant(ElementType type, const Shape& shape, const std::vector<T>& data) {
    return assembly().add_constant(name() + "/constant", type, shape, data);
  }
  Movement move() { return Movement(import_.assembly, name()); }
  std::string name() const;

  // Output i is `id`. Fails where the file says another type or shape than our operators give.
  void set(size_t i, ValueId id);
  void set(ValueId id) { set(0, id); }
  // A constant without elements.
  void set_empty(size_t i, ElementType type, const List& shape);
  // Output i, a name in the file, is the number of a name of the graph's classes.
  void set_number_of_name(size_t i, ValueId id);
  // From now on the node's inputs are these (-1: not given), and `last` makes output 0 of what is
  // set: an operator of integers as the rule of its float operator.
  void stand_for(std::vector<ValueId> inputs, std::function<ValueId(ValueId)> last) {
    stand_ins_ = std::move(inputs);
    last_ = std::move(last);
  }
  // After the rule: nothing that the node says is left unread, no output is missing.
  void finish();

  std::string place() const { return place_of(import_.graph, index_); }
  [[noreturn]] void refuse(std::string code, std::string message, std::string remedy = "") const;

 private:
  const format::AttributeProto* find(const std::string& name, int32_t type);

  Import& import_;
  int32_t index_;
  const format::NodeProto& node_;
  std::vector<ValueId> stand_ins_;
  std::function<ValueId(ValueId)> last_;
  std::set<std::string> asked_;
};

// One row an operator: how it becomes ours, what is not taken of it (for the docs), its domain and
// the oldest opset whose definition the rule follows.
struct ImportRule {
  std::string_view name;
  void (*import)(OperatorView&);
  std::string_view note = "";
  std::string_view domain = "";
  int64_t since = 7;
};

}  // namespace mote::onnx
