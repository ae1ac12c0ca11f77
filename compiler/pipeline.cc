// SPDX-License-Identifier: Apache-2.0
// The corridor. Read it top to bottom and you have read the compiler.
#include "compiler/pipeline.h"

#include "compiler/passes/passes.h"
#include "graph/text.h"
#include "graph/verify.h"

namespace mote {
namespace {

// A pass that breaks a rule of graphs is our own bug.
Graph verified(Graph graph) {
  Diagnostics findings;
  verify(graph, findings);
  MOTE_ASSERT(findings.errors().empty());
  return graph;
}

}  // namespace

Compiled compile(const Graph& graph, const CompileOptions& options, Diagnostics& diagnostics) {
  const auto door = [&](const std::string& name, const std::string& text) {
    if (options.at_door) options.at_door(name, text);
  };
  diagnostics.stop_if_any();
  const Graph used = verified(remove_unused(remove_dead_channels(merge_equal(graph))));
  if (options.at_door && used.nodes.size() != graph.nodes.size()) door("passes", print(used));
  Plan plan = make_plan(used, options.core);
  verify(plan);
  door("plan", print(plan));
  EmittedLibrary library = emit_cpp(plan);
  return {std::move(plan), std::move(library)};
}

}  // namespace mote
