// SPDX-License-Identifier: Apache-2.0
// What lies in each memory of a board. In: a board, a linked image and its measured sizes, the
// deepest stack. Out: one row a memory.
#pragma once
#include "runner/image.h"
#include "runner/image_size.h"

namespace mote {

struct MemoryPart {
  std::string what;  // "code", "weights", "data", "model", "stack"
  int64_t bytes = 0;
};

struct MemoryUse {
  std::string name;
  MemoryKind kind = MemoryKind::flash;
  int64_t bytes = 0;  // that the board has
  std::vector<MemoryPart> parts;
  int64_t used() const;
};

struct MeasuredImage {
  const Image& image;
  const ImageSize& size;
  int64_t stack_bytes = 0;
};

// Every memory of the board, also those that hold nothing. What only the player needs is in none.
std::vector<MemoryUse> memory_use(const Board& board, const MeasuredImage& measured);

// "sram 1880 of 655360 bytes: data 24, stack 232, model 1624".
std::string to_text(const MemoryUse& use);

}  // namespace mote
