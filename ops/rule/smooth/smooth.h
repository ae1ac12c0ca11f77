// SPDX-License-Identifier: Apache-2.0
// smooth: the mean of the last `length` score vectors, element by element; of those seen while
// there are fewer. In: x [size]; state: history [length][size], oldest first, and seen, how many of
// its rows are filled (0..length).
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_point.h"

namespace mote {

struct SmoothParams {
  int32_t size;    // scores in a vector
  int32_t length;  // vectors in the mean
};
template <class Visitor>
void for_each_field(const SmoothParams& p, Visitor& field) {
  field("size", p.size);
  field("length", p.length);
}

// Appends x to the history, which drops its oldest row when it is full. `seen` outside 0..length (a
// damaged saved state) counts as 0, so no index leaves the history.
MOTE_INLINE void smooth_remember(const SmoothParams& p, const void* x, int32_t element_size,
                                 void* history, int32_t* seen) {
  const int32_t row = p.size * element_size;
  uint8_t* rows = (uint8_t*)history;
  if (*seen < 0 || *seen > p.length) *seen = 0;
  if (*seen == p.length) {
    memmove(rows, rows + row, (size_t)(row * (p.length - 1)));
    --*seen;
  }
  memcpy(rows + row * *seen, x, (size_t)row);
  ++*seen;
}

// y = sum / seen, rounded to nearest with halves up, in the scale of x. The sum of q + 128 lies in
// 0..255 * length, so twice it and the count stay in 32 bits for length < 2^22. y may be x.
MOTE_INLINE void smooth_s8(const SmoothParams& p, const int8_t* x, int8_t* history, int32_t* seen,
                           int8_t* y) {
  smooth_remember(p, x, 1, history, seen);
  const uint32_t count = (uint32_t)*seen;
  for (int32_t i = 0; i < p.size; ++i) {
    uint32_t sum = 0;
    for (int32_t row = 0; row < *seen; ++row) sum += (uint32_t)(history[row * p.size + i] + 128);
    y[i] = (int8_t)((int32_t)((2 * sum + count) / (2 * count)) - 128);
  }
}

// float32: added from the oldest to the newest, then divided by the count. y may be x.
MOTE_INLINE void smooth_f32(const SmoothParams& p, const float* x, float* history, int32_t* seen,
                            float* y) {
  smooth_remember(p, x, 4, history, seen);
  for (int32_t i = 0; i < p.size; ++i) {
    float sum = 0.0f;
    for (int32_t row = 0; row < *seen; ++row) sum += history[row * p.size + i];
    y[i] = sum / (float)*seen;
  }
}

}  // namespace mote
