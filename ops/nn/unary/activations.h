// SPDX-License-Identifier: Apache-2.0
// Activations of one number as float32 functions: what unary applies to every element. In: a float,
// and the parameters of the function. Out: a float. By core/float_math.h and float_functions.h, so
// the same bytes on every core; their errors are those of the functions they call, relative to |x|
// where a difference cancels (gelu left of 0).
#pragma once
#include "core/fixed_point.h"
#include "core/float_functions.h"

namespace mote {

// x / 2 (1 + erf(x / sqrt 2)).
inline float gelu_f32(float x) { return 0.5f * x * (1.0f + erf_f32(x * 0.707106769f)); }

// x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))).
inline float gelu_tanh_f32(float x) {
  return 0.5f * x * (1.0f + tanh_f32(0.797884583f * (x + 0.0447149985f * x * x * x)));
}

inline float silu_f32(float x) { return x * logistic_f32(x); }

// ln(1 + e^x), without overflow.
inline float softplus_f32(float x) {
  return (x > 0.0f ? x : 0.0f) + log1p_f32(exp_f32(-abs_f32(x)));
}

inline float softsign_f32(float x) { return x / (1.0f + abs_f32(x)); }

// x tanh(ln(1 + e^x)) = x n / (n + 2), n = e (e + 2), e = e^x; beyond 20 the quotient is 1.
inline float mish_f32(float x) {
  if (x > 20.0f) return x;
  const float e = exp_f32(x);
  const float n = e * (e + 2.0f);
  return x * (n / (n + 2.0f));
}

// x min(max(x + 3, 0), 6) / 6.
inline float hard_swish_f32(float x) { return x * clamp(x + 3.0f, 0.0f, 6.0f) / 6.0f; }

inline float neg_f32(float x) { return -x; }
inline float square_f32(float x) { return x * x; }
inline float reciprocal_f32(float x) { return 1.0f / x; }
inline float sign_f32(float x) { return x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x; }

// ---- with parameters ---------------------------------------------------------------------------

inline float leaky_relu_f32(float x, float alpha, float) { return x > 0.0f ? x : x * alpha; }
inline float elu_f32(float x, float alpha, float) { return x > 0.0f ? x : alpha * expm1_f32(x); }
inline float celu_f32(float x, float alpha, float) {
  return x > 0.0f ? x : alpha * expm1_f32(x / alpha);
}
inline float selu_f32(float x, float alpha, float gamma) {
  return gamma * (x > 0.0f ? x : alpha * expm1_f32(x));
}
inline float hard_sigmoid_f32(float x, float alpha, float beta) {
  return clamp(alpha * x + beta, 0.0f, 1.0f);
}
inline float thresholded_relu_f32(float x, float alpha, float) { return x > alpha ? x : 0.0f; }

}  // namespace mote
