// SPDX-License-Identifier: Apache-2.0
// See translate.h.
#include "compiler/import/executorch/translate.h"

#include <algorithm>

#include "compiler/import/executorch/out_variants.h"
#include "compiler/import/executorch/values.h"

namespace mote::executorch {
namespace {

using Kind = format::KernelTypes;

constexpr size_t kMostErrors = 100;

// PyTorch's name of a type.
std::string data_type(int64_t type) {
  using T = format::ScalarType;
  constexpr std::pair<T, const char*> kNames[] = {
      {T::FLOAT, "float32"}, {T::HALF, "float16"},  {T::DOUBLE, "float64"}, {T::BOOL, "bool"},
      {T::CHAR, "int8"},     {T::SHORT, "int16"},   {T::INT, "int32"},      {T::LONG, "int64"},
      {T::BYTE, "uint8"},    {T::UINT16, "uint16"}, {T::UINT32, "uint32"},  {T::UINT64, "uint64"}};
  for (const auto& [theirs, name] : kNames)
    if (int64_t(theirs) == type) return name;
  return "number " + std::to_string(type);
}

// The arguments of a kernel: what goes in, the tensors that it writes, and what it returns: these
// once more, as one value.
struct Kernel {
  std::vector<int32_t> inputs;
  std::vector<int32_t> outputs;
};

class Translator {
 public:
  Translator(const Method& method, int64_t constant_bytes, const std::string& place,
             Diagnostics& diagnostics)
      : method_(method),
        place_(place),
        diagnostics_(diagnostics),
        values_(method, program_, constant_bytes) {}

  pytorch::Program run() {
    add_inputs();
    for (const Call& call : method_.calls) guarded([&] { add_call(call); });
    guarded([&] { add_outputs(); });
    warn_of_channels_last();
    return std::move(program_);
  }

 private:
  template <class Work>
  void guarded(Work work) {
    if (diagnostics_.errors().size() >= kMostErrors) return;
    try {
      work();
    } catch (const UserError& refusal) {
      for (const Diagnostic& d : refusal.diagnostics())
        diagnostics_.error(d.code, d.place.empty() ? place_ : place_ + ": " + d.place, d.message,
                           d.remedy);
    }
  }

  const executorch::Argument& argument(int32_t index) const {
    return method_.arguments[size_t(index)];
  }
  bool is_tensor(int32_t index) const { return argument(index).kind == Kind::Tensor; }

  void add_inputs() {
    for (int32_t index : method_.inputs)
      guarded([&] {
        if (!is_tensor(index))
          fail("wrong-input", "value " + std::to_string(index), "it is an input and no tensor",
               "export the model with tensors as its only inputs");
        const Tensor& tensor = argument(index).tensor;
        const std::string name =
            values_.write(index, "input", memory_order(tensor), "value " + std::to_string(index));
        if (name.empty())
          fail("empty-tensor", "value " + std::to_string(index), "it is an input without elements");
        program_.inputs.push_back(name);
      });
  }

  void add_outputs() {
    for (int32_t index : method_.outputs) {
      if (!is_tensor(index))
        fail("wrong-output", "value " + std::to_string(index), "it is an output and no tensor",
             "export the model with tensors as its only outputs");
      program_.outputs.push_back(values_.read(index, memory_order(argument(index).tensor),
                                              "output value " + std::to_string(index)));
    }
  }

  // ExecuTorch's issue 16464.
  void warn_of_channels_last() {
    const std::vector<std::string>& all = values_.channels_last_constants();
    if (!all.empty())
      diagnostics_.warn("channels-last-constant", place_ + ": " + all[0],
                        "constants said to lie channels last: " + std::to_string(all.size()) +
                            ", this one first; they are read so, but ExecuTorch 1.0 wrote such "
                            "numbers in another order than it said",
                        "leave the parameters contiguous, or export the model with a current "
                        "ExecuTorch");
  }

  Kernel kernel_of(const Call& call) const {
    const auto wrong = [&](const std::string& message) {
      fail("wrong-arguments", call.place(), message, "export the model with a current ExecuTorch");
    };
    if (call.args.size() < 2) wrong("it has no input or no output");
    const executorch::Argument& returned = argument(call.args.back());
    Kernel kernel{{call.args.begin(), call.args.end() - 1}, {}};
    if (returned.kind == Kind::Tensor)
      kernel.outputs = {call.args.back()};
    else if (returned.kind == Kind::TensorList)
      kernel.outputs.assign(returned.list.begin(), returned.list.end());
    else
      wrong("what it returns is no tensor");
    const executorch::Argument& last = argument(kernel.inputs.back());
    const bool one_list = last.kind == Kind::TensorList && last.list == returned.list;
    const size_t count = one_list ? 1 : kernel.outputs.size();
    const bool named = one_list || (count <= kernel.inputs.size() &&
                                    std::equal(kernel.outputs.begin(), kernel.outputs.end(),
                                               kernel.inputs.end() - int64_t(count)));
    if (!named || kernel.outputs.empty()) wrong("what it returns is not what it writes");
    kernel.inputs.resize(kernel.inputs.size() - count);
    return kernel;
  }

  void add_call(const Call& call) {
    pytorch::Call made;
    made.target = functional_target(call.name, call.overload);
    made.name = call.name.substr(call.name.rfind(':') + 1) + "_" + std::to_string(call.index);
    made.place = call.place();
    if (pytorch::schema_of(made.target).empty()) return add_unknown(std::move(made), call);
    if (is_in_place(call.name))
      fail("stateful-model", call.place(), "it writes into its input",
           "export the model in evaluation mode, without state of its own");
    const Kernel kernel = kernel_of(call);
    try {
      set_arguments(made, call, kernel);
    } catch (const UserError&) {
      write_outputs(made, call, kernel);  // so that nobody is blamed for reading them
      throw;
    }
    write_outputs(made, call, kernel);
    program_.calls.push_back(std::move(made));
  }

  // It is refused with all others of its kind; who reads its outputs is not to blame.
  void add_unknown(pytorch::Call made, const Call& call) {
    try {
      write_outputs(made, call, kernel_of(call));
    } catch (const UserError&) {
      made.outputs.clear();
    }
    program_.calls.push_back(std::move(made));
  }

  void set_arguments(pytorch::Call& made, const Call& call, const Kernel& kernel) {
    const ArgumentNames names = argument_names(made.target);
    if (kernel.inputs.size() > names.names.size())
      fail("wrong-arguments", call.place(),
           "it has " + std::to_string(kernel.inputs.size()) +
               " arguments, mote knows the form with " + std::to_string(names.names.size()),
           "export the model with a current ExecuTorch");
    for (size_t i = 0; i < kernel.inputs.size(); ++i)
      made.arguments.emplace_back(names.names[i],
                                  translated(call, kernel, names.names[i], kernel.inputs[i]));
    if (names.typed_by_output)
      made.arguments.emplace_back(
          "dtype", pytorch::DataType{data_type(int64_t(argument(kernel.outputs[0]).tensor.type))});
  }

  pytorch::Argument translated(const Call& call, const Kernel& kernel, const std::string& name,
                               int32_t index) {
    const executorch::Argument& given = argument(index);
    const bool is_type = name == "dtype" || name == "out_dtype";
    switch (given.kind) {
      case Kind::Null:
        return std::monostate{};
      case Kind::Int:
        if (is_type) return pytorch::DataType{data_type(given.integer)};
        return given.integer;
      case Kind::Bool:
        return given.integer != 0;
      case Kind::Double:
        return given.real;
      case Kind::String:
        return given.text;
      case Kind::IntList:
      case Kind::BoolList:
        return given.list;
      case Kind::DoubleList:
        return given.reals;
      case Kind::Tensor:
        return tensor_argument(call, kernel, name, index);
      case Kind::TensorList:
      case Kind::OptionalTensorList:
        return tensor_list(call, kernel, name, given.list);
      default:
        fail("wrong-arguments", call.place(), "argument \"" + name + "\" is of no known kind",
             "export the model with a current ExecuTorch");
    }
  }

  // Scratch memory holds nothing before a call and nothing of worth after it.
  pytorch::Argument tensor_argument(const Call& call, const Kernel& kernel, const std::string& name,
                                    int32_t index) {
    if (name == "scratch" || name == "output_scratch") {
      values_.spoil(index);
      return std::monostate{};
    }
    return pytorch::TensorName{tensor_name(call, kernel, name, index)};
  }

  std::string tensor_name(const Call& call, const Kernel& kernel, const std::string& name,
                          int32_t index) {
    const Order order =
        seen_order(call, name, argument(index).tensor, argument(kernel.outputs[0]).tensor);
    return values_.read(index, order, call.place());
  }

  pytorch::Argument tensor_list(const Call& call, const Kernel& kernel, const std::string& name,
                                const std::vector<int64_t>& list) {
    std::vector<pytorch::TensorName> names;
    for (int64_t index : list)
      names.push_back(
          {index < 0 ? std::string() : tensor_name(call, kernel, name, int32_t(index))});
    return names;
  }

  void write_outputs(pytorch::Call& made, const Call& call, const Kernel& kernel) {
    for (size_t i = 0; i < kernel.outputs.size(); ++i) {
      const Tensor& tensor = argument(kernel.outputs[i]).tensor;
      const Order order = seen_order(call, "out", tensor, argument(kernel.outputs[0]).tensor);
      const std::string name = i == 0 ? made.name : made.name + "." + std::to_string(i);
      made.outputs.push_back(values_.write(kernel.outputs[i], name, order, call.place()));
    }
  }

  const Method& method_;
  const std::string& place_;
  Diagnostics& diagnostics_;
  pytorch::Program program_;
  Values values_;
};

}  // namespace

pytorch::Program translate(const Method& method, int64_t constant_bytes, const std::string& place,
                           Diagnostics& diagnostics) {
  return Translator(method, constant_bytes, place, diagnostics).run();
}

}  // namespace mote::executorch
