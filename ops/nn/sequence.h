// SPDX-License-Identifier: Apache-2.0
// What recurrent layers share: where the row of a step lies, and products of a row with weights.
// Params of a recurrent layer begin with the fields named below. Row t of batch b is row b *
// batch_rows + t * step_rows of x and y.
#pragma once
#include <stdint.h>

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

template <class Params>
MOTE_INLINE int32_t row_of_step(const Params& p, int32_t batch, int32_t step) {
  return batch * p.batch_rows + (p.reverse ? p.steps - 1 - step : step) * p.step_rows;
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
