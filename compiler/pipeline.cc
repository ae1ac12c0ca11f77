// SPDX-License-Identifier: Apache-2.0
// The corridor. Read it top to bottom and you have read the compiler.
#include "compiler/pipeline.h"

#include "compiler/passes/passes.h"

namespace mote {

Compiled compile(const Graph& graph, const CompileOptions& options, Diagnostics& diagnostics) {
  const auto door = [&](const std::string& name, const std::string& text) {
    if (options.at_door) options.at_door(name, text);
  };
  diagnostics.stop_if_any();
  const Graph used = remove_unused(graph);
  Plan plan = make_plan(used);
  verify(plan);
  door("plan", print(plan));
  EmittedLibrary library = emit_cpp(plan);
  return {std::move(plan), std::move(library)};
}

}  // namespace mote
