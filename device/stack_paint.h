// SPDX-License-Identifier: Apache-2.0
// How deep a stack grew: unused words are painted with a pattern; the lowest word that no longer
// holds it is the high-water mark. A word that happens to hold the pattern (1 in 2^32) hides itself
// only, not the words below it. A port without a painted stack leaves StackRange zero.
// Both functions are always inlined: they write below the stack pointer of their caller.
#pragma once
#include <stdint.h>

namespace mote {

constexpr uint32_t kPaint = 0xA5C3A5C3u;

// The words that the linker script reserves for the stack, painted by the start-up code.
struct StackRange {
  uint32_t* low;           // lowest word that the stack may reach
  uint32_t* top;           // one past its first word
  uint32_t* (*pointer)();  // the stack pointer of the caller

  bool painted() const { return low != top; }
};

__attribute__((always_inline)) inline void paint(uint32_t* from, uint32_t* to) {
  for (volatile uint32_t* word = from; word < to; ++word) *word = kPaint;
}

// The lowest changed word in [from, to), or `to`.
__attribute__((always_inline)) inline uint32_t* lowest_changed(uint32_t* from, uint32_t* to) {
  while (from < to && *static_cast<volatile uint32_t*>(from) == kPaint) ++from;
  return from;
}

}  // namespace mote
