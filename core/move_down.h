// SPDX-License-Identifier: Apache-2.0
// Bytes to a lower address, by words where both addresses are whole words: a library's memmove for
// small devices goes byte by byte, and the windows of a stream move down every hop. In: where from,
// where to (below, or apart), how many. Out: the bytes there; regions may overlap.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/target.h"

namespace mote {

template <int32_t kBytes>
MOTE_INLINE void copy_words(uint8_t*& to, const uint8_t*& from) {
  memcpy(__builtin_assume_aligned(to, 4), __builtin_assume_aligned(from, 4), (size_t)kBytes);
  to += kBytes, from += kBytes;
}

// A block is copied at once only where it does not reach what it is copied from. A compiler for
// Cortex-M0 calls the library for larger ones.
MOTE_SHARED void move_down(uint8_t* to, const uint8_t* from, int32_t count) {
  if ((((uintptr_t)to | (uintptr_t)from) & 3u) == 0) {
    if ((uintptr_t)from - (uintptr_t)to >= 32u) {
      for (; count >= 64; count -= 64) copy_words<32>(to, from), copy_words<32>(to, from);
      if (count >= 32) copy_words<32>(to, from), count -= 32;
    }
    for (; count >= 4; count -= 4) copy_words<4>(to, from);
  }
  for (; count > 0; --count) *to++ = *from++;
}

// Bytes to any address, for what is rarely wanted: a library's memmove takes twice the flash.
MOTE_COLD MOTE_SHARED void move_bytes(uint8_t* to, const uint8_t* from, int32_t count) {
  if ((uintptr_t)to - (uintptr_t)from >= (uintptr_t)count) return move_down(to, from, count);
  while (--count >= 0) *(volatile uint8_t*)(to + count) = from[count];
}

}  // namespace mote
