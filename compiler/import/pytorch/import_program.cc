// SPDX-License-Identifier: Apache-2.0
// A PyTorch program as a Graph: the checks of its names, and the walk over its calls, each through
// its rule. See program.h.
#include <algorithm>
#include <climits>

#include "compiler/import/pytorch/program.h"
#include "compiler/import/pytorch/rules.h"
#include "compiler/import/refusal_place.h"
#include "compiler/passes/passes.h"

namespace mote::pytorch {
namespace {

constexpr size_t kMostErrors = 100;
constexpr int64_t kMostConstantWork = int64_t(1) << 25;

// Tensors that a call reads.
template <class Use>
void for_each_input(const Call& call, Use use) {
  for (const auto& [name, argument] : call.arguments) {
    if (const auto* tensor = std::get_if<TensorName>(&argument)) use(tensor->name);
    if (const auto* list = std::get_if<std::vector<TensorName>>(&argument))
      for (const TensorName& tensor : *list)
        if (!tensor.name.empty()) use(tensor.name);
  }
}

// What is unknown is told for all calls at once, before anything is built.
void check_targets(const Program& program, const std::string& place, Diagnostics& diagnostics) {
  for (size_t c = 0; c < program.calls.size(); ++c)
    if (!find_rule(program.calls[c].target) && diagnostics.errors().size() < kMostErrors)
      diagnostics.error("unsupported-operator", place + ": " + place_of(program, c),
                        "mote does not take this operator",
                        "write the model with others, or add a rule: CONTRIBUTING.md");
  diagnostics.stop_if_any();
}

// Collects what is wrong with names and their order. A call that writes into its input gives it a
// new value; other tensors in the same memory must not be read after that.
class NameCheck {
 public:
  NameCheck(const Program& program, const std::string& place, Diagnostics& diagnostics)
      : program_(program), place_(place), diagnostics_(diagnostics) {}

  void run() {
    for (size_t c = 0; c < program_.calls.size(); ++c)
      for_each_input(program_.calls[c], [&](const std::string& name) { last_read_[name] = c + 1; });
    for (const std::string& name : program_.outputs) last_read_[name] = SIZE_MAX;
    for (const auto& [name, constant] : program_.constants) define(name, "constant", SIZE_MAX);
    for (const std::string& name : program_.inputs) define(name, "input", SIZE_MAX);
    for (size_t c = 0; c < program_.calls.size(); ++c) check_call(c);
    if (program_.outputs.empty()) error("no-output", "", "the program has no output");
    for (const std::string& name : program_.outputs)
      if (!defined_.count(name))
        error("undefined-name", "", "nothing makes the output \"" + name + "\"");
    diagnostics_.stop_if_any();
  }

 private:
  // Tensors that share memory.
  struct Memory {
    bool constant = false;
    std::string names[2];  // the two that are read last, the later one first
    size_t reads[2]{};     // by which call, counted from 1
  };

  void error(const char* code, const std::string& where, const std::string& message,
             const std::string& remedy = "export the model again") {
    if (diagnostics_.errors().size() < kMostErrors)
      diagnostics_.error(code, where.empty() ? place_ : place_ + ": " + where, message, remedy);
  }

  // `memory` SIZE_MAX: of its own.
  void define(const std::string& name, const std::string& where, size_t memory) {
    if (memory == SIZE_MAX) {
      memory = memories_.size();
      memories_.emplace_back();
      memories_.back().constant = where == "constant";
    }
    if (!defined_.emplace(name, memory).second)
      error("duplicate-name", where, "two tensors are called \"" + name + "\"");
    const auto read = last_read_.find(name);
    if (read != last_read_.end()) note(memories_[memory], name, read->second);
  }

  void check_call(size_t c) {
    const Call& call = program_.calls[c];
    const std::string where = place_of(program_, c);
    std::string first;
    for_each_input(call, [&](const std::string& name) {
      if (!defined_.count(name))
        error("undefined-name", where, "nothing before it makes its input \"" + name + "\"");
      else if (first.empty())
        first = name;
    });
    const bool in_place = is_in_place(call.target);
    const bool shares = !first.empty() && (in_place || may_be_view(*find_rule(call.target)));
    const size_t memory = shares ? defined_.at(first) : SIZE_MAX;
    if (in_place && shares) check_write(c, first, memory);
    for (const std::string& name : call.outputs)
      if (!name.empty()) define(name, where, memory);
  }

  void check_write(size_t c, const std::string& written, size_t memory) {
    const std::string where = place_of(program_, c);
    if (memories_[memory].constant)
      error("stateful-model", where, "it changes the buffer or parameter \"" + written + "\"",
            "export the model in evaluation mode, without state of its own");
    const Memory& shared = memories_[memory];
    const size_t other = shared.names[0] == written ? 1 : 0;
    if (shared.reads[other] > c + 1)
      error("shared-memory", where,
            "it writes over \"" + shared.names[other] +
                "\", which is read later, in the memory of \"" + written + "\"",
            "leave out inplace=True there");
  }

  static void note(Memory& memory, const std::string& name, size_t read) {
    const size_t at = read >= memory.reads[0] ? 0 : 1;
    if (at == 0) {
      memory.names[1] = memory.names[0];
      memory.reads[1] = memory.reads[0];
    }
    if (at == 1 && read < memory.reads[1]) return;
    memory.names[at] = name;
    memory.reads[at] = read;
  }

  const Program& program_;
  const std::string& place_;
  Diagnostics& diagnostics_;
  std::map<std::string, size_t> defined_;  // and the memory that each lies in
  std::vector<Memory> memories_;
  std::map<std::string, size_t> last_read_;
};

// All inputs are tensors of one sample.
void add_inputs(Import& import, const std::string& place) {
  Graph& graph = import.assembly.graph();
  for (const std::string& input : import.program.inputs) {
    const auto said = import.program.tensors.find(input);
    if (said == import.program.tensors.end())
      fail("dynamic-shape", place, "input \"" + input + "\" has no type and shape");
    const auto& [type, shape, quantization] = said->second;
    if (element_count(shape) == 0)
      fail("empty-tensor", place, "input \"" + input + "\" has no elements");
    const std::string name = import.assembly.unique(input);
    import.values[input] = graph.streams.empty()
                               ? graph.add_tensor_stream(name, type, shape, quantization)
                               : graph.add_sample_tensor(0, name, type, shape, quantization);
  }
  if (graph.streams.empty())
    fail("no-input", place, "the program has no input", "mote needs at least one");
}

// A value that is an input, or an output already, becomes one by a view of its own.
void add_outputs(Import& import, const ImportOptions& options, const std::string& place) {
  Graph& graph = import.assembly.graph();
  for (const std::string& output : import.program.outputs) {
    const auto known = import.values.find(output);
    ValueId id = known == import.values.end() ? -1 : known->second;
    const bool constant = id < 0 || graph.value(id).kind == ValueKind::constant;
    if (id < 0 || (constant && !options.constant_outputs))
      fail("wrong-output", place, "output \"" + output + "\" does not depend on the input",
           "leave it out");
    const bool taken = std::count(graph.outputs.begin(), graph.outputs.end(), id) > 0;
    if (!constant && (taken || graph.value(id).kind == ValueKind::stream))
      id = import.assembly.add(reshape_op, output + "/output", {id},
                               {{"shape", dims(graph.value(id).shape)}});
    graph.outputs.push_back(id);
  }
}

bool has_inputs(const Import& import, const Call& call) {
  bool all = true;
  for_each_input(call, [&](const std::string& name) {
    all = all && (import.values.count(name) || import.program.constants.count(name));
  });
  return all;
}

// What the call wrote over has the new value from now on.
void rebind(Import& import, const Call& call) {
  if (!is_in_place(call.target) || call.outputs.empty()) return;
  const auto made = import.values.find(call.outputs[0]);
  if (made == import.values.end() || call.arguments.empty()) return;
  if (const auto* written = std::get_if<TensorName>(&call.arguments[0].second))
    import.values[written->name] = made->second;
}

// Every refusal, but for calls that follow a refused one.
void import_calls(Import& import, const std::string& place, Diagnostics& diagnostics) {
  for (size_t c = 0; c < import.program.calls.size(); ++c) {
    const Call& call = import.program.calls[c];
    if (!has_inputs(import, call)) continue;
    const ImportRule& rule = *find_rule(call.target);
    CallView view(import, c, rule);
    try {
      rule.import(view);
      view.finish();
      rebind(import, call);
    } catch (const UserError& refusal) {
      for (const Diagnostic& d : refusal.diagnostics())
        diagnostics.error(d.code, place + ": " + place_in_node(view.place(), d.place), d.message,
                          d.remedy);
      // What is too large once is too large again, and takes its time.
      const bool too_large = refusal.diagnostics().at(0).code == "too-large";
      if (too_large || diagnostics.errors().size() >= kMostErrors) break;
    }
  }
  diagnostics.stop_if_any();
}

}  // namespace

std::string place_of(const Program& program, size_t call) {
  const Call& c = program.calls.at(call);
  if (!c.place.empty()) return c.place;
  return "node " + std::to_string(call) + " " + c.target + " \"" + c.name + "\"";
}

bool element_type(const std::string& name, ElementType& out) {
  constexpr std::pair<std::string_view, ElementType> kTypes[] = {
      {"float32", ElementType::f32}, {"uint8", ElementType::u8},  {"int8", ElementType::s8},
      {"uint16", ElementType::u16},  {"int16", ElementType::s16}, {"int32", ElementType::s32},
      {"uint32", ElementType::u32},  {"int64", ElementType::s64}, {"uint64", ElementType::u64},
      {"bool", ElementType::boolean}};
  for (const auto& [theirs, ours] : kTypes)
    if (theirs == name) {
      out = ours;
      return true;
    }
  return false;
}

Graph import_program(const Program& given, const std::string& place, const ImportOptions& options,
                     Diagnostics& diagnostics) {
  check_targets(given, place, diagnostics);
  NameCheck(given, place, diagnostics).run();
  const Program program = with_expected_scales(with_folded_batch_norms(given));
  Assembly assembly(program.name);
  Import import{assembly, program, {}, {}, kMostConstantWork};
  for (const Call& call : program.calls)
    for_each_input(call, [&](const std::string& name) { import.used.insert(name); });
  import.used.insert(program.outputs.begin(), program.outputs.end());
  add_inputs(import, place);
  import_calls(import, place, diagnostics);
  add_outputs(import, options, place);
  return remove_unused(assembly.take_with_pairs());
}

}  // namespace mote::pytorch
