// SPDX-License-Identifier: Apache-2.0
// circular_buffer: the last `slots` rows of int8 features, handed on every `cycles` rows; a
// streaming network's layers between which only the newest row was computed. A gate. Unlike
// `framer` it begins full of zeros. In: a row. Out: the rows, oldest first, which are the state.
// The rule is TFLM's CIRCULAR_BUFFER (tensorflow/lite/micro/kernels/circular_buffer.cc).
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/target.h"

namespace mote {

struct CircularBufferParams {
  int32_t slots;
  int32_t row_bytes;
  int32_t cycles;  // at least 1
};
template <class Visitor>
void for_each_field(const CircularBufferParams& p, Visitor& field) {
  field("slots", p.slots);
  field("row_bytes", p.row_bytes);
  field("cycles", p.cycles);
}

// x [row_bytes], rows [slots][row_bytes], left [1]: rows until the next output, 1 .. cycles.
MOTE_INLINE bool circular_buffer(const CircularBufferParams& p, const int8_t* x, int8_t* rows,
                                 int32_t* left) {
  const int32_t kept = (p.slots - 1) * p.row_bytes;
  memmove(rows, rows + p.row_bytes, (size_t)kept);
  memcpy(rows + kept, x, (size_t)p.row_bytes);
  if (--*left > 0) return false;
  *left = p.cycles;
  return true;
}

}  // namespace mote
