// SPDX-License-Identifier: Apache-2.0
// Offsets in one memory. In: blocks with sizes and the layers between which they are alive, and
// which of them may overlap, how far. Out: offsets, the bytes they take, and a number of bytes that
// no layout can do without. The search is deterministic and limited in its work, not in time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace mote {

// Bytes that are wanted over a span of layers.
struct ArenaRequest {
  std::string name;
  int64_t bytes = 0;
  int32_t first = 0;  // layer that writes it
  int32_t last = 0;   // last layer that reads it
  int64_t alignment = 4;
  int64_t accesses = 0;  // bytes that are read and written of it (accesses.h)
};

// The layer that writes `output`, a value or its scratch, reads `input` for the last time, in such
// an order that the output may begin `distance` bytes before the input, or more; if it is exact, so
// many and no more.
struct ArenaOverlap {
  size_t output = 0;
  size_t input = 0;
  int64_t distance = 0;  // exact: a multiple of a word
  bool is_exact = false;
};

struct ArenaProblem {
  std::vector<ArenaRequest> requests;
  std::vector<ArenaOverlap> overlaps;
  int32_t lowest = -1;  // the request that must lie at offset 0; -1: none
};

struct ArenaLayout {
  std::vector<int64_t> offsets;  // of each request
  int64_t bytes = 0;
  int64_t bound = 0;  // no layout takes less; equal to `bytes` where the layout is known to be best
  std::vector<int64_t> loads;  // of each layer: what it cannot do without
};

ArenaLayout lay_out(const ArenaProblem& problem);

// Of each layer: what is alive there, less what overlaps at most.
std::vector<int64_t> loads_of(const ArenaProblem& problem);

}  // namespace mote
