// SPDX-License-Identifier: Apache-2.0
// Does an emitted library fit a board? In: a compiled model whose library was written, a board.
// Out: what the model takes of the board's memories. Nothing is run.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "compiler/pipeline.h"
#include "runner/board.h"

namespace mote {

struct LinkedSize {
  std::string board;
  int64_t flash_bytes = 0;        // model, kernels, libraries
  int64_t ram_bytes = 0;          // static, the model included, without stack
  int64_t board_flash_bytes = 0;  // what there is, in all memories
  int64_t board_ram_bytes = 0;
};

// Objects go to a folder beside `library` that is removed again. Fails where it does not fit.
LinkedSize link_library(const Compiled& compiled, const Board& board,
                        const std::filesystem::path& library, Diagnostics& diagnostics);

}  // namespace mote
