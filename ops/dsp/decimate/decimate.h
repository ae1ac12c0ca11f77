// SPDX-License-Identifier: Apache-2.0
// decimate: hands on the last of every `ratio` rows of a stream. A gate; put a low-pass `iir`
// before it. (The last, so that a window of ratio * n samples is complete with its n-th row.) In: a
// row of any type. Out: the same row, at the slower clock.
#pragma once
#include <string.h>

#include "core/fixed_point.h"

namespace mote {

struct DecimateParams {
  int32_t row_bytes;
  int32_t ratio;  // at least 1
};
template <class Visitor>
void for_each_field(const DecimateParams& p, Visitor& field) {
  field("row_bytes", p.row_bytes);
  field("ratio", p.ratio);
}

// skipped: rows since the last one handed on, 0 .. ratio - 1.
MOTE_INLINE bool decimate(const DecimateParams& p, const uint8_t* row, int32_t* skipped,
                          uint8_t* out) {
  if (++*skipped < p.ratio) return false;
  *skipped = 0;
  memcpy(out, row, static_cast<size_t>(p.row_bytes));
  return true;
}

}  // namespace mote
