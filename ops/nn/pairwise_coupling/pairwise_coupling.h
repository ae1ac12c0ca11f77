// SPDX-License-Identifier: Apache-2.0
// pairwise_coupling: probabilities of classes p from those of pairs r_ij = P(i | i or j), float32:
// the p of sum 1 that makes sum_{i < j} (r_ji p_i - r_ij p_j)^2 least, by the iteration of Wu, Lin
// and Weng, "Probability estimates for multi-class classification by pairwise coupling" (method 2),
// which stops when no component is farther than 0.005 / classes off, or after 100 rounds: libsvm's
// rule, and that of ONNX's SVMClassifier. Shapes: pairs [rows, classes (classes - 1) / 2] in the
// order (0, 1), (0, 2) ...; y [rows, classes]; work [classes (classes + 1)]. Pairs lie in 1e-7 .. 1
// - 1e-7, so that the diagonal of Q is not 0. y may not overlap the pairs.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"
#include "core/float_bits.h"
#include "core/target.h"

namespace mote {

struct PairwiseCouplingParams {
  int32_t rows;
  int32_t classes;
};
template <class Visitor>
void for_each_field(const PairwiseCouplingParams& p, Visitor& field) {
  field("rows", p.rows);
  field("classes", p.classes);
}

// Q_ii = sum_{j != i} r_ji^2, Q_ij = -r_ji r_ij.
MOTE_INLINE void coupling_matrix(int32_t n, const float* pairs, float* q) {
  for (int32_t i = 0; i < n; ++i) q[i * n + i] = 0.0f;
  for (int32_t i = 0; i < n; ++i)
    for (int32_t j = i + 1; j < n; ++j) {
      const float r = clamp(*pairs++, 1e-7f, 1.0f - 1e-7f), other = 1.0f - r;
      q[i * n + i] += other * other;
      q[j * n + j] += r * r;
      q[i * n + j] = q[j * n + i] = -other * r;
    }
}

// qp = Q p; the sum of p_i qp_i.
MOTE_INLINE float coupling_product(int32_t n, const float* q, const float* p, float* qp) {
  float sum = 0.0f;
  for (int32_t i = 0; i < n; ++i) {
    qp[i] = 0.0f;
    for (int32_t j = 0; j < n; ++j) qp[i] += q[i * n + j] * p[j];
    sum += p[i] * qp[i];
  }
  return sum;
}

MOTE_INLINE float coupling_error(int32_t n, const float* qp, float sum) {
  float most = 0.0f;
  for (int32_t i = 0; i < n; ++i) {
    const float error = abs_f32(qp[i] - sum);
    if (error > most) most = error;
  }
  return most;
}

MOTE_INLINE void pairwise_coupling_f32(const PairwiseCouplingParams& params, const float* pairs,
                                       float* work, float* y) {
  const int32_t n = params.classes;
  float *q = work, *qp = work + n * n;
  for (int32_t row = 0; row < params.rows; ++row, pairs += n * (n - 1) / 2, y += n) {
    coupling_matrix(n, pairs, q);
    for (int32_t i = 0; i < n; ++i) y[i] = 1.0f / (float)n;
    for (int32_t round = 0; round < 100; ++round) {
      float sum = coupling_product(n, q, y, qp);
      if (coupling_error(n, qp, sum) < 0.005f / (float)n) break;
      for (int32_t i = 0; i < n; ++i) {
        const float diagonal = q[i * n + i];
        const float step = (sum - qp[i]) / diagonal, all = 1.0f + step;
        y[i] += step;
        sum = (sum + step * (step * diagonal + 2.0f * qp[i])) / all / all;
        for (int32_t j = 0; j < n; ++j) {
          qp[j] = (qp[j] + step * q[i * n + j]) / all;
          y[j] /= all;
        }
      }
    }
  }
}

}  // namespace mote
