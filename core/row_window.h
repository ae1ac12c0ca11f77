// SPDX-License-Identifier: Apache-2.0
// The rows of an image that a loop over rows holds at a time: `kept` ones of the steps before, then
// the `fresh` ones of this step. In: a window, the number of a step (they may begin below 0, with
// the rows above the image). Out: the window's bytes. Addresses have no alignment; whole words are
// faster.
#pragma once
#include <stdint.h>

#include "core/move_down.h"

namespace mote {

// Step n makes the rows n * fresh + end - fresh .. n * fresh + end - 1, as far as they lie in the
// image.
struct RowWindow {
  int32_t row_bytes;
  int32_t rows;   // of the image
  int32_t fresh;  // 1 or more
  int32_t end;    // rows there are after step 0
  int32_t kept;
  uint8_t zero;  // bytes of rows above and below the image

  constexpr int32_t first_row(int32_t step) const { return step * fresh + end - fresh; }
  constexpr int32_t step_of(int32_t row) const {
    const int32_t n = row - (end - fresh);
    return n >= 0 ? n / fresh : -((fresh - 1 - n) / fresh);
  }
  constexpr bool has_rows(int32_t step) const {
    return first_row(step) > -fresh && first_row(step) < rows;
  }
  // Of the fresh rows: those above the image, and those above or in it. 0 .. fresh
  constexpr int32_t above(int32_t step) const { return limited(-first_row(step)); }
  constexpr int32_t inside_end(int32_t step) const { return limited(rows - first_row(step)); }
  constexpr int32_t kept_bytes() const { return kept * row_bytes; }
  constexpr int32_t fresh_bytes() const { return fresh * row_bytes; }

 private:
  constexpr int32_t limited(int32_t n) const { return n < 0 ? 0 : n > fresh ? fresh : n; }
};

// Before a step: the last rows of the window become its first.
MOTE_SHARED void keep_rows(const RowWindow& w, uint8_t* window) {
  move_down(window, window + w.fresh_bytes(), w.kept_bytes());
}

// The fresh rows that lie outside the image.
MOTE_SHARED void zero_rows(const RowWindow& w, uint8_t* fresh, int32_t step) {
  const int32_t above = w.above(step) * w.row_bytes, end = w.inside_end(step) * w.row_bytes;
  memset(fresh, w.zero, (size_t)above);
  memset(fresh + end, w.zero, (size_t)(w.fresh_bytes() - end));
}

// The fresh rows of an image that is there as a whole.
MOTE_SHARED void copy_rows(const RowWindow& w, const void* image, uint8_t* fresh, int32_t step) {
  const int32_t above = w.above(step), end = w.inside_end(step);
  if (above < end)
    move_down(fresh + above * w.row_bytes,
              (const uint8_t*)image + (w.first_row(step) + above) * w.row_bytes,
              (end - above) * w.row_bytes);
  zero_rows(w, fresh, step);
}

}  // namespace mote
