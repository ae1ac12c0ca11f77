// SPDX-License-Identifier: Apache-2.0
// The linker script of a player image, made from a board. In: the board, whether the image runs on
// the real board (its own addresses) or on the emulated machine (the machine's addresses, the
// board's sizes), and the bytes to keep for the stack. Out: the script; equal input, equal text.
//
// What only verification needs (player, start-up, port and their buffers) lies in regions of its
// own, past the end of the board's memories, where the emulated machine has more memory than the
// board; so a model that fills the board is still verified. Where it has not, it shares the board's
// memories. There is no heap. The stack is at the end of the first RAM.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "runner/board.h"

namespace mote {

enum class Placement { emulated, own };

struct LinkOptions {
  Placement placement = Placement::emulated;
  uint32_t stack_bytes = 4096;  // a multiple of 8
  // Names of the memories that hold the model's struct, its far part and the weights; "": the first
  // RAM and flash.
  std::string model_memory{}, far_memory{}, weights_memory{};
  std::vector<std::string> far_tables{};  // symbols of weights in weights_memory; empty: all
};

// The board has at least one flash and one RAM, and an emulated machine for Placement::emulated.
std::string link_script(const Board& board, const LinkOptions& options);

// The board's name of a region of the script: "flash" and "ram" are its first of each kind.
std::string memory_of_region(const Board& board, const LinkOptions& options,
                             const std::string& region);

}  // namespace mote
