// SPDX-License-Identifier: Apache-2.0
// trilu: the upper or lower triangle of matrices, zero elsewhere. In: x [matrices, rows, columns].
// Out: y.
#pragma once
#include <string.h>

#include "core/fixed_point.h"

namespace mote {

struct TriluParams {
  int32_t matrices;
  int32_t rows;
  int32_t columns;
  int32_t bytes;     // of an element
  int32_t diagonal;  // -rows .. columns: the one that belongs to the triangle
  bool upper;
  int64_t zero;  // the low bytes are the element outside
};
template <class Visitor>
void for_each_field(const TriluParams& p, Visitor& field) {
  field("matrices", p.matrices);
  field("rows", p.rows);
  field("columns", p.columns);
  field("bytes", p.bytes);
  field("diagonal", p.diagonal);
  field("upper", p.upper);
  field("zero", p.zero);
}

// upper: columns >= row + diagonal stay; lower: columns <= row + diagonal. y may be x.
MOTE_INLINE void trilu(const TriluParams& p, const uint8_t* x, uint8_t* y) {
  for (int32_t m = 0; m < p.matrices; ++m) {
    for (int32_t row = 0; row < p.rows; ++row) {
      for (int32_t column = 0; column < p.columns; ++column, x += p.bytes, y += p.bytes) {
        const int32_t across = column - row;
        const bool stays = p.upper ? across >= p.diagonal : across <= p.diagonal;
        memmove(y, stays ? x : (const uint8_t*)&p.zero, (size_t)p.bytes);
      }
    }
  }
}

}  // namespace mote
