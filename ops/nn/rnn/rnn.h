// SPDX-License-Identifier: Apache-2.0
// rnn: h = act(W x + b + R h) over the steps of a sequence, float32. In: x [batches, steps, inputs]
// (or steps first), W [units, inputs], R [units, units], b [units]. Out: h after every step; h
// [batches, units] is the state. Initial h and lengths of sequences may be given (sequence.h). The
// rule of TensorFlow Lite's UNIDIRECTIONAL_SEQUENCE_RNN
// (tensorflow/lite/kernels/unidirectional_sequence_rnn.cc) and of ONNX's RNN.
#pragma once
#include <stdint.h>
#include <string.h>

#include "ops/nn/recurrent_activation.h"
#include "ops/nn/sequence.h"

namespace mote {

struct RnnParams {
  int32_t batches, steps, inputs, units, batch_rows, step_rows;
  bool reverse, keeps_state;
  int32_t activation[1];  // RecurrentActivation
  float alpha[1];
  float beta[1];
  float clip;  // 0: none
};
template <class Visitor>
void for_each_field(const RnnParams& p, Visitor& field) {
  for_each_sequence_field(p, field);
  field("activation", p.activation);
  field("alpha", p.alpha);
  field("beta", p.beta);
  field("clip", p.clip);
}

// work [units]: the new state, because every unit reads the whole old one.
MOTE_INLINE void rnn_f32(const RnnParams& p, const float* x, const float* w, const float* r,
                         const float* bias, const float* initial, const int32_t* lengths,
                         float* hidden, float* work, float* y, float* last) {
  const int32_t n = p.units;
  const SequenceEnds<float> ends{lengths, initial, last, 0.0f};
  for_each_step(p, ends, x, hidden, y, [&](int32_t, const float* row, float* h) {
    for (int32_t u = 0; u < n; ++u) {
      const float sum =
          bias[u] + dot_f32(row, w + u * p.inputs, p.inputs) + dot_f32(h, r + u * n, n);
      work[u] = gate_f32(p, 0, sum);
    }
    memcpy(h, work, (size_t)n * sizeof *h);
  });
}

}  // namespace mote
