// SPDX-License-Identifier: Apache-2.0
// one_hot: along a new dimension, the on value at the index and the off value elsewhere. In:
// indices [outer, inner], values {off, on}. Out: y [outer, depth, inner].
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/target.h"

namespace mote {

struct OneHotParams {
  int32_t outer;
  int32_t depth;
  int32_t inner;
  int32_t bytes;   // of a value
  bool from_last;  // negative indices count from the end
};
template <class Visitor>
void for_each_field(const OneHotParams& p, Visitor& field) {
  field("outer", p.outer);
  field("depth", p.depth);
  field("inner", p.inner);
  field("bytes", p.bytes);
  field("from_last", p.from_last);
}

// An index outside makes all values off. y may not overlap an input.
MOTE_INLINE void one_hot(const OneHotParams& p, const int32_t* indices, const uint8_t* values,
                         uint8_t* y) {
  for (int32_t o = 0; o < p.outer; ++o, indices += p.inner) {
    for (int32_t d = 0; d < p.depth; ++d) {
      for (int32_t i = 0; i < p.inner; ++i, y += p.bytes) {
        const bool on = indices[i] == d || (p.from_last && indices[i] == d - p.depth);
        memcpy(y, values + (on ? p.bytes : 0), (size_t)p.bytes);
      }
    }
  }
}

}  // namespace mote
