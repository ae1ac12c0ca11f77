// SPDX-License-Identifier: Apache-2.0
// The layers in model.cc: one named function each, which calls an always-inline kernel with
// constexpr Params. In: the KernelCall of each layer. Out: the functions, the call of one, the
// headers they need. See texts.h.
#include <fmt/format.h>

#include <set>

#include "compiler/emit/texts.h"

namespace mote {
namespace {

// A layer of the loop reads the sample as rows of a window.
bool uses_sample(const ModelNames& names, int32_t i) {
  if (names.plan.is_by_rows(i)) return false;
  for (ValueId in : names.node(i).inputs)
    if (in >= 0 && names.location(in).region == Region::sample) return true;
  return false;
}

bool in_model(const ModelNames& names, int32_t i, const KernelArgument& argument) {
  switch (argument.kind) {
    using Kind = KernelArgument::Kind;
    case Kind::state:
    case Kind::scratch:
    case Kind::output:
      return true;
    case Kind::input: {
      const ValueId in = names.node(i).inputs[size_t(argument.index)];
      if (names.plan.is_by_rows(i) && names.plan.loop->in_window(in)) return true;
      const Region region = names.location(in).region;
      return region != Region::sample && region != Region::flash;
    }
    case Kind::constant:
    case Kind::null:
      return false;
  }
  return false;
}

bool uses_model(const ModelNames& names, int32_t i) {
  for (const KernelArgument& argument : names.plan.layers[size_t(i)].call.arguments)
    if (in_model(names, i, argument)) return true;
  return false;
}

// The loop's last layer, whose rows lie elsewhere at every step.
bool makes_result(const ModelNames& names, int32_t i) {
  return names.plan.loop && names.plan.loop->last == i;
}

std::string parameters(const ModelNames& names, int32_t i) {
  const int32_t stream = names.value(names.node(i).outputs[0]).clock.stream;
  std::string text = fmt::format("{}_model*{}", names.prefix, uses_model(names, i) ? " m" : "");
  if (uses_sample(names, i))
    text +=
        fmt::format(", const {}* sample", names.sample_type(names.graph().streams[size_t(stream)]));
  if (makes_result(names, i)) text += ", int32_t step";
  return text;
}

// A table in flash has its type; everything else is a Place (model_source.cc), which takes the type
// that the kernel asks for.
std::string place(const ModelNames& names, ValueId id) {
  const std::string address = names.address(id);
  return names.location(id).region == Region::flash ? address : fmt::format("at({})", address);
}

// Of a layer in the loop: rows of a window, or of the result.
std::string rows_text(const ModelNames& names, int32_t i, ValueId id, bool is_input) {
  const RowLoop& loop = *names.plan.loop;
  const RowValue* rows = loop.in_window(id);
  if (is_input && rows)
    return fmt::format("at({})",
                       names.arena(rows->offset + rows_read(names.graph(), loop, i, id).offset));
  if (is_input || rows) return place(names, id);
  return fmt::format("at((uint8_t*)({}) + step * {})", names.address(id),
                     loop.result().window.fresh_bytes());
}

std::string argument_text(const ModelNames& names, int32_t i, const KernelArgument& argument) {
  const auto k = size_t(argument.index);
  switch (argument.kind) {
    using Kind = KernelArgument::Kind;
    case Kind::input: {
      const ValueId id = names.node(i).inputs.at(k);
      if (names.plan.is_by_rows(i)) return rows_text(names, i, id, true);
      return argument.as_bytes ? fmt::format("at({})", names.address(id)) : place(names, id);
    }
    case Kind::output:
      if (names.plan.is_by_rows(i)) return rows_text(names, i, names.node(i).outputs.at(k), false);
      return place(names, names.node(i).outputs.at(k));
    case Kind::state:
      return place(names, names.node(i).states.at(k));
    case Kind::constant:
      return names.weights.constants.at({i, argument.index});
    case Kind::scratch:
      return fmt::format("at({})", names.arena(names.plan.layers[size_t(i)].scratch_offset));
    case Kind::null:
      return "nullptr";
  }
  return "";
}

std::string params_text(const KernelCall& call) {
  std::string text = fmt::format("  static constexpr mote::{} kParams{{", call.params_type);
  for (size_t f = 0; f < call.fields.size(); ++f)
    text += fmt::format("{}\n      /*{}=*/{}", f ? "," : "", call.fields[f].name,
                        call.fields[f].literal);
  return text + "};\n";
}

std::string layer_function_text(const ModelNames& names, int32_t i) {
  const KernelCall& call = names.plan.layers[size_t(i)].call;
  const bool gates = call.kernel.gates;
  std::string text = fmt::format("// Layer {}: \"{}\".\nMOTE_LAYER {} {}({}) {{\n", i,
                                 commented(names.node(i).name), gates ? "bool" : "void",
                                 names.function(i), parameters(names, i));
  text += params_text(call);
  text += fmt::format("  {}mote::{}(kParams", gates ? "return " : "", call.kernel.function);
  for (const KernelArgument& argument : call.arguments)
    text += ",\n      " + argument_text(names, i, argument);
  return text + ");\n}\n\n";
}

}  // namespace

std::string layer_functions(const ModelNames& names) {
  std::string text;
  for (size_t i = 0; i < names.plan.layers.size(); ++i)
    if (names.plan.layers[i].has_kernel) text += layer_function_text(names, int32_t(i));
  return text;
}

std::string layer_call(const ModelNames& names, int32_t layer) {
  return fmt::format("{}(m{}{})", names.function(layer),
                     uses_sample(names, layer) ? ", sample" : "",
                     makes_result(names, layer) ? ", step" : "");
}

std::vector<std::string> kernel_headers(const Plan& plan) {
  std::set<std::string> headers;
  if (plan.has_input() || plan.state_bytes > 0) headers.insert("core/move_down.h");
  if (plan.loop) headers.insert("core/row_window.h");
  for (const Layer& layer : plan.layers)
    if (layer.has_kernel) headers.insert(layer.call.header);
  return {headers.begin(), headers.end()};
}

}  // namespace mote
