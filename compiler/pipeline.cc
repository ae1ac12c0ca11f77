// SPDX-License-Identifier: Apache-2.0
// The corridor. Read it top to bottom and you have read the compiler.
#include "compiler/pipeline.h"

#include <algorithm>

#include "compiler/budget.h"
#include "compiler/passes/passes.h"
#include "compiler/plan/kernel_choices.h"
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

bool same_layers(const Graph& a, const Graph& b) {
  return std::equal(a.nodes.begin(), a.nodes.end(), b.nodes.begin(), b.nodes.end(),
                    [](const Node& x, const Node& y) { return x.name == y.name; });
}

int64_t numbers_of(const Graph& graph) {
  int64_t numbers = 0;
  for (const Value& value : graph.values) numbers += value.elements();
  return numbers;
}

}  // namespace

Compiled compile(const Graph& graph, const CompileOptions& options, Diagnostics& diagnostics) {
  const auto door = [&](const std::string& name, const std::string& text) {
    if (options.at_door) options.at_door(name, text);
  };
  diagnostics.stop_if_any();
  Graph used = remove_unused(fuse_conversions(merge_equal(graph)));
  const Graph live = remove_unused(
      remove_dead_channels(remove_unused(fold_padding(convolve_single_channels(used)))));
  const Graph lean = verified(reorder(live));
  const bool is_leaner = numbers_of(lean) != numbers_of(used);
  if (options.at_door && (is_leaner || !same_layers(lean, graph))) door("passes", print(lean));
  KernelChoices kernels = options.kernels;
  if (options.compress) kernels.merge(compressed_kernels(lean, options.core));
  Plan plan = plan_within(lean, options.core, options.ram_bytes, kernels);
  if (options.near_bytes() > 0)
    plan = in_two_memories(std::move(plan), {options.core, kernels, options.near_bytes()});
  verify(plan);
  door("plan", print(plan));
  EmittedLibrary library = emit_cpp(plan);
  Compiled compiled{std::move(plan), std::move(library)};
  if (is_leaner) compiled.whole = std::move(used);
  return compiled;
}

}  // namespace mote
