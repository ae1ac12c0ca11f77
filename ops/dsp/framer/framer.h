// SPDX-License-Identifier: Apache-2.0
// framer: collects the last `length` rows of a stream and hands them on every `stride` rows.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_point.h"

namespace mote {

struct FramerParams {
  int32_t row_bytes;  // bytes of one row (one sample of all axes, or one frame of features)
  int32_t length;     // rows in a window
  int32_t stride;     // rows between windows; more than `length` skips rows
};
template <class Visitor>
void for_each_field(const FramerParams& p, Visitor& field) {
  field("row_bytes", p.row_bytes);
  field("length", p.length);
  field("stride", p.stride);
}

// window [length rows] is the state and the output at once: after true it holds the window, oldest
// row first, until the next call. fill is the number of rows in it; below zero, rows to skip. The
// first window comes after `length` rows. Rows are moved down only when a window has been handed
// on, so a push costs one row and a hop length - stride rows.
MOTE_INLINE bool framer(const FramerParams& p, const uint8_t* row, uint8_t* window, int32_t* fill) {
  if (*fill == p.length) {
    const int32_t kept = p.length - p.stride;
    if (kept > 0) memmove(window, window + p.stride * p.row_bytes, (size_t)(kept * p.row_bytes));
    *fill = kept;
  }
  if (*fill >= 0) memcpy(window + *fill * p.row_bytes, row, (size_t)p.row_bytes);
  ++*fill;
  return *fill == p.length;
}

}  // namespace mote
