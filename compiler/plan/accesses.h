// SPDX-License-Identifier: Apache-2.0
// How many bytes a layer loads and stores of what it reads, makes and works in: an estimate from
// its shapes, to tell the blocks that a fast memory should hold from those that it need not. In: a
// graph and a planned layer. Out: bytes, each as often as it is touched. The counting plugin is its
// oracle (runner/plugin; tests/ports/accesses_test.cc).
#pragma once
#include <vector>

#include "compiler/plan/arena.h"
#include "compiler/plan/plan.h"

namespace mote {

struct LayerAccesses {
  std::vector<int64_t> inputs;  // of the node; constants too
  int64_t output = 0;
  int64_t scratch = 0;
};

LayerAccesses accesses_of(const Graph& graph, const Layer& layer);

// What all layers read and write of each block. `request_of`: of each value that owns bytes of the
// arena. Scratch comes last in the problem, one a layer that has some; before it a loop's source
// window.
void count_accesses(const Plan& plan, const std::vector<size_t>& request_of, ArenaProblem& problem);

// How often it reads each byte of its tables in flash.
int64_t reads_of_tables(const Graph& graph, const Layer& layer);

}  // namespace mote
