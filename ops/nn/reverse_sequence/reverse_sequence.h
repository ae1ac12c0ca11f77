// SPDX-License-Identifier: Apache-2.0
// reverse_sequence: the first lengths[b] numbers of each sequence backwards, the rest as they are.
// In: x [outer, low, middle, high, bytes], of which one of low and high is the batch and the other
// the sequence; lengths [batch]. Out: y.
#pragma once
#include <string.h>

#include "core/fixed_point.h"

namespace mote {

struct ReverseSequenceParams {
  int32_t outer;
  int32_t low;
  int32_t middle;
  int32_t high;
  int32_t bytes;
  bool batch_is_low;
};
template <class Visitor>
void for_each_field(const ReverseSequenceParams& p, Visitor& field) {
  field("outer", p.outer);
  field("low", p.low);
  field("middle", p.middle);
  field("high", p.high);
  field("bytes", p.bytes);
  field("batch_is_low", p.batch_is_low);
}

// Index `i` of a sequence that is reversed up to `length`, which is limited to 0 .. extent.
MOTE_INLINE int32_t reversed_index(int32_t i, int32_t length, int32_t extent) {
  const int32_t reversed = clamp<int32_t>(length, 0, extent);
  return i < reversed ? reversed - 1 - i : i;
}

// y may not overlap an input.
MOTE_INLINE void reverse_sequence(const ReverseSequenceParams& p, const uint8_t* x,
                                  const int32_t* lengths, uint8_t* y) {
  for (int32_t o = 0; o < p.outer; ++o, x += p.low * p.middle * p.high * p.bytes) {
    for (int32_t l = 0; l < p.low; ++l) {
      for (int32_t m = 0; m < p.middle; ++m) {
        for (int32_t h = 0; h < p.high; ++h, y += p.bytes) {
          const int32_t low = p.batch_is_low ? l : reversed_index(l, lengths[h], p.low);
          const int32_t high = p.batch_is_low ? reversed_index(h, lengths[l], p.high) : h;
          memcpy(y, x + ((low * p.middle + m) * p.high + high) * p.bytes, (size_t)p.bytes);
        }
      }
    }
  }
}

}  // namespace mote
