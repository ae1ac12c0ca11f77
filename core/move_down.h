// SPDX-License-Identifier: Apache-2.0
// Bytes to a lower address, by words where both addresses are whole words: a library's memmove for
// small devices goes byte by byte, and the windows of a stream move down every hop. In: where from,
// where to (below, or apart), how many. Out: the bytes there; regions may overlap.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/simd_dsp.h"
#include "core/target.h"

namespace mote {

MOTE_INLINE void copy_word(uint8_t*& to, const uint8_t*& from) {
  memcpy(__builtin_assume_aligned(to, 4), __builtin_assume_aligned(from, 4), 4);
  to += 4, from += 4;
}

// A block is copied at once only where it does not reach what it is copied from.
MOTE_SHARED void move_down(uint8_t* to, const uint8_t* from, int32_t count) {
  if ((((uintptr_t)to | (uintptr_t)from) & 3u) == 0) {
    if ((uintptr_t)from - (uintptr_t)to >= (uintptr_t)kCopiedBytes)
      for (; count >= kCopiedBytes; count -= kCopiedBytes) copy_block(to, from);
    for (; count >= 4; count -= 4) copy_word(to, from);
  }
  for (; count > 0; --count) *to++ = *from++;
}

// Bytes to any address, for what is rarely wanted: a library's memmove takes twice the flash.
MOTE_COLD MOTE_SHARED void move_bytes(uint8_t* to, const uint8_t* from, int32_t count) {
  if ((uintptr_t)to - (uintptr_t)from >= (uintptr_t)count) return move_down(to, from, count);
  while (--count >= 0) *(volatile uint8_t*)(to + count) = from[count];
}

}  // namespace mote
