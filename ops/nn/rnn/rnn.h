// SPDX-License-Identifier: Apache-2.0
// rnn: h = act(W x + b + R h) over the steps of a sequence; f32, s8, s16. In: x [batches, steps,
// inputs] (or steps first), W [units, inputs], R [units, units], b [units]. Out: h after every
// step; h [batches, units] is the state. Initial h and lengths of sequences may be given
// (sequence.h). The rule of TensorFlow Lite's UNIDIRECTIONAL_SEQUENCE_RNN
// (tensorflow/lite/kernels/unidirectional_sequence_rnn.cc) and of ONNX's RNN. Integers: the rule of
// recurrent_integer.h. Behind a curve h is Q0.15, or has bits before the point where a first h
// beyond 1 may be given; else it is the sum, limited, at a scale of its own, and the sum's steps
// are 1/16 of that.
#pragma once
#include <stdint.h>
#include <string.h>

#include "ops/nn/recurrent_activation.h"
#include "ops/nn/recurrent_integer.h"
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

struct RnnIntegerParams {
  int32_t batches, steps, inputs, units, batch_rows, step_rows;
  bool reverse, keeps_state;
  int32_t activation;  // tanh, logistic or clamp: RecurrentActivation
  int32_t least;       // of h behind clamp
  int32_t most;
  int32_t hidden_bits;
  int32_t input_zero_point;
  int32_t x_multiplier[1], x_shift[1], h_multiplier[1], h_shift[1];
  int32_t output_multiplier, output_shift, output_zero_point;
  int32_t initial_multiplier, initial_shift, initial_zero_point;
};
template <class Visitor>
void for_each_field(const RnnIntegerParams& p, Visitor& field) {
  for_each_sequence_field(p, field);
  field("activation", p.activation);
  field("least", p.least);
  field("most", p.most);
  for_each_integer_field(p, field);
}

struct RnnIntegerWeights {
  const int8_t* w;
  const int8_t* r;
  const int32_t* bias;  // at scale x * scale W
  const uint16_t* table;
};

// h of the sum of its two parts; |sum| <= 2^28.
MOTE_INLINE int16_t rnn_activation(const RnnIntegerParams& p, const uint16_t* table, int32_t sum) {
  if (p.activation == kRecurrentClamp)
    return (int16_t)clamp((int32_t)half_to_even(sum, 4), p.least, p.most);
  const int32_t h =
      p.activation == kRecurrentTanh ? tanh_q15(table, sum) : logistic_q15(table, sum);
  return (int16_t)(p.hidden_bits > 0 ? half_to_even(h, p.hidden_bits) : h);
}

template <class T>
MOTE_INLINE void rnn_integer(const RnnIntegerParams& p, const T* x, const RnnIntegerWeights& k,
                             const SequenceEnds<T>& ends, int16_t* hidden, int16_t* work, T* y) {
  const int32_t n = p.units;
  for_each_step(p, ends, x, hidden, y, output_form(p), [&](int32_t, const T* row, int16_t* h) {
    for (int32_t u = 0; u < n; ++u) {
      const int64_t from_x =
          gate_dot(row, k.w + u * p.inputs, p.inputs, p.input_zero_point) + k.bias[u];
      const int64_t from_h = gate_dot(h, k.r + u * n, n, 0);
      work[u] = rnn_activation(p, k.table,
                               gate_part(from_x, p.x_multiplier[0], p.x_shift[0]) +
                                   gate_part(from_h, p.h_multiplier[0], p.h_shift[0]));
    }
    memcpy(h, work, (size_t)n * sizeof *h);
  });
}

// hidden [batches, units], work [units] at h's scale; initial has a scale of its own, last is as y.
MOTE_INLINE void rnn_s8(const RnnIntegerParams& p, const int8_t* x, const int8_t* w,
                        const int8_t* r, const int32_t* bias, const int8_t* initial,
                        const int32_t* lengths, const uint16_t* table, int16_t* hidden,
                        int16_t* work, int8_t* y, int8_t* last) {
  const SequenceEnds<int8_t> ends{lengths, initial, last, (int8_t)p.output_zero_point};
  rnn_integer(p, x, {w, r, bias, table}, ends, hidden, work, y);
}
MOTE_INLINE void rnn_s16(const RnnIntegerParams& p, const int16_t* x, const int8_t* w,
                         const int8_t* r, const int32_t* bias, const int16_t* initial,
                         const int32_t* lengths, const uint16_t* table, int16_t* hidden,
                         int16_t* work, int16_t* y, int16_t* last) {
  const SequenceEnds<int16_t> ends{lengths, initial, last, 0};
  rnn_integer(p, x, {w, r, bias, table}, ends, hidden, work, y);
}

}  // namespace mote
