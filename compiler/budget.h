// SPDX-License-Identifier: Apache-2.0
// The loop over plans: how the layers at which a model's arena is fullest run, so that it meets a
// budget of RAM at the least cost. In: a graph, a core, perhaps a budget. Out: the plan. Without a
// budget layers run by rows (compiler/plan/row_loop.h) where that takes much less memory and hardly
// any time.
#pragma once
#include "compiler/plan/plan.h"

namespace mote {

// `ram_bytes`: what the model should take at most, without the stack; 0: no budget. Where no plan
// is as small, the smallest.
Plan plan_within(const Graph& graph, InstructionSet core, int64_t ram_bytes,
                 const KernelChoices& choices = {});

// The same layers; where the model's struct takes more than a fast memory has room for, what is
// accessed least lies in its far part.
struct NearMemory {
  InstructionSet core = InstructionSet::portable;
  const KernelChoices& choices;
  int64_t bytes = 0;
};
Plan in_two_memories(Plan plan, const NearMemory& near);

// Adds an error where the plan takes more; 0: no budget.
void check_ram(const Plan& plan, int64_t ram_bytes, Diagnostics& diagnostics);

// "layers 0 to 3 run by rows, 1 of the last one at a time: ..."; "" where none do.
std::string words_of_rows(const Plan& plan);

// What running by rows costs, in multiply-accumulates: rows made besides the image's, bytes that
// are read again or moved.
int64_t cost_of(const Graph& graph, const RowLoop& loop);

}  // namespace mote
