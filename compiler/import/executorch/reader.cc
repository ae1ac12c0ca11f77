// SPDX-License-Identifier: Apache-2.0
// See reader.h.
#include "compiler/import/executorch/reader.h"

#include <algorithm>

#include "compiler/import/executorch/container.h"

namespace mote::executorch {
namespace {

constexpr size_t kMostDimensions = 8;
constexpr size_t kMostCalls = 10000;
constexpr size_t kMostValues = 20000;
constexpr size_t kMostListed = 256;  // tensors in one list; many calls may name it
constexpr size_t kMostErrors = 20;   // a damaged file has them by the thousand

std::string number(int64_t n) { return std::to_string(n); }

std::string text_of(const flatbuffers::String* text) {
  constexpr size_t kMostNameBytes = 200;
  return text ? text->str().substr(0, kMostNameBytes) : "";
}

class Reader {
 public:
  Reader(std::span<const uint8_t> bytes, const std::string& place, Diagnostics& diagnostics)
      : place_(place),
        diagnostics_(diagnostics),
        container_(open_container(bytes, place)),
        // Offsets may point many times at the same bytes; a file that says more than it holds is
        // hostile.
        budget_(2 * int64_t(bytes.size()) + (1 << 16)) {}

  Method read() {
    const format::ExecutionPlan& plan = choose_plan();
    plan_ = &plan;
    Method method;
    method.name = text_of(plan.name());
    read_arguments(method);
    method.inputs = indices(plan.inputs(), method, "the method's inputs");
    method.outputs = indices(plan.outputs(), method, "the method's outputs");
    read_calls(method);
    diagnostics_.stop_if_any();
    return method;
  }

 private:
  [[noreturn]] void stop(const char* code, const std::string& message,
                         const std::string& remedy = "export the model again") {
    diagnostics_.error(code, place_, message, remedy);
    diagnostics_.stop_if_any();
    internal_error(__FILE__, __LINE__, "an error that did not stop");
  }
  void error(const char* code, const std::string& where, const std::string& message,
             const std::string& remedy = "") {
    diagnostics_.error(code, place_ + ": " + where, message, remedy);
    if (diagnostics_.errors().size() >= kMostErrors) diagnostics_.stop_if_any();
  }
  void spend(size_t n) {
    budget_ -= int64_t(n) + 1;
    if (budget_ < 0) stop("damaged-file", "the file refers to more bytes than it holds");
  }

  const format::ExecutionPlan& choose_plan() {
    const auto* plans = container_.program->execution_plan();
    if (!plans || plans->size() == 0) stop("no-method", "the program has no method");
    for (const auto* plan : *plans) {
      if (plans->size() > 1 && text_of(plan->name()) != "forward") continue;
      if (plans->size() > 1)
        diagnostics_.warn("other-methods", place_, "only the method \"forward\" is taken");
      return *plan;
    }
    stop("no-method", "the program has several methods, and none is named \"forward\"",
         "export the one that the device shall run as \"forward\"");
  }

  template <class List>
  std::vector<int32_t> indices(const List* list, const Method& method, const std::string& where) {
    std::vector<int32_t> result;
    if (!list) return result;
    spend(list->size() * 4);
    for (uint32_t k = 0; k < list->size(); ++k) {
      const auto i = int64_t(element(*list, k));
      if (i < 0 || i >= int64_t(method.arguments.size())) {
        error("wrong-index", where, "value " + number(i) + " does not exist",
              "the program has " + number(int64_t(method.arguments.size())));
        return {};
      }
      result.push_back(int32_t(i));
    }
    return result;
  }

  void read_arguments(Method& method) {
    const auto* values = plan_->values();
    if (!values) return;
    if (values->size() > kMostValues)
      stop("too-large", "the method has " + number(values->size()) + " values",
           "mote takes " + number(kMostValues));
    method.arguments.resize(values->size());
    for (uint32_t i = 0; i < values->size(); ++i) {
      spend(1);
      read_argument(*values->Get(i), method.arguments[i], "value " + number(i));
    }
    // Lists name other values, so they come when those are known.
    for (uint32_t i = 0; i < values->size(); ++i)
      read_list(*values->Get(i), method, method.arguments[i], "value " + number(i));
  }

  void read_argument(const format::EValue& value, Argument& argument, const std::string& where) {
    argument.kind = value.val_type();
    if (argument.kind != format::KernelTypes::NONE && !value.val()) {
      error("damaged-file", where, "it says its type and has no content");
      argument.kind = format::KernelTypes::NONE;
    }
    if (const auto* v = value.val_as_Int()) argument.integer = v->int_val();
    if (const auto* v = value.val_as_Bool()) argument.integer = v->bool_val();
    if (const auto* v = value.val_as_Double()) argument.real = v->double_val();
    if (const auto* v = value.val_as_String()) argument.text = text_of(v->string_val());
    if (const auto* v = value.val_as_BoolList()) read_numbers(v->items(), argument.list);
    if (const auto* v = value.val_as_DoubleList()) read_numbers(v->items(), argument.reals);
    if (const auto* v = value.val_as_Tensor()) read_tensor(*v, argument.tensor, where);
  }

  template <class List, class T>
  void read_numbers(const List* items, std::vector<T>& numbers) {
    if (!items) return;
    spend(items->size() * 8);
    for (uint32_t i = 0; i < items->size(); ++i) numbers.push_back(T(element(*items, i)));
  }

  void read_list(const format::EValue& value, const Method& method, Argument& argument,
                 const std::string& where) {
    if (const auto* v = value.val_as_IntList()) {
      for (int32_t i : indices(v->items(), method, where)) {
        if (method.arguments[size_t(i)].kind != format::KernelTypes::Int) {
          error("wrong-type", where, "value " + number(i) + " of its list is no integer");
          return;
        }
        argument.list.push_back(method.arguments[size_t(i)].integer);
      }
    }
    if (const auto* v = value.val_as_TensorList())
      read_tensor_list(v->items(), method, argument, where);
    if (const auto* v = value.val_as_OptionalTensorList())
      read_tensor_list(v->items(), method, argument, where);
  }

  // -1, or a value that is Null: no tensor.
  void read_tensor_list(const flatbuffers::Vector<int32_t>* items, const Method& method,
                        Argument& argument, const std::string& where) {
    const bool optional = argument.kind == format::KernelTypes::OptionalTensorList;
    if (!items) return;
    if (items->size() > kMostListed)
      return error("too-large", where, "its list names more than 256 tensors");
    spend(items->size() * 4);
    for (uint32_t k = 0; k < items->size(); ++k) {
      const auto i = int64_t(element(*items, k));
      const bool known = i >= 0 && i < int64_t(method.arguments.size());
      const auto kind = known ? method.arguments[size_t(i)].kind : format::KernelTypes::Null;
      const bool none = optional && (i == -1 || known) && kind == format::KernelTypes::Null;
      if (!none && kind != format::KernelTypes::Tensor)
        return error("wrong-type", where, "value " + number(i) + " of its list is no tensor",
                     "export the model again");
      argument.list.push_back(none ? -1 : i);
    }
  }

  void read_tensor(const format::Tensor& table, Tensor& tensor, const std::string& where) {
    tensor.type = table.scalar_type();
    if (!read_shape(table, tensor, where)) return;
    if (table.storage_offset() != 0)
      error("wrong-tensor", where, "its storage offset is not 0, which no runtime takes");
    if (table.shape_dynamism() == format::TensorShapeDynamism::DYNAMIC_UNBOUND)
      error("wrong-shape", where, "its shape has no bound", "export the model with fixed shapes");
    const auto* extra = table.extra_tensor_info();
    if (extra) tensor.name = text_of(extra->fully_qualified_name());
    spend(tensor.name.size());
    if (extra && extra->location() == format::TensorDataLocation::EXTERNAL) {
      error("external-data", where, "its numbers lie in another file (.ptd)",
            "export the model without external constants");
      return;
    }
    read_storage(table, tensor, where);
  }

  bool read_shape(const format::Tensor& table, Tensor& tensor, const std::string& where) {
    const auto* sizes = table.sizes();
    const size_t rank = sizes ? sizes->size() : 0;
    if (rank > kMostDimensions) {
      error("wrong-shape", where, "it has " + number(int64_t(rank)) + " dimensions",
            "mote takes at most 8");
      return false;
    }
    spend(rank * 5);
    int64_t elements = 1;
    for (size_t d = 0; d < rank; ++d) {
      const int32_t size = sizes->Get(uint32_t(d));
      if (size < 0 || (size > 0 && elements > INT32_MAX / 8 / size)) {
        error("wrong-shape", where, "its dimensions are negative or their product overflows");
        return false;
      }
      elements *= size;
      tensor.sizes.push_back(size);
    }
    return read_order(table, tensor, where);
  }

  bool read_order(const format::Tensor& table, Tensor& tensor, const std::string& where) {
    const auto* order = table.dim_order();
    const size_t rank = tensor.sizes.size();
    std::vector<bool> seen(rank, false);
    bool valid = !order || order->size() == 0 || order->size() == rank;
    for (size_t d = 0; valid && d < rank; ++d) {
      const size_t dim = order && order->size() ? order->Get(uint32_t(d)) : d;
      valid = dim < rank && !seen[dim];
      if (valid) seen[dim] = true;
      tensor.dim_order.push_back(int32_t(dim));
    }
    if (!valid) {
      error("wrong-shape", where, "its dim_order does not name each dimension once");
      tensor.sizes.clear();
      tensor.dim_order.clear();
    }
    return valid;
  }

  void read_storage(const format::Tensor& table, Tensor& tensor, const std::string& where) {
    const auto* place = table.allocation_info();
    if (place) {
      tensor.memory = place->memory_id();
      tensor.offset = int64_t((uint64_t(place->memory_offset_high() & INT32_MAX) << 32) |
                              place->memory_offset_low());
    }
    if (table.data_buffer_idx() == 0) return;
    if (place) {
      error("wrong-state", where,
            "it is a mutable buffer with an initial value, named \"" + tensor.name + "\"",
            "mote takes no such state from .pte yet; make it an input and an output");
      return;
    }
    ElementType ignored;
    if (!is_half(tensor.type) && !element_type(tensor.type, ignored)) {
      error("wrong-type", where, "its constants are of type " + type_name(tensor.type),
            "mote takes float16, float32, integers of 8 to 64 bits and bool");
      return;
    }
    tensor.is_constant = true;
    if (!container_.constant(table.data_buffer_idx(), tensor.bytes(), tensor.data))
      error("damaged-file", where,
            "its " + number(tensor.bytes()) + " bytes, constant " +
                number(table.data_buffer_idx()) + ", do not lie in the file");
  }

  void read_calls(Method& method) {
    const auto* chains = plan_->chains();
    if (!chains || chains->size() == 0) stop("no-chain", "the method has no instructions");
    if (chains->size() > 1)
      stop("wrong-chain",
           "the method has " + number(chains->size()) + " chains, which no exporter writes");
    const auto* instructions = chains->Get(0)->instructions();
    if (!instructions) return;
    if (instructions->size() > kMostCalls)
      stop("too-large", "the method has " + number(instructions->size()) + " instructions",
           "mote takes " + number(kMostCalls));
    for (uint32_t i = 0; i < instructions->size(); ++i) {
      spend(4);
      read_instruction(int32_t(i), *instructions->Get(i), method);
    }
  }

  void read_instruction(int32_t index, const format::Instruction& instruction, Method& method) {
    const std::string where = "instruction " + number(index);
    if (const auto* call = instruction.instr_args_as_KernelCall())
      return read_call(index, *call, method);
    if (const auto* call = instruction.instr_args_as_DelegateCall())
      return refuse_delegate(where, *call);
    if (instruction.instr_args_as_FreeCall()) return;  // our own plan says when bytes are free
    error("unsupported-operator", where,
          std::string("it is ") +
              format::EnumNameInstructionArguments(instruction.instr_args_type()) +
              " (control flow)",
          "export the model without branches");
  }

  void refuse_delegate(const std::string& where, const format::DelegateCall& call) {
    const auto* delegates = plan_->delegates();
    if (!delegates || call.delegate_index() < 0 ||
        uint32_t(call.delegate_index()) >= delegates->size())
      return error("wrong-index", where,
                   "delegate " + number(call.delegate_index()) + " does not exist");
    error("unsupported-operator", where,
          "it runs a blob of delegate \"" +
              text_of(delegates->Get(uint32_t(call.delegate_index()))->id()) +
              "\", whose contents are that backend's own",
          "export the model without that backend (no to_backend), or for cortex_m");
  }

  void read_call(int32_t index, const format::KernelCall& table, Method& method) {
    const std::string where = "instruction " + number(index);
    const auto* operators = plan_->operators();
    if (!operators || table.op_index() < 0 || uint32_t(table.op_index()) >= operators->size())
      return error("wrong-index", where,
                   "operator " + number(table.op_index()) + " does not exist");
    Call call;
    call.index = index;
    const format::Operator& op = *operators->Get(uint32_t(table.op_index()));
    call.name = text_of(op.name());
    call.overload = text_of(op.overload());
    spend(call.name.size() + call.overload.size());
    call.args = indices(table.args(), method, where);
    method.calls.push_back(std::move(call));
  }

  const std::string& place_;
  Diagnostics& diagnostics_;
  Container container_;
  int64_t budget_;
  const format::ExecutionPlan* plan_ = nullptr;
};

}  // namespace

bool element_type(format::ScalarType type, ElementType& found) {
  using T = format::ScalarType;
  switch (type) {
    case T::FLOAT:
      found = ElementType::f32;
      return true;
    case T::CHAR:
      found = ElementType::s8;
      return true;
    case T::BYTE:
      found = ElementType::u8;
      return true;
    case T::SHORT:
      found = ElementType::s16;
      return true;
    case T::INT:
      found = ElementType::s32;
      return true;
    case T::LONG:
      found = ElementType::s64;
      return true;
    case T::BOOL:
      found = ElementType::boolean;
      return true;
    default:
      return false;
  }
}

bool is_half(format::ScalarType type) {
  return type == format::ScalarType::HALF || type == format::ScalarType::BFLOAT16;
}

std::string type_name(format::ScalarType type) {
  const std::string name = format::EnumNameScalarType(type);
  return name.empty() ? "number " + number(int64_t(type)) : name;
}

int64_t Tensor::bytes() const {
  ElementType element = ElementType::s64;
  element_type(type, element);
  return element_count(sizes) * (is_half(type) ? 2 : element_bytes(element));
}

std::string Call::place() const {
  const bool plain = overload.empty() || overload == "out";
  return "instruction " + number(index) + " " + name + (plain ? "" : "." + overload);
}

Method read_method(std::span<const uint8_t> bytes, const std::string& place,
                   Diagnostics& diagnostics) {
  return Reader(bytes, place, diagnostics).read();
}

}  // namespace mote::executorch
