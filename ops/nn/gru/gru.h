// SPDX-License-Identifier: Apache-2.0
// gru: gated recurrent unit over the steps of a sequence; f32, s8, s16. Gates z (update), r
// (reset): logistic(W x + b + R h + d); candidate c = tanh(W_c x + b_c + R_c (r h) + d_c), or with
// the reset after the product c = tanh(W_c x + b_c + r (R_c h + d_c)); h = z h + (1 - z) c. In: x
// [batches, steps, inputs] (or steps first), W [3 units, inputs], R [3 units, units], b and d [3
// units], each stacked in the order z, r, c. Out: h after every step; h [batches, units] is the
// state. Initial h and lengths of sequences may be given (sequence.h), other activations and a clip
// of their sums, too. The rule is ONNX's GRU (linear_before_reset 0 and 1); the latter is Keras'
// reset_after. Integers: the rule of recurrent_integer.h; the gates are Q0.15, the curves
// interpolated in the table of sigmoid_s16.h, h is Q0.15, too, or has bits before the point where a
// first h beyond 1 may be given; r h, r (R_c h + d_c) and z h + (1 - z) c are each rounded once,
// halves to even. No other activations, no clip.
#pragma once
#include <stdint.h>
#include <string.h>

#include "ops/nn/recurrent_activation.h"
#include "ops/nn/recurrent_integer.h"
#include "ops/nn/sequence.h"

namespace mote {

struct GruParams {
  int32_t batches, steps, inputs, units, batch_rows, step_rows;
  bool reverse, keeps_state;
  bool reset_after;
  int32_t activation[2];  // of z and r, of c: RecurrentActivation
  float alpha[2];
  float beta[2];
  float clip;  // 0: none
};
template <class Visitor>
void for_each_field(const GruParams& p, Visitor& field) {
  for_each_sequence_field(p, field);
  field("reset_after", p.reset_after);
  field("activation", p.activation);
  field("alpha", p.alpha);
  field("beta", p.beta);
  field("clip", p.clip);
}

struct GruWeights {
  const float* w;
  const float* r;
  const float* b;
  const float* d;
};

// One step of one row; work [3 units]: z, r (then r h), c.
MOTE_INLINE void gru_step_f32(const GruParams& p, const GruWeights& k, const float* x, float* h,
                              float* work) {
  const int32_t n = p.units;
  float *z = work, *r = work + n, *c = work + 2 * n;
  for (int32_t u = 0; u < 2 * n; ++u)
    work[u] = gate_f32(
        p, 0,
        dot_f32(x, k.w + u * p.inputs, p.inputs) + k.b[u] + (dot_f32(h, k.r + u * n, n) + k.d[u]));
  for (int32_t u = 0; u < n && !p.reset_after; ++u) r[u] *= h[u];
  for (int32_t u = 0; u < n; ++u) {
    const int32_t at = 2 * n + u;
    const float from_h = dot_f32(p.reset_after ? h : r, k.r + at * n, n) + k.d[at];
    c[u] = gate_f32(p, 1,
                    dot_f32(x, k.w + at * p.inputs, p.inputs) + k.b[at] +
                        (p.reset_after ? r[u] * from_h : from_h));
  }
  for (int32_t u = 0; u < n; ++u) h[u] = z[u] * h[u] + (1.0f - z[u]) * c[u];
}

MOTE_INLINE void gru_f32(const GruParams& p, const float* x, const float* w, const float* r,
                         const float* b, const float* d, const float* initial,
                         const int32_t* lengths, float* hidden, float* work, float* y,
                         float* last) {
  const GruWeights weights{w, r, b, d};
  const SequenceEnds<float> ends{lengths, initial, last, 0.0f};
  for_each_step(p, ends, x, hidden, y, [&](int32_t, const float* row, float* h) {
    gru_step_f32(p, weights, row, h, work);
  });
}

// Arrays of three: z, r, c.
struct GruIntegerParams {
  int32_t batches, steps, inputs, units, batch_rows, step_rows;
  bool reverse, keeps_state;
  bool reset_after;
  int32_t hidden_bits;
  int32_t input_zero_point;
  int32_t x_multiplier[3], x_shift[3], h_multiplier[3], h_shift[3];
  int32_t output_multiplier, output_shift, output_zero_point;
  int32_t initial_multiplier, initial_shift, initial_zero_point;
};
template <class Visitor>
void for_each_field(const GruIntegerParams& p, Visitor& field) {
  for_each_sequence_field(p, field);
  field("reset_after", p.reset_after);
  for_each_integer_field(p, field);
}

struct GruIntegerWeights {
  const int8_t* w;
  const int8_t* r;
  const int32_t* b;  // at scale x * scale W of the gate
  const int32_t* d;  // at scale h * scale R of the gate
  const uint16_t* table;
};

// Unit u of gate g, W x + b and R h + d. |each| <= 2^27.
template <class T>
MOTE_INLINE int32_t gru_from_x(const GruIntegerParams& p, const GruIntegerWeights& k, const T* x,
                               int32_t g, int32_t u) {
  const int32_t at = g * p.units + u;
  const int64_t sum = gate_dot(x, k.w + at * p.inputs, p.inputs, p.input_zero_point) + k.b[at];
  return gate_part(sum, p.x_multiplier[g], p.x_shift[g]);
}
MOTE_INLINE int32_t gru_from_h(const GruIntegerParams& p, const GruIntegerWeights& k,
                               const int16_t* h, int32_t g, int32_t u) {
  const int32_t at = g * p.units + u;
  const int64_t sum = gate_dot(h, k.r + at * p.units, p.units, 0) + k.d[at];
  return gate_part(sum, p.h_multiplier[g], p.h_shift[g]);
}

// One step of one row; work [3 units]: z, r (then r h), c. |r part| <= 2^42; |z h + (1 - z) c| <=
// 2^(30 + hidden_bits), a mean of two numbers.
template <class T>
MOTE_INLINE void gru_step_integer(const GruIntegerParams& p, const GruIntegerWeights& k, const T* x,
                                  int16_t* h, int16_t* work) {
  const int32_t n = p.units;
  int16_t *z = work, *r = work + n, *c = work + 2 * n;
  for (int32_t g = 0; g < 2; ++g)
    for (int32_t u = 0; u < n; ++u)
      work[g * n + u] =
          (int16_t)logistic_q15(k.table, gru_from_x(p, k, x, g, u) + gru_from_h(p, k, h, g, u));
  for (int32_t u = 0; u < n && !p.reset_after; ++u)
    r[u] = (int16_t)half_to_even((int32_t)r[u] * h[u], 15);
  for (int32_t u = 0; u < n; ++u) {
    int32_t from_h = gru_from_h(p, k, p.reset_after ? h : r, 2, u);
    if (p.reset_after) from_h = (int32_t)half_to_even((int64_t)r[u] * from_h, 15);
    c[u] = (int16_t)tanh_q15(k.table, gru_from_x(p, k, x, 2, u) + from_h);
  }
  for (int32_t u = 0; u < n; ++u)
    h[u] = (int16_t)half_to_even(
        (int64_t)z[u] * h[u] * ((int64_t)1 << p.hidden_bits) + (32768 - z[u]) * (int32_t)c[u],
        15 + p.hidden_bits);
}

template <class T>
MOTE_INLINE void gru_integer(const GruIntegerParams& p, const T* x, const GruIntegerWeights& k,
                             const SequenceEnds<T>& ends, int16_t* hidden, int16_t* work, T* y) {
  for_each_step(p, ends, x, hidden, y, output_form(p),
                [&](int32_t, const T* row, int16_t* h) { gru_step_integer(p, k, row, h, work); });
}

// hidden [batches, units] at h's scale, work [3 units]; initial has a scale of its own, last is as
// y.
MOTE_INLINE void gru_s8(const GruIntegerParams& p, const int8_t* x, const int8_t* w,
                        const int8_t* r, const int32_t* b, const int32_t* d, const int8_t* initial,
                        const int32_t* lengths, const uint16_t* table, int16_t* hidden,
                        int16_t* work, int8_t* y, int8_t* last) {
  const SequenceEnds<int8_t> ends{lengths, initial, last, (int8_t)p.output_zero_point};
  gru_integer(p, x, {w, r, b, d, table}, ends, hidden, work, y);
}
MOTE_INLINE void gru_s16(const GruIntegerParams& p, const int16_t* x, const int8_t* w,
                         const int8_t* r, const int32_t* b, const int32_t* d,
                         const int16_t* initial, const int32_t* lengths, const uint16_t* table,
                         int16_t* hidden, int16_t* work, int16_t* y, int16_t* last) {
  const SequenceEnds<int16_t> ends{lengths, initial, last, 0};
  gru_integer(p, x, {w, r, b, d, table}, ends, hidden, work, y);
}

}  // namespace mote
