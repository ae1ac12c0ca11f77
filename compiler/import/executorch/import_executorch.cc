// SPDX-License-Identifier: Apache-2.0
// An ExecuTorch program (.pte) as a Graph: what each tensor's bytes are, what scale its readers
// expect, then the walk over the calls. See compiler/import/import.h.
#include <algorithm>

#include "compiler/import/executorch/call_view.h"
#include "compiler/import/import.h"

namespace mote {
namespace {

using namespace executorch;

constexpr size_t kMostErrors = 100;

void check_operators(const Method& method, const std::string& place, Diagnostics& diagnostics) {
  for (const Call& call : method.calls)
    if (!find_rule(call.name) && diagnostics.errors().size() < kMostErrors)
      diagnostics.error("unsupported-operator", place + ": " + call.place(),
                        "mote does not take this operator",
                        "rewrite the layer with others, or add a rule for it "
                        "(compiler/import/executorch/rules.cc)");
  diagnostics.stop_if_any();
}

// The format plans memory and leaves a view out: it is a tensor that nothing writes, at the place
// of one that something wrote. The last writer of any of its bytes must have written just these.
int32_t find_source(const Method& method, const std::vector<int32_t>& written, int32_t index) {
  const Tensor& view = method.arguments[size_t(index)].tensor;
  for (auto it = written.rbegin(); it != written.rend(); ++it) {
    const Tensor& t = method.arguments[size_t(*it)].tensor;
    if (*it == index) return index;
    if (view.memory < 0 || t.memory != view.memory) continue;
    if (t.offset + t.bytes() <= view.offset || view.offset + view.bytes() <= t.offset) continue;
    const bool same = t.offset == view.offset && t.bytes() == view.bytes() && t.type == view.type;
    return same ? *it : index;
  }
  return index;
}

bool is_tensor(const Method& method, int32_t index) {
  return method.arguments[size_t(index)].kind == format::KernelTypes::Tensor;
}

// The tensors that an argument is or lists.
std::vector<int32_t> tensors_of(const Method& method, int32_t index) {
  const Argument& argument = method.arguments[size_t(index)];
  std::vector<int32_t> tensors;
  if (argument.kind == format::KernelTypes::Tensor) tensors.push_back(index);
  if (argument.kind == format::KernelTypes::TensorList)
    for (int64_t i : argument.list)
      if (is_tensor(method, int32_t(i))) tensors.push_back(int32_t(i));
  return tensors;
}

// Inputs are written before all calls.
std::vector<int32_t> find_sources(const Method& method) {
  std::vector<int32_t> sources(method.arguments.size());
  for (size_t i = 0; i < sources.size(); ++i) sources[i] = int32_t(i);
  std::vector<bool> known(sources.size(), false);
  std::vector<int32_t> written;
  const auto read = [&](int32_t index) {
    if (known[size_t(index)]) return;
    known[size_t(index)] = true;
    if (method.arguments[size_t(index)].tensor.is_constant) return;
    sources[size_t(index)] = sources[size_t(find_source(method, written, index))];
  };
  const auto write = [&](int32_t index) {
    if (!is_tensor(method, index)) return;
    known[size_t(index)] = true;
    written.push_back(index);
  };
  for (int32_t index : method.inputs) write(index);
  for (const Call& call : method.calls) {
    if (call.args.empty()) continue;
    for (int32_t index : call.args)
      for (int32_t tensor : tensors_of(method, index))
        if (tensor != call.args.back()) read(tensor);
    write(call.args.back());
  }
  for (int32_t index : method.outputs)
    if (is_tensor(method, index)) read(index);
  return sources;
}

// The scale and zero point that a call's arguments give a tensor that it reads.
Quantization said_quantization(const Method& method, const Call& call, const SaidZeroPoint& said) {
  const auto argument = [&](int8_t i) -> const Argument& {
    return method.arguments[size_t(call.args[size_t(i)])];
  };
  const auto last = size_t(std::max({said.tensor, said.number, said.scale}));
  if (said.tensor < 0 || last >= call.args.size()) return {};
  const auto number = int32_t(std::clamp<int64_t>(argument(said.number).integer, -65536, 65536));
  const float scale = said.scale < 0 ? 1.0f : float(argument(said.scale).real);
  return per_tensor(scale, said.negated ? -number : number);
}

// What is said first stays, but for a scale where only a zero point was said.
void expect(Quantization& input, const Quantization& given) {
  const bool says_scale = !given.empty() && given.scale() != 1.0f;
  if (input.empty() || (says_scale && input.scale() == 1.0f)) input = given;
}

// The file says scales only where numbers are quantised and dequantised: they are carried back to
// the layer that computes them.
std::vector<Quantization> expected_quantizations(const Method& method,
                                                 const std::vector<int32_t>& sources) {
  std::vector<Quantization> expected(sources.size());
  for (auto call = method.calls.rbegin(); call != method.calls.rend(); ++call) {
    if (call->args.empty()) continue;
    const ImportRule& rule = *find_rule(call->name);
    const auto source = [&](int32_t index) { return size_t(sources[size_t(index)]); };
    for (const SaidZeroPoint& said : rule.zero_points) {
      const Quantization given = said_quantization(method, *call, said);
      if (!given.empty()) expect(expected[source(call->args[size_t(said.tensor)])], given);
    }
    if (rule.keeps_scale == KeepsScale::no) continue;
    const Quantization kept = expected[size_t(call->args.back())];
    const size_t count = rule.keeps_scale == KeepsScale::of_first ? 1 : call->args.size() - 1;
    for (size_t i = 0; i < count; ++i)
      for (int32_t index : tensors_of(method, call->args[i])) expect(expected[source(index)], kept);
  }
  return expected;
}

void add_inputs(Import& import, const std::string& place) {
  Graph& graph = import.assembly.graph();
  for (int32_t index : import.method.inputs) {
    const std::string where = "value " + std::to_string(index);
    if (!is_tensor(import.method, index))
      fail("wrong-input", place, where + " is an input and no tensor",
           "export the model with tensors as its only inputs");
    const Tensor& tensor = import.method.arguments[size_t(index)].tensor;
    ElementType type = ElementType::f32;
    if (!element_type(tensor.type, type))
      fail("wrong-type", place,
           "input " + where + " is of type " + format::EnumNameScalarType(tensor.type),
           "mote takes float32, integers of 8 to 64 bits and bool");
    if (tensor.is_constant || import.values[size_t(index)] >= 0)
      fail("wrong-input", place, "input " + where + " is a constant or stands twice");
    Quantization quantization;
    if (type == ElementType::s8 || type == ElementType::s16)
      quantization = import.expected[size_t(index)];
    const std::string name = import.assembly.unique("input");
    import.values[size_t(index)] =
        graph.streams.empty()
            ? graph.add_tensor_stream(name, type, memory_shape(tensor), quantization)
            : graph.add_sample_tensor(0, name, type, memory_shape(tensor), quantization);
  }
  if (graph.streams.empty()) fail("no-input", place, "the model has no input");
}

void add_outputs(Import& import, const std::string& place) {
  Graph& graph = import.assembly.graph();
  for (int32_t index : import.method.outputs) {
    const ValueId id = import.values[size_t(import.sources[size_t(index)])];
    if (id < 0 || graph.value(id).kind == ValueKind::constant)
      fail("wrong-output", place,
           "output value " + std::to_string(index) + " does not depend on the input");
    graph.outputs.push_back(id);
  }
  if (graph.outputs.empty()) fail("no-output", place, "the model has no output");
}

// A call whose input was refused is not said again.
bool has_inputs(const Import& import, const Call& call) {
  const ImportRule& rule = *find_rule(call.name);
  std::vector<size_t> read{0};
  for (const SaidZeroPoint& said : rule.zero_points)
    if (said.tensor > 0) read.push_back(size_t(said.tensor));
  if (rule.keeps_scale == KeepsScale::of_all) read.push_back(1);
  for (size_t i : read) {
    if (i >= call.args.size()) continue;
    for (int32_t index : tensors_of(import.method, call.args[i])) {
      const auto source = size_t(import.sources[size_t(index)]);
      if (import.values[source] < 0 && !import.method.arguments[source].tensor.is_constant)
        return false;
    }
  }
  return true;
}

void import_calls(Import& import, const std::string& place, Diagnostics& diagnostics) {
  for (const Call& call : import.method.calls) {
    if (!has_inputs(import, call) && !diagnostics.errors().empty()) continue;
    CallView view(import, call);
    try {
      if (call.args.size() < 2) view.refuse("wrong-arguments", "it has no input or no output");
      find_rule(call.name)->import(view);
    } catch (const UserError& refusal) {
      for (const Diagnostic& d : refusal.diagnostics())
        diagnostics.error(
            d.code, place + ": " + call.place() + (d.place == call.place() ? "" : ": " + d.place),
            d.message, d.remedy);
      if (diagnostics.errors().size() >= 20) break;
    }
  }
  diagnostics.stop_if_any();
}

}  // namespace

Graph import_executorch(const ModelFile& file, const ImportOptions&, Diagnostics& diagnostics) {
  const Method method = read_method(file.bytes, file.place, diagnostics);
  check_operators(method, file.place, diagnostics);
  Assembly assembly(file.name);
  Import import{assembly,
                method,
                std::vector<ValueId>(method.arguments.size(), -1),
                find_sources(method),
                {}};
  import.bytes_left = 4 * int64_t(file.bytes.size()) + (1 << 20);
  import.expected = expected_quantizations(method, import.sources);
  add_inputs(import, file.place);
  import_calls(import, file.place, diagnostics);
  add_outputs(import, file.place);
  return std::move(assembly.graph());
}

}  // namespace mote
