// SPDX-License-Identifier: Apache-2.0
// overlap_add: frames laid over each other frame_step apart and summed; of each sum the first
// frame_step samples are finished. In: frames of int16 (sums saturate) or float32. Out: rows of
// samples. The rule is TFLM's SignalOverlapAdd (signal/src/overlap_add.cc).
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_math.h"
#include "core/target.h"

namespace mote {

struct OverlapAddParams {
  int32_t rows;
  int32_t frames;
  int32_t frame_size;
  int32_t frame_step;  // 1 .. frame_size
};
template <class Visitor>
void for_each_field(const OverlapAddParams& p, Visitor& field) {
  field("rows", p.rows);
  field("frames", p.frames);
  field("frame_size", p.frame_size);
  field("frame_step", p.frame_step);
}

MOTE_INLINE int16_t overlapped(int16_t sum, int16_t x) { return saturate_s16((int32_t)sum + x); }
MOTE_INLINE float overlapped(float sum, float x) { return sum + x; }

// x [rows][frames][frame_size], sums [rows][frame_size], y [rows][frames * frame_step].
template <class T>
MOTE_INLINE void overlap_add(const OverlapAddParams& p, const T* x, T* sums, T* y) {
  const int32_t rest = p.frame_size - p.frame_step;
  for (int32_t row = 0; row < p.rows; ++row) {
    for (int32_t frame = 0; frame < p.frames; ++frame) {
      for (int32_t i = 0; i < p.frame_size; ++i) sums[i] = overlapped(sums[i], x[i]);
      memcpy(y, sums, (size_t)p.frame_step * sizeof(T));
      memmove(sums, sums + p.frame_step, (size_t)rest * sizeof(T));
      memset(sums + rest, 0, (size_t)p.frame_step * sizeof(T));
      x += p.frame_size;
      y += p.frame_step;
    }
    sums += p.frame_size;
  }
}

MOTE_INLINE void overlap_add_s16(const OverlapAddParams& p, const int16_t* x, int16_t* sums,
                                 int16_t* y) {
  overlap_add(p, x, sums, y);
}
MOTE_INLINE void overlap_add_f32(const OverlapAddParams& p, const float* x, float* sums, float* y) {
  overlap_add(p, x, sums, y);
}

}  // namespace mote
