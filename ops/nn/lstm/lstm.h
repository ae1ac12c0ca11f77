// SPDX-License-Identifier: Apache-2.0
// lstm: long short-term memory over the steps of a sequence. Gates g = input, forget, cell, output:
// a_g = act(W_g x + b_g + R_g h), then c = a_forget c + a_input a_cell, h = a_output tanh(c). In:
// x, weights, biases. Out: h after every step; h and c are states. Bit-exact with TFLM
// UNIDIRECTIONAL_SEQUENCE_LSTM (tensorflow/lite/micro/kernels/lstm_eval.h) for s8 and s16; f32 in
// its order of addition. Shapes: x [batches, steps, inputs] (or steps first), W_g [units, inputs],
// R_g [units, units], b_g [units], h, c [batches, units], y like x with units; work [4 units].
// Initial h and c and lengths of sequences may be given (sequence.h); to f32 other activations, a
// clip of their sums and peepholes P_g [units], too, by the rule of ONNX's LSTM: P c is added to
// the sums of the input and forget gate, and with the new c to that of the output gate.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_point.h"
#include "core/float_math.h"
#include "core/wrapping.h"
#include "ops/nn/recurrent_activation.h"
#include "ops/nn/sequence.h"
#include "ops/nn/sigmoid_s16.h"

namespace mote {

// Arrays of four: input, forget, cell, output gate. Sums of a gate are Q3.12, gates Q0.15.
struct LstmParams {
  int32_t batches, steps, inputs, units, batch_rows, step_rows;
  bool reverse, keeps_state;
  bool logistic_cell;  // the cell gate is a logistic function, not tanh
  int32_t input_zero_point;
  int32_t hidden_zero_point;
  int32_t x_multiplier[4];  // of W_g x + b_g
  int32_t x_shift[4];
  int32_t h_multiplier[4];  // of R_g h
  int32_t h_shift[4];
  int32_t forget_multiplier;  // gate * cell to cell
  int32_t forget_shift;
  int32_t update_multiplier;  // gate * gate to cell
  int32_t update_shift;
  int32_t hidden_multiplier;  // gate * tanh to hidden
  int32_t hidden_shift;
  int32_t cell_limit;       // magnitude that the cell is clipped to; -1: none
  int32_t tanh_multiplier;  // the cell's scale (sigmoid_s16.h)
  int32_t tanh_shift;
};
template <class Visitor>
void for_each_field(const LstmParams& p, Visitor& field) {
  for_each_sequence_field(p, field);
  field("logistic_cell", p.logistic_cell);
  field("input_zero_point", p.input_zero_point);
  field("hidden_zero_point", p.hidden_zero_point);
  field("x_multiplier", p.x_multiplier);
  field("x_shift", p.x_shift);
  field("h_multiplier", p.h_multiplier);
  field("h_shift", p.h_shift);
  field("forget_multiplier", p.forget_multiplier);
  field("forget_shift", p.forget_shift);
  field("update_multiplier", p.update_multiplier);
  field("update_shift", p.update_shift);
  field("hidden_multiplier", p.hidden_multiplier);
  field("hidden_shift", p.hidden_shift);
  field("cell_limit", p.cell_limit);
  field("tanh_multiplier", p.tanh_multiplier);
  field("tanh_shift", p.tanh_shift);
}

template <class Weight, class Bias>
struct LstmWeights {
  const Weight* x[4];
  const Weight* h[4];
  const Bias* bias[4];
};

MOTE_INLINE int16_t lstm_saturated(int32_t x) { return (int16_t)clamp<int32_t>(x, -32768, 32767); }
MOTE_INLINE int32_t lstm_scaled(int32_t x, int32_t multiplier, int32_t shift) {
  return multiply_by_quantized_multiplier(x, multiplier, shift);
}
MOTE_INLINE int32_t lstm_scaled(int64_t x, int32_t multiplier, int32_t shift) {
  return multiply_by_quantized_multiplier_s64(x, multiplier, shift);
}

// Gate g of one row to a [units]: both products are rounded and saturated, then their sum.
template <class Sum, class Activation>
MOTE_INLINE void lstm_gate(const LstmParams& p, const LstmWeights<int8_t, Sum>& w, int32_t g,
                           const Activation* x, const Activation* h, const uint16_t* table,
                           int16_t* a) {
  for (int32_t u = 0; u < p.units; ++u) {
    const Sum dot = dot_offset<Sum>(x, w.x[g] + u * p.inputs, p.inputs, p.input_zero_point);
    const Sum from_x = wrapping_add(dot, w.bias[g][u]);
    const Sum from_h = dot_offset<Sum>(h, w.h[g] + u * p.units, p.units, p.hidden_zero_point);
    a[u] = lstm_saturated(lstm_saturated(lstm_scaled(from_x, p.x_multiplier[g], p.x_shift[g])) +
                          lstm_saturated(lstm_scaled(from_h, p.h_multiplier[g], p.h_shift[g])));
  }
  const SigmoidS16Params q3_12{p.units, 3, 0};
  if (g == 2 && !p.logistic_cell)
    tanh_s16(q3_12, a, table, a);
  else
    logistic_s16(q3_12, a, table, a);
}

// One step of one row. |gate * gate| <= 2^30.
template <class Sum, class Activation>
MOTE_INLINE void lstm_step(const LstmParams& p, const LstmWeights<int8_t, Sum>& w,
                           const Activation* x, const uint16_t* table, Activation* h, int16_t* c,
                           int16_t* work) {
  const int32_t n = p.units;
  for (int32_t g = 0; g < 4; ++g) lstm_gate(p, w, g, x, h, table, work + g * n);
  for (int32_t u = 0; u < n; ++u) {
    const int16_t kept = lstm_saturated(
        lstm_scaled((int32_t)work[n + u] * c[u], p.forget_multiplier, p.forget_shift));
    const int16_t added = lstm_saturated(
        lstm_scaled((int32_t)work[u] * work[2 * n + u], p.update_multiplier, p.update_shift));
    c[u] = lstm_saturated(kept + added);
    if (p.cell_limit >= 0) c[u] = (int16_t)clamp<int32_t>(c[u], -p.cell_limit, p.cell_limit);
  }
  const SigmoidS16Params cell_scale{n, p.tanh_multiplier, p.tanh_shift};
  tanh_s16(cell_scale, c, table, work);
  const int32_t low = sizeof(Activation) == 1 ? -128 : -32768;
  for (int32_t u = 0; u < n; ++u) {
    const int32_t product =
        lstm_scaled((int32_t)work[u] * work[3 * n + u], p.hidden_multiplier, p.hidden_shift);
    h[u] = (Activation)clamp(product + p.hidden_zero_point, low, -low - 1);
  }
}

template <class Sum, class Activation>
MOTE_INLINE void lstm_integer(const LstmParams& p, const Activation* x,
                              const LstmWeights<int8_t, Sum>& w, const uint16_t* table,
                              const SequenceEnds<Activation>& ends, const int16_t* initial_cell,
                              Activation* hidden, int16_t* cell, int16_t* work, Activation* y,
                              int16_t* last_cell) {
  if (!p.keeps_state) start_state<int16_t>(initial_cell, 0, p.batches * p.units, cell);
  for_each_step(p, ends, x, hidden, y, [&](int32_t b, const Activation* row, Activation* h) {
    lstm_step(p, w, row, table, h, cell + b * p.units, work);
  });
  if (last_cell) memcpy(last_cell, cell, (size_t)(p.batches * p.units) * sizeof *cell);
}

MOTE_INLINE void lstm_s8(const LstmParams& p, const int8_t* x, const int8_t* wi, const int8_t* wf,
                         const int8_t* wc, const int8_t* wo, const int8_t* ri, const int8_t* rf,
                         const int8_t* rc, const int8_t* ro, const int32_t* bi, const int32_t* bf,
                         const int32_t* bc, const int32_t* bo, const int8_t* initial,
                         const int16_t* initial_cell, const int32_t* lengths, const uint16_t* table,
                         int8_t* hidden, int16_t* cell, int16_t* work, int8_t* y, int8_t* last,
                         int16_t* last_cell) {
  const LstmWeights<int8_t, int32_t> w{{wi, wf, wc, wo}, {ri, rf, rc, ro}, {bi, bf, bc, bo}};
  const SequenceEnds<int8_t> ends{lengths, initial, last, (int8_t)p.hidden_zero_point};
  lstm_integer(p, x, w, table, ends, initial_cell, hidden, cell, work, y, last_cell);
}

MOTE_INLINE void lstm_s16(const LstmParams& p, const int16_t* x, const int8_t* wi, const int8_t* wf,
                          const int8_t* wc, const int8_t* wo, const int8_t* ri, const int8_t* rf,
                          const int8_t* rc, const int8_t* ro, const int64_t* bi, const int64_t* bf,
                          const int64_t* bc, const int64_t* bo, const int16_t* initial,
                          const int16_t* initial_cell, const int32_t* lengths,
                          const uint16_t* table, int16_t* hidden, int16_t* cell, int16_t* work,
                          int16_t* y, int16_t* last, int16_t* last_cell) {
  const LstmWeights<int8_t, int64_t> w{{wi, wf, wc, wo}, {ri, rf, rc, ro}, {bi, bf, bc, bo}};
  const SequenceEnds<int16_t> ends{lengths, initial, last, (int16_t)p.hidden_zero_point};
  lstm_integer(p, x, w, table, ends, initial_cell, hidden, cell, work, y, last_cell);
}

struct LstmF32Params {
  int32_t batches, steps, inputs, units, batch_rows, step_rows;
  bool reverse, keeps_state;
  bool coupled;           // the forget gate is 1 - input gate
  int32_t activation[3];  // of the gates, of the cell, of the hidden state: RecurrentActivation
  float alpha[3];
  float beta[3];
  float clip;        // of sums of gates; 0: none
  float cell_limit;  // 0: none
};
template <class Visitor>
void for_each_field(const LstmF32Params& p, Visitor& field) {
  for_each_sequence_field(p, field);
  field("coupled", p.coupled);
  field("activation", p.activation);
  field("alpha", p.alpha);
  field("beta", p.beta);
  field("clip", p.clip);
  field("cell_limit", p.cell_limit);
}

struct LstmWeightsF32 {
  LstmWeights<float, float> gates;
  const float* peephole[4];  // of the cell gate: null; the others may be
};

// Gate g of one row to a [units].
MOTE_INLINE void lstm_gate_f32(const LstmF32Params& p, const LstmWeightsF32& w, int32_t g,
                               const float* x, const float* h, const float* c, float* a) {
  const int32_t n = p.units;
  for (int32_t u = 0; u < n; ++u) {
    float sum = dot_f32(x, w.gates.x[g] + u * p.inputs, p.inputs) + w.gates.bias[g][u] +
                dot_f32(h, w.gates.h[g] + u * n, n);
    if (w.peephole[g]) sum += w.peephole[g][u] * c[u];
    a[u] = gate_f32(p, g == 2 ? 1 : 0, sum);
  }
}

MOTE_INLINE void lstm_step_f32(const LstmF32Params& p, const LstmWeightsF32& w, const float* x,
                               float* h, float* c, float* work) {
  const int32_t n = p.units;
  for (int32_t g = 0; g < 3; ++g) lstm_gate_f32(p, w, g, x, h, c, work + g * n);
  for (int32_t u = 0; u < n; ++u) {
    if (p.coupled) work[n + u] = 1.0f - work[u];
    c[u] = work[n + u] * c[u] + work[u] * work[2 * n + u];
    if (p.cell_limit > 0) c[u] = clamp(c[u], -p.cell_limit, p.cell_limit);
  }
  lstm_gate_f32(p, w, 3, x, h, c, work + 3 * n);
  for (int32_t u = 0; u < n; ++u)
    h[u] = recurrent_activation_f32(p.activation[2], p.alpha[2], p.beta[2], c[u]) * work[3 * n + u];
}

MOTE_INLINE void lstm_f32(const LstmF32Params& p, const float* x, const float* wi, const float* wf,
                          const float* wc, const float* wo, const float* ri, const float* rf,
                          const float* rc, const float* ro, const float* bi, const float* bf,
                          const float* bc, const float* bo, const float* initial,
                          const float* initial_cell, const float* pi, const float* pf,
                          const float* po, const int32_t* lengths, float* hidden, float* cell,
                          float* work, float* y, float* last, float* last_cell) {
  const LstmWeightsF32 w{{{wi, wf, wc, wo}, {ri, rf, rc, ro}, {bi, bf, bc, bo}},
                         {pi, pf, nullptr, po}};
  const SequenceEnds<float> ends{lengths, initial, last, 0.0f};
  if (!p.keeps_state) start_state(initial_cell, 0.0f, p.batches * p.units, cell);
  for_each_step(p, ends, x, hidden, y, [&](int32_t b, const float* row, float* h) {
    lstm_step_f32(p, w, row, h, cell + b * p.units, work);
  });
  if (last_cell) memcpy(last_cell, cell, (size_t)(p.batches * p.units) * sizeof *cell);
}

}  // namespace mote
