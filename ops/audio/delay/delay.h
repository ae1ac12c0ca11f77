// SPDX-License-Identifier: Apache-2.0
// delay: each row of samples `length` samples later; zeros first. In: rows of int16, one after
// another at every push. Out: the same shape. The rule is TFLM's SignalDelay
// (signal/micro/kernels/delay.cc).
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/target.h"

namespace mote {

struct DelayParams {
  int32_t rows;
  int32_t width;   // samples of a row in one push
  int32_t length;  // at least 1
};
template <class Visitor>
void for_each_field(const DelayParams& p, Visitor& field) {
  field("rows", p.rows);
  field("width", p.width);
  field("length", p.length);
}

// x, y [rows][width]; past [rows][length]: the samples that still wait, oldest first. y may not be
// x.
MOTE_INLINE void delay_s16(const DelayParams& p, const int16_t* x, int16_t* past, int16_t* y) {
  const int32_t old = p.length < p.width ? p.length : p.width;  // waiting samples that leave now
  const int32_t kept = p.length - old;
  const int32_t through = p.width - old;  // samples that come and leave in one push
  for (int32_t row = 0; row < p.rows; ++row) {
    memcpy(y, past, (size_t)old * sizeof *y);
    memcpy(y + old, x, (size_t)through * sizeof *y);
    memmove(past, past + old, (size_t)kept * sizeof *y);
    memcpy(past + kept, x + through, (size_t)old * sizeof *y);
    x += p.width;
    y += p.width;
    past += p.length;
  }
}

}  // namespace mote
