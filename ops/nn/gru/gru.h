// SPDX-License-Identifier: Apache-2.0
// gru: gated recurrent unit over the steps of a sequence, float32. Gates z (update), r (reset):
// logistic(W x + b + R h + d); candidate c = tanh(W_c x + b_c + R_c (r h) + d_c), or with the reset
// after the product c = tanh(W_c x + b_c + r (R_c h + d_c)); h = z h + (1 - z) c. In: x [batches,
// steps, inputs] (or steps first), W [3 units, inputs], R [3 units, units], b and d [3 units], each
// stacked in the order z, r, c. Out: h after every step; h [batches, units] is the state. Initial h
// and lengths of sequences may be given (sequence.h), other activations and a clip of their sums,
// too. The rule is ONNX's GRU (linear_before_reset 0 and 1); the latter is Keras' reset_after.
#pragma once
#include <stdint.h>
#include <string.h>

#include "ops/nn/recurrent_activation.h"
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

}  // namespace mote
