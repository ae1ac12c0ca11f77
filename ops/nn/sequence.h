// SPDX-License-Identifier: Apache-2.0
// What recurrent layers share: where the row of a step lies, and products of a row with weights.
// Params of a recurrent layer begin with the fields named below. Row t of batch b is row b *
// batch_rows + t * step_rows of x and y.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_point.h"
#include "core/target.h"

namespace mote {

template <class Params, class Visitor>
void for_each_sequence_field(const Params& p, Visitor& field) {
  field("batches", p.batches);
  field("steps", p.steps);
  field("inputs", p.inputs);
  field("units", p.units);
  field("batch_rows", p.batch_rows);
  field("step_rows", p.step_rows);
  field("reverse", p.reverse);          // from the last step to the first
  field("keeps_state", p.keeps_state);  // the state carries over to the next run
}

// What a layer may be given besides x and its weights; null: it is not. lengths [batches]: how many
// steps of a sequence count; behind them y is `zero`. initial, last [batches, units]: h before the
// first and behind the last step.
template <class T>
struct SequenceEnds {
  const int32_t* lengths;
  const T* initial;
  T* last;
  T zero;
};

template <class T>
MOTE_INLINE void start_state(const T* initial, T zero, int32_t count, T* state) {
  for (int32_t i = 0; i < count; ++i) state[i] = initial ? initial[i] : zero;
}

// How h lies in the state and how in y (and before the first and behind the last step): alike.
struct SameForm {
  template <class T>
  MOTE_INLINE void start(const SequenceEnds<T>& ends, int32_t count, T* hidden) const {
    start_state(ends.initial, ends.zero, count, hidden);
  }
  template <class T>
  MOTE_INLINE void show(const T* hidden, int32_t count, T* y) const {
    memcpy(y, hidden, (size_t)count * sizeof *y);
  }
};

// step(batch, row of x, h) for every step of every batch in its order; h after each step is y, in
// its form.
template <class Params, class T, class State, class Form, class Step>
MOTE_INLINE void for_each_step(const Params& p, const SequenceEnds<T>& ends, const T* x,
                               State* hidden, T* y, Form form, Step step) {
  const int32_t n = p.units;
  if (!p.keeps_state) form.start(ends, p.batches * n, hidden);
  for (int32_t b = 0; b < p.batches; ++b) {
    State* h = hidden + b * n;
    const int32_t steps = ends.lengths ? clamp<int32_t>(ends.lengths[b], 0, p.steps) : p.steps;
    for (int32_t t = 0; t < p.steps; ++t) {
      const int32_t at = p.reverse && t < steps ? steps - 1 - t : t;
      const int32_t row = b * p.batch_rows + at * p.step_rows;
      if (t < steps) {
        step(b, x + row * p.inputs, h);
        form.show(h, n, y + row * n);
      } else {
        start_state<T>(nullptr, ends.zero, n, y + row * n);
      }
    }
  }
  if (ends.last) form.show(hidden, p.batches * n, ends.last);
}
template <class Params, class T, class Step>
MOTE_INLINE void for_each_step(const Params& p, const SequenceEnds<T>& ends, const T* x, T* hidden,
                               T* y, Step step) {
  for_each_step(p, ends, x, hidden, y, SameForm{}, step);
}

// sum_i x[i] w[i] in the order of i from 0.
MOTE_INLINE float dot_f32(const float* x, const float* w, int32_t count) {
  float sum = 0.0f;
  for (int32_t i = 0; i < count; ++i) sum += x[i] * w[i];
  return sum;
}

// sum_i (x[i] - zero_point) w[i]. |sum| <= count * 2^16 * 2^7: 32 bits hold it for s8 (2^15 a
// product) to 65536 inputs, 64 bits for s16.
template <class Sum, class Activation>
MOTE_INLINE Sum dot_offset(const Activation* x, const int8_t* w, int32_t count,
                           int32_t zero_point) {
  Sum sum = 0;
  for (int32_t i = 0; i < count; ++i) sum += (x[i] - zero_point) * w[i];
  return sum;
}

}  // namespace mote
