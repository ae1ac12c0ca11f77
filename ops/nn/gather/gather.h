// SPDX-License-Identifier: Apache-2.0
// gather: slices of x that indices choose along one dimension. In: x [batches, outer, extent,
// bytes], indices [batches, chosen]. Out: y [batches, outer, chosen, bytes].
#pragma once
#include <string.h>

#include "core/fixed_point.h"

namespace mote {

struct GatherParams {
  int32_t batches;
  int32_t outer;
  int32_t extent;
  int32_t chosen;
  int32_t bytes;   // of a slice
  bool from_last;  // negative indices count from the end
};
template <class Visitor>
void for_each_field(const GatherParams& p, Visitor& field) {
  field("batches", p.batches);
  field("outer", p.outer);
  field("extent", p.extent);
  field("chosen", p.chosen);
  field("bytes", p.bytes);
  field("from_last", p.from_last);
}

// An index within 0 .. extent - 1: computed ones outside are limited, a kernel cannot fail.
MOTE_INLINE int32_t limited_index(int32_t index, int32_t extent, bool from_last) {
  if (from_last && index < 0) index += extent;
  return clamp<int32_t>(index, 0, extent - 1);
}

// y may not overlap an input. For indices within range: TFLM's Gather
// (tensorflow/lite/micro/kernels/gather.cc), and EMBEDDING_LOOKUP.
MOTE_INLINE void gather(const GatherParams& p, const uint8_t* x, const int32_t* indices,
                        uint8_t* y) {
  for (int32_t b = 0; b < p.batches; ++b, indices += p.chosen) {
    for (int32_t o = 0; o < p.outer; ++o, x += p.extent * p.bytes) {
      for (int32_t i = 0; i < p.chosen; ++i, y += p.bytes) {
        const int32_t index = limited_index(indices[i], p.extent, p.from_last);
        memcpy(y, x + index * p.bytes, (size_t)p.bytes);
      }
    }
  }
}

}  // namespace mote
