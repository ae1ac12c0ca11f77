// SPDX-License-Identifier: Apache-2.0
// rnn: h = act(W x + b + R h) over the steps of a sequence, float32. In: x [batches, steps, inputs]
// (or steps first), W [units, inputs], R [units, units], b [units]. Out: h after every step; h
// [batches, units] is the state. The rule of TensorFlow Lite's UNIDIRECTIONAL_SEQUENCE_RNN
// (tensorflow/lite/kernels/unidirectional_sequence_rnn.cc).
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_point.h"
#include "core/float_math.h"
#include "ops/nn/sequence.h"

namespace mote {

struct RnnParams {
  int32_t batches, steps, inputs, units, batch_rows, step_rows;
  bool reverse, keeps_state;
  bool is_tanh;
  float output_min;  // of another activation
  float output_max;
};
template <class Visitor>
void for_each_field(const RnnParams& p, Visitor& field) {
  for_each_sequence_field(p, field);
  field("is_tanh", p.is_tanh);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// work [units]: the new state, because every unit reads the whole old one.
MOTE_INLINE void rnn_f32(const RnnParams& p, const float* x, const float* w, const float* r,
                         const float* bias, float* hidden, float* work, float* y) {
  const int32_t n = p.units;
  for (int32_t b = 0; b < p.batches; ++b) {
    float* h = hidden + b * n;
    if (!p.keeps_state)
      for (int32_t u = 0; u < n; ++u) h[u] = 0.0f;
    for (int32_t t = 0; t < p.steps; ++t) {
      const int32_t row = row_of_step(p, b, t);
      for (int32_t u = 0; u < n; ++u) {
        const float sum = bias[u] + dot_f32(x + row * p.inputs, w + u * p.inputs, p.inputs) +
                          dot_f32(h, r + u * n, n);
        work[u] = p.is_tanh ? tanh_f32(sum) : clamp(sum, p.output_min, p.output_max);
      }
      memcpy(h, work, (size_t)n * sizeof *h);
      memcpy(y + row * n, work, (size_t)n * sizeof *h);
    }
  }
}

}  // namespace mote
