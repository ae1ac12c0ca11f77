// SPDX-License-Identifier: Apache-2.0
// concatenate: up to 8 tensors of one type and scale side by side along one dimension. Bytes are
// copied as they are. In: x_k [outer][bytes_k], the rest are null with bytes 0. Out: y [outer][sum
// of bytes].
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_point.h"

namespace mote {

struct ConcatenateParams {
  int32_t outer;
  int32_t bytes[8];  // of one row of each input
};
template <class Visitor>
void for_each_field(const ConcatenateParams& p, Visitor& field) {
  field("outer", p.outer);
  field("bytes", p.bytes);
}

MOTE_INLINE uint8_t* append_row(uint8_t* y, const uint8_t* x, int32_t row, int32_t bytes) {
  if (bytes > 0) memcpy(y, x + row * bytes, (size_t)bytes);
  return y + bytes;
}

// y may not overlap an input.
MOTE_INLINE void concatenate(const ConcatenateParams& p, const uint8_t* x0, const uint8_t* x1,
                             const uint8_t* x2, const uint8_t* x3, const uint8_t* x4,
                             const uint8_t* x5, const uint8_t* x6, const uint8_t* x7, uint8_t* y) {
  for (int32_t row = 0; row < p.outer; ++row) {
    y = append_row(y, x0, row, p.bytes[0]);
    y = append_row(y, x1, row, p.bytes[1]);
    y = append_row(y, x2, row, p.bytes[2]);
    y = append_row(y, x3, row, p.bytes[3]);
    y = append_row(y, x4, row, p.bytes[4]);
    y = append_row(y, x5, row, p.bytes[5]);
    y = append_row(y, x6, row, p.bytes[6]);
    y = append_row(y, x7, row, p.bytes[7]);
  }
}

}  // namespace mote
