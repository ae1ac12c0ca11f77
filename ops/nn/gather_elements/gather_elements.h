// SPDX-License-Identifier: Apache-2.0
// gather_elements: y[i, j, ...] = x with its place along `axis` replaced by indices[i, j, ...]. In:
// x, indices. Out: y, of the indices' shape.
#pragma once
#include "ops/nn/elements.h"

namespace mote {

// y may not overlap an input.
MOTE_INLINE void gather_elements(const ElementsParams& p, const uint8_t* x, const int32_t* indices,
                                 uint8_t* y) {
  for_each_element(p, indices, [&](int32_t n, int32_t place) {
    memcpy(y + n * p.bytes, x + place * p.bytes, (size_t)p.bytes);
  });
}

}  // namespace mote
