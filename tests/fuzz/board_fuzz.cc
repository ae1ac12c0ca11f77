// SPDX-License-Identifier: Apache-2.0
// libFuzzer: bytes as a board's TOML. What is taken has a flash and a RAM. See fuzz.h.
#include <cstdlib>

#include "runner/board.h"
#include "tests/fuzz/fuzz.h"

void mote::fuzz::read_bytes(const Bytes& bytes) {
  Diagnostics diagnostics;
  const Board board = read_board(as_file(bytes, "board.toml"), diagnostics);
  diagnostics.stop_if_any();
  if (!first_memory(board, MemoryKind::flash) || !first_memory(board, MemoryKind::ram))
    std::abort();
}
