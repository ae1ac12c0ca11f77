// SPDX-License-Identifier: Apache-2.0
// What lies in each memory of a board, and how often it is accessed. In: a board, a linked image
// and its measured sizes, the deepest stack; what the counting plugin saw. Out: one row a memory.
#pragma once
#include "runner/count_report.h"
#include "runner/image.h"
#include "runner/image_size.h"

namespace mote {

struct MemoryPart {
  std::string what;  // "code", "weights", "data", "model", "far part", "stack"
  int64_t bytes = 0;
};

struct MemoryUse {
  std::string name;
  MemoryKind kind = MemoryKind::flash;
  int64_t bytes = 0;  // that the board has
  std::vector<MemoryPart> parts;
  // Loads and stores by a decision of the model, those of constants in code included; none: not
  // counted.
  std::optional<double> accesses{};
  int64_t used() const;
};

struct MeasuredImage {
  const Image& image;
  const ImageSize& size;
  int64_t stack_bytes = 0;
};

// Every memory of the board, also those that hold nothing. What only the player needs is in none.
std::vector<MemoryUse> memory_use(const Board& board, const MeasuredImage& measured);

// The bytes of these memories on the emulated machine, as data ranges for the counting plugin.
std::vector<CountedRange> memory_ranges(const Board& board);

// Of a memory, by a decision.
double accesses_to(const std::string& memory, const CountReport& report);

// Fills in the accesses, where data ranges were counted.
void add_accesses(const CountReport& report, std::vector<MemoryUse>& memories);

// "sram 1880 of 655360 bytes: data 24, stack 232, model 1624; 71200 accesses a decision".
std::string to_text(const MemoryUse& use);

}  // namespace mote
