// SPDX-License-Identifier: Apache-2.0
// overlap_frames: a row of samples, cut into steps, gives one frame of the last frame_size samples
// a step. Unlike `framer` it has output at every push: frames that are not complete yet are zeros,
// and a flag says whether all are complete. In: rows of int16. Out: frames, one bool. The rule is
// TFLM's SignalFramer (signal/micro/kernels/framer.cc), which leaves incomplete frames undefined.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/target.h"

namespace mote {

struct OverlapFramesParams {
  int32_t rows;
  int32_t frames;      // of a row in one push
  int32_t frame_size;  // at least frame_step
  int32_t frame_step;
  int32_t room;  // samples of a row's state: frame_size, rounded up to steps where nothing is there
};
template <class Visitor>
void for_each_field(const OverlapFramesParams& p, Visitor& field) {
  field("rows", p.rows);
  field("frames", p.frames);
  field("frame_size", p.frame_size);
  field("frame_step", p.frame_step);
  field("room", p.room);
}

// One step of one row: true if `frame` is complete. kept: the samples in `past`, at most room -
// step.
MOTE_INLINE bool next_frame_s16(const OverlapFramesParams& p, const int16_t* step, int16_t* past,
                                int32_t* kept, int16_t* frame) {
  memcpy(past + *kept, step, (size_t)p.frame_step * sizeof *past);
  *kept += p.frame_step;
  if (*kept < p.room) {
    memset(frame, 0, (size_t)p.frame_size * sizeof *frame);
    return false;
  }
  memcpy(frame, past, (size_t)p.frame_size * sizeof *frame);
  *kept -= p.frame_step;
  memmove(past, past + p.frame_step, (size_t)*kept * sizeof *past);
  return true;
}

// x [rows][frames * frame_step], past [rows][room], fill [1]: samples of each row in past, y
// [rows][frames][frame_size], complete [1].
MOTE_INLINE void overlap_frames_s16(const OverlapFramesParams& p, const int16_t* x, int16_t* past,
                                    int32_t* fill, int16_t* y, uint8_t* complete) {
  int32_t kept = *fill;
  *complete = 1;
  for (int32_t row = 0; row < p.rows; ++row) {
    kept = *fill;
    for (int32_t frame = 0; frame < p.frames; ++frame) {
      if (!next_frame_s16(p, x, past, &kept, y)) *complete = 0;
      x += p.frame_step;
      y += p.frame_size;
    }
    past += p.room;
  }
  *fill = kept;
}

}  // namespace mote
