// SPDX-License-Identifier: Apache-2.0
// Bytes to a lower address, by words where both addresses are whole words: a library's memmove for
// small devices goes byte by byte, and the windows of a stream move down every hop. In: where from,
// where to (below, or apart), how many. Out: the bytes there; regions may overlap.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/target.h"

namespace mote {

// A block is read before it is written, so what a store overwrites was read already.
template <int32_t kWords>
MOTE_INLINE void move_words(uint8_t* to, const uint8_t* from) {
  uint32_t words[kWords];
  memcpy(words, __builtin_assume_aligned(from, 4), sizeof words);
  memcpy(__builtin_assume_aligned(to, 4), words, sizeof words);
}

MOTE_SHARED void move_down(uint8_t* to, const uint8_t* from, int32_t count) {
  if ((((uintptr_t)to | (uintptr_t)from) & 3u) == 0) {
    for (; count >= 16; count -= 16, to += 16, from += 16) move_words<4>(to, from);
    for (; count >= 4; count -= 4, to += 4, from += 4) move_words<1>(to, from);
  }
  for (; count > 0; --count) *to++ = *from++;
}

}  // namespace mote
