// SPDX-License-Identifier: Apache-2.0
// A model within so many bytes of flash. In: a graph, a board, the limit. Out: the library of
// fewest instructions that keeps it: as few layers as possible have their weights compressed. Fails
// with the nearest that there is.
#pragma once
#include "compiler/pipeline.h"

namespace mote {

struct FlashLimit {
  std::string board;
  int64_t bytes = 0;
  std::string place;  // who asked: "--flash-kb"
};

Compiled compile_within(const Graph& graph, CompileOptions options, const FlashLimit& limit,
                        Diagnostics& diagnostics);

}  // namespace mote
