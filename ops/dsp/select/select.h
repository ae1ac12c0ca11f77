// SPDX-License-Identifier: Apache-2.0
// select: some columns of the last dimension, in the order asked for.
// In: [rows, columns] of any element type. Out: [rows, count].
#pragma once
#include <string.h>

#include "core/fixed_point.h"

namespace mote {

struct SelectParams {
  int32_t rows;
  int32_t columns;
  int32_t count;
  int32_t element_bytes;
};
template <class Visitor>
void for_each_field(const SelectParams& p, Visitor& field) {
  field("rows", p.rows);
  field("columns", p.columns);
  field("count", p.count);
  field("element_bytes", p.element_bytes);
}

// out[r][i] = in[r][indices[i]]. indices [count], each in 0 .. columns - 1 (checked when lowered).
// No aliasing.
MOTE_INLINE void select(const SelectParams& p, const uint8_t* in, const int16_t* indices,
                        uint8_t* out) {
  for (int32_t r = 0; r < p.rows; ++r) {
    for (int32_t i = 0; i < p.count; ++i) {
      memcpy(out, in + indices[i] * p.element_bytes, static_cast<size_t>(p.element_bytes));
      out += p.element_bytes;
    }
    in += p.columns * p.element_bytes;
  }
}

}  // namespace mote
