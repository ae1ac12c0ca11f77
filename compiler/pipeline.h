// SPDX-License-Identifier: Apache-2.0
// The corridor of the compiler: Graph in, emitted library out, one line a step.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "compiler/emit/cpp.h"
#include "graph/diagnostics.h"

namespace mote {

struct CompileOptions {
  InstructionSet core = InstructionSet::portable;  // that the library is for
  int64_t ram_bytes = 0;  // that the model should take at most (compiler/budget.h); 0: no budget
  // Bytes that the model may take of each RAM, the fastest first: where the first is too small, its
  // far part is for another. Fewer than two: there is one, of any size.
  std::vector<int64_t> memories = {};
  int64_t near_bytes() const { return memories.size() > 1 ? memories[0] : 0; }
  bool compress = false;       // weights take as few bytes as the core can decode (decision 16)
  KernelChoices kernels = {};  // before both
  // Called with the text at each door: "passes" (the graph after them, where they dropped nodes or
  // channels, or changed an order), "plan". May be empty.
  std::function<void(const std::string& door, const std::string& text)> at_door = {};
};

struct Compiled {
  Plan plan;
  EmittedLibrary library;
  std::optional<Graph> whole = {};  // with its pad layers and dead channels, if some went

  // What was compiled, layer by layer as it was given: the oracle of plan.graph.
  const Graph& model() const { return whole ? *whole : plan.graph; }
};

Compiled compile(const Graph& graph, const CompileOptions& options, Diagnostics& diagnostics);

}  // namespace mote
