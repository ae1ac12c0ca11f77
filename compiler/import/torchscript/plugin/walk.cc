// SPDX-License-Identifier: Apache-2.0
// See walk.h. Tensors are told apart as objects, not as names of the graph, so lists, tuples and
// what an operator hands through need no rules: they are simply computed.
#include "compiler/import/torchscript/plugin/walk.h"

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "compiler/import/torchscript/plugin/tensor.h"

namespace mote::torchscript {
namespace {

using c10::IValue;
using torch::jit::Block;
using torch::jit::Node;
using torch::jit::Stack;
using torch::jit::Value;

constexpr int64_t kMostSteps = 1 << 16;  // nodes run, loops counted as often as they run

[[noreturn]] void refuse(std::string code, std::string place, std::string message,
                         std::string remedy) {
  throw Refused{{std::move(code), std::move(place), std::move(message), std::move(remedy)}};
}

// What follows from the shape and type of a tensor alone.
constexpr const char* kOfShapes[] = {"aten::size",
                                     "aten::dim",
                                     "aten::len",
                                     "aten::numel",
                                     "aten::stride",
                                     "aten::is_complex",
                                     "aten::new_zeros",
                                     "aten::new_ones",
                                     "aten::new_full",
                                     "aten::zeros_like",
                                     "aten::ones_like",
                                     "aten::full_like",
                                     "prim::dtype",
                                     "prim::device",
                                     "prim::layout",
                                     "prim::is_cuda",
                                     "aten::get_device",
                                     "aten::is_contiguous",
                                     "aten::is_floating_point",
                                     "aten::_shape_as_tensor"};

bool is_of_shapes(const Node& node) {
  const std::string kind = node.kind().toQualString();
  return std::find(std::begin(kOfShapes), std::end(kOfShapes), kind) != std::end(kOfShapes);
}

bool takes_tensors(const c10::FunctionSchema& schema) {
  for (const c10::Argument& argument : schema.arguments())
    if (argument.type()->isSubtypeOf(*c10::OptionalType::ofTensor()) ||
        argument.type()->isSubtypeOf(*c10::ListType::ofTensors()) ||
        argument.type()->isSubtypeOf(*c10::ListType::ofOptionalTensors()))
      return true;
  return false;
}

// All tensors in a value, in order.
void tensors_in(const IValue& value, std::vector<at::Tensor>& out) {
  if (value.isTensor()) out.push_back(value.toTensor());
  if (value.isList())
    for (const IValue& each : value.toListRef()) tensors_in(each, out);
  if (value.isTuple())
    for (const IValue& each : value.toTupleRef().elements()) tensors_in(each, out);
}

class Walk {
 public:
  Walk(const IValue& self, const ReadRequest& request) : self_(self), request_(request) {
    program_.name = request.name;
  }

  pytorch::Program run(torch::jit::Graph& graph) {
    bind_inputs(graph);
    run_block(*graph.block());
    for (const Value* output : graph.outputs()) add_outputs(values_.at(output));
    return std::move(program_);
  }

 private:
  void bind_inputs(torch::jit::Graph& graph) {
    const auto& inputs = *request_.inputs;
    values_[graph.inputs().at(0)] = self_;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const std::vector<int64_t> sizes(inputs[i].shape.begin(), inputs[i].shape.end());
      const at::Tensor zeros = at::zeros(sizes, scalar_type(inputs[i].type));
      const Value* value = graph.inputs().at(i + 1);
      values_[value] = zeros;
      program_.inputs.push_back(give_name(zeros, value->debugName()));
      program_.tensors[program_.inputs.back()] = meta_of(zeros, inputs[i].type);
    }
  }

  void add_outputs(const IValue& value) {
    std::vector<at::Tensor> tensors;
    tensors_in(value, tensors);
    if (tensors.empty() || value.isGenericDict())
      refuse("wrong-output", "", "the model's output is neither a tensor nor a list of tensors",
             "return tensors from forward");
    for (const at::Tensor& tensor : tensors) program_.outputs.push_back(name_of(tensor, ""));
  }

  // ---- names

  std::string unique(std::string wanted) {
    while (!taken_.insert(wanted).second) wanted += "_";
    return wanted;
  }
  // Of a tensor that depends on the input.
  std::string give_name(const at::Tensor& tensor, const std::string& wanted) {
    alive_.push_back(tensor);  // so that no other takes its address
    return names_[tensor.unsafeGetTensorImpl()] = unique(wanted);
  }
  bool depends(const at::Tensor& tensor) const {
    return tensor.defined() && names_.count(tensor.unsafeGetTensorImpl());
  }
  bool depends(const IValue& value) const {
    std::vector<at::Tensor> tensors;
    tensors_in(value, tensors);
    return std::any_of(tensors.begin(), tensors.end(),
                       [&](const at::Tensor& t) { return depends(t); });
  }
  std::string name_of(const at::Tensor& tensor, const std::string& place) {
    if (!tensor.defined()) return "";
    if (depends(tensor)) return names_.at(tensor.unsafeGetTensorImpl());
    std::string& name =
        constants_[{tensor.unsafeGetTensorImpl(),
                    tensor.unsafeGetTensorImpl()->version_counter().current_version()}];
    if (!name.empty()) return name;
    pytorch::Constant constant;
    if (!constant_of(tensor, constant))
      refuse("wrong-type", place,
             std::string("it reads a constant of type ") + c10::toString(tensor.scalar_type()),
             "mote takes float32, integers of 8 to 64 bits and bool");
    alive_.push_back(tensor);
    name = unique("constant_" + std::to_string(constants_.size()));
    program_.constants[name] = std::move(constant);
    return name;
  }

  // ---- running

  void run_block(const Block& block) {
    for (const Node* node : block.nodes()) {
      if (++steps_ > kMostSteps)
        refuse("too-large", place_of(*node), "the model runs more than 65536 nodes",
               "mote is for microcontrollers; use a smaller model");
      run_node(*node);
    }
  }

  void run_node(const Node& node) {
    switch (node.kind()) {
      case c10::prim::Constant:
        return set(node, {torch::jit::toIValue(node.output()).value_or(IValue())});
      case c10::prim::If:
        return run_if(node);
      case c10::prim::Loop:
        return run_loop(node);
      case c10::prim::GetAttr:
        return set(node, {in(node, 0).toObject()->getAttr(node.s(c10::attr::name))});
      case c10::prim::ListConstruct:
        return make_list(node);
      case c10::prim::TupleConstruct:
        return set(node, {c10::ivalue::Tuple::create(inputs(node))});
      case c10::prim::TupleUnpack:
        return set(node, in(node, 0).toTupleRef().elements().vec());
      case c10::prim::ListUnpack:
        return set(node, in(node, 0).toListRef().vec());
      case c10::prim::unchecked_cast:
        return set(node, {in(node, 0)});
      case c10::prim::Uninitialized:
        return set(node, {IValue()});
      case c10::prim::SetAttr:
        refuse("unsupported-operator", place_of(node),
               "the model keeps \"" + node.s(c10::attr::name) + "\" from one call to the next",
               "make it an input and an output of the model");
      case c10::prim::RaiseException:
        refuse("wrong-input", place_of(node), "the model refuses inputs of these shapes",
               "give the shapes that it takes with --input-shape");
      default:
        return run_operator(node);
    }
  }

  void run_if(const Node& node) {
    const Block& block = *node.blocks().at(in(node, 0).toBool() ? 0 : 1);
    run_block(block);
    for (size_t i = 0; i < node.outputs().size(); ++i)
      values_[node.outputs()[i]] = values_.at(block.outputs()[i]);
  }

  void run_loop(const Node& node) {
    const Block& block = *node.blocks().at(0);
    const int64_t trips = in(node, 0).toInt();
    bool goes_on = in(node, 1).toBool();
    Stack carried = inputs(node);
    carried.erase(carried.begin(), carried.begin() + 2);
    for (int64_t i = 0; i < trips && goes_on; ++i) {
      values_[block.inputs()[0]] = i;
      for (size_t k = 0; k < carried.size(); ++k) values_[block.inputs()[k + 1]] = carried[k];
      run_block(block);
      goes_on = values_.at(block.outputs()[0]).toBool();
      for (size_t k = 0; k < carried.size(); ++k) carried[k] = values_.at(block.outputs()[k + 1]);
    }
    set(node, carried);
  }

  void make_list(const Node& node) {
    c10::impl::GenericList list(node.output()->type()->expectRef<c10::ListType>().getElementType());
    for (const IValue& each : inputs(node)) list.push_back(each);
    set(node, {list});
  }

  void run_operator(const Node& node) {
    const c10::FunctionSchema* schema = node.maybeSchema();
    if (!schema)
      refuse("unsupported-operator", place_of(node), "mote does not take this operator",
             "rewrite the layer with others");
    const Stack before = inputs(node);
    const bool computes =
        takes_tensors(*schema) && !is_of_shapes(node) &&
        std::any_of(before.begin(), before.end(), [&](const IValue& v) { return depends(v); });
    if (node.isNondeterministic())
      refuse("unsupported-operator", place_of(node), "it draws random numbers",
             "leave it out of the model, as eval() does with dropout");
    if (computes && schema->is_mutable()) check_mutation(node, before);
    Stack stack = before;
    node.getOperation()(stack);
    if (computes) add_call(node, *schema, before, stack);
    set(node, stack);
  }

  // An operator that writes its first input gives it a new name; no other tensor may see that.
  void check_mutation(const Node& node, const Stack& before) {
    const bool alone = before[0].isTensor() && before[0].toTensor().storage().use_count() == 1;
    const std::string name = node.kind().toUnqualString();
    if (!alone || name.back() != '_' || name.find("__") != std::string::npos)
      refuse("unsupported-operator", place_of(node),
             "it writes into a tensor that others see a part of",
             "use the operator that returns a new tensor");
  }

  // ---- calls

  void add_call(const Node& node, const c10::FunctionSchema& schema, const Stack& before,
                const Stack& after) {
    std::vector<at::Tensor> tensors;
    for (const IValue& value : after) {
      tensors_in(value, tensors);
      if (!value.isTensor() && !value.isTensorList() && !value.isList() && !value.isTuple())
        refuse("unsupported-operator", place_of(node),
               "its result is a number that depends on the model's input",
               "compute it outside of the model; control flow must follow from shapes alone");
    }
    const bool handed_through = std::all_of(tensors.begin(), tensors.end(),
                                            [&](const at::Tensor& t) { return depends(t); });
    if (handed_through && !schema.is_mutable()) return;
    pytorch::Call call;
    call.name = node.outputs().empty() ? "" : node.outputs()[0]->debugName();
    set_target(node, schema, before, call);
    for (const at::Tensor& tensor : tensors) call.outputs.push_back(output_name(node, tensor));
    program_.calls.push_back(std::move(call));
  }

  std::string output_name(const Node& node, const at::Tensor& tensor) {
    if (!tensor.defined()) return "";
    ElementType type = ElementType::f32;
    if (tensor.is_quantized() || !element_type(tensor.scalar_type(), type))
      refuse("wrong-type", place_of(node),
             std::string("its result is of type ") + c10::toString(tensor.scalar_type()),
             "mote takes float32, integers of 8 to 64 bits and bool");
    const std::string name = give_name(tensor, node.output(0)->debugName());
    program_.tensors[name] = meta_of(tensor, type);
    return name;
  }

  // "aten::conv2d" -> "aten.conv2d.default"; in-place operators under the name of the others.
  void set_target(const Node& node, const c10::FunctionSchema& schema, const Stack& before,
                  pytorch::Call& call) {
    std::string name = node.kind().toUnqualString();
    std::string overload = schema.overload_name();
    size_t count = before.size();
    if (name == "_convolution") {  // what tracing writes; behind the groups: cuDNN's flags
      name = "convolution";
      overload.clear();
      count = 9;
    }
    if (schema.is_mutable() && name.back() == '_') name.pop_back();
    call.target = std::string(node.kind().ns().toUnqualString()) + "." + name + "." +
                  (overload.empty() ? "default" : overload);
    for (size_t i = 0; i < std::min(count, schema.arguments().size()); ++i) {
      const std::string& argument = schema.arguments()[i].name();
      const bool unneeded = argument == "device" || argument == "layout" ||
                            argument == "pin_memory" || argument == "memory_format" ||
                            argument == "generator";
      if (!unneeded) call.arguments.emplace_back(argument, argument_of(node, argument, before[i]));
    }
  }

  pytorch::Argument argument_of(const Node& node, const std::string& name, const IValue& value) {
    if (value.isNone()) return std::monostate{};
    if (value.isTensor()) return pytorch::TensorName{name_of(value.toTensor(), place_of(node))};
    if (value.isBool()) return value.toBool();
    if (value.isInt() && name == "dtype") {
      ElementType type = ElementType::f32;
      const auto scalar = at::ScalarType(value.toInt());
      return pytorch::DataType{element_type(scalar, type) ? word_of(scalar)
                                                          : c10::toString(scalar)};
    }
    if (value.isInt()) return value.toInt();
    if (value.isDouble()) return value.toDouble();
    if (value.isString()) return value.toStringRef();
    if (value.isIntList()) return value.toIntVector();
    if (value.isDoubleList()) return value.toDoubleVector();
    if (value.isList()) return list_of(node, value);
    refuse("wrong-argument", place_of(node),
           "its argument \"" + name + "\" is of a type that no operator of mote has", "");
  }

  pytorch::Argument list_of(const Node& node, const IValue& value) {
    std::vector<pytorch::TensorName> names;
    std::vector<int64_t> numbers;
    for (const IValue& each : value.toListRef()) {
      if (each.isBool())
        numbers.push_back(each.toBool());
      else if (each.isTensor())
        names.push_back({name_of(each.toTensor(), place_of(node))});
      else
        names.push_back({""});
    }
    if (!numbers.empty()) return numbers;
    return names;
  }

  // As PyTorch's Python door spells it.
  static std::string word_of(at::ScalarType type) {
    switch (type) {
      case at::kChar:
        return "int8";
      case at::kByte:
        return "uint8";
      case at::kShort:
        return "int16";
      case at::kInt:
        return "int32";
      case at::kLong:
        return "int64";
      case at::kBool:
        return "bool";
      default:
        return "float32";
    }
  }

  // ---- values

  const IValue& in(const Node& node, size_t i) const { return values_.at(node.inputs().at(i)); }
  Stack inputs(const Node& node) const {
    Stack stack;
    for (const Value* value : node.inputs()) stack.push_back(values_.at(value));
    return stack;
  }
  void set(const Node& node, const std::vector<IValue>& results) {
    for (size_t i = 0; i < node.outputs().size(); ++i) values_[node.outputs()[i]] = results.at(i);
  }

  const IValue& self_;
  const ReadRequest& request_;
  pytorch::Program program_;
  std::unordered_map<const Value*, IValue> values_;
  std::unordered_map<const c10::TensorImpl*, std::string> names_;
  std::map<std::pair<const c10::TensorImpl*, uint32_t>, std::string> constants_;
  std::set<std::string> taken_;
  std::vector<at::Tensor> alive_;
  int64_t steps_ = 0;
};

}  // namespace

std::string place_of(const Node& node) {
  std::string place = std::string("node ") + node.kind().toQualString();
  if (!node.outputs().empty()) place += " %" + node.outputs()[0]->debugName();
  return place;
}

pytorch::Program walk(torch::jit::Graph& graph, const IValue& self, const ReadRequest& request) {
  return Walk(self, request).run(graph);
}

}  // namespace mote::torchscript
