// SPDX-License-Identifier: Apache-2.0
// stacker: a frame with its left and right neighbours, every `step` frames. The first frame is
// repeated to its left. It has output at every push: zeros, and a flag of 0, where no stack is due.
// In: a frame of int16. Out: the frames of a stack, one bool. The rule is TFLM's SignalStacker
// (signal/micro/kernels/stacker.cc), which leaves stacks that are not due undefined.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/target.h"

namespace mote {

struct StackerParams {
  int32_t width;  // numbers of a frame
  int32_t left;
  int32_t depth;  // frames of a stack: left + 1 + right
  int32_t step;   // 1 .. depth
};
template <class Visitor>
void for_each_field(const StackerParams& p, Visitor& field) {
  field("width", p.width);
  field("left", p.left);
  field("depth", p.depth);
  field("step", p.step);
}

// x [width]; past [depth][width], fill [1]: the frames in it, -1 before the first; y
// [depth][width], due [1].
MOTE_INLINE void stacker_s16(const StackerParams& p, const int16_t* x, int16_t* past, int32_t* fill,
                             int16_t* y, uint8_t* due) {
  const size_t frame_bytes = (size_t)p.width * sizeof *x;
  const int32_t copies = *fill < 0 ? p.left + 1 : 1;
  int32_t kept = *fill < 0 ? 0 : *fill;
  for (int32_t i = 0; i < copies; ++i) memcpy(past + p.width * kept++, x, frame_bytes);
  *due = kept == p.depth;
  if (*due) {
    memcpy(y, past, frame_bytes * (size_t)p.depth);
    kept -= p.step;
    memmove(past, past + p.width * p.step, frame_bytes * (size_t)kept);
  } else {
    memset(y, 0, frame_bytes * (size_t)p.depth);
  }
  *fill = kept;
}

}  // namespace mote
