// SPDX-License-Identifier: Apache-2.0
// An arena in two memories, where the first cannot hold all of it. In: blocks that say how often
// they are accessed, the bytes of the first memory. Out: which blocks lie in the first, and offsets
// in both: those of most accesses a byte that can be alive there together.
#pragma once
#include <optional>

#include "compiler/plan/arena.h"

namespace mote {

struct TwoArenas {
  std::vector<int64_t> offsets;  // of each request; from near_bytes on in the second memory
  int64_t near_bytes = 0;        // of the arena in the first memory, a multiple of 8
  int64_t far_bytes = 0;         // in the second, the same
};

// None where the first memory does not hold the block that must lie lowest.
std::optional<TwoArenas> lay_out_in_two(const ArenaProblem& problem, int64_t near_bytes);

}  // namespace mote
