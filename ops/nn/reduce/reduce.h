// SPDX-License-Identifier: Apache-2.0
// reduce: one number of many, over any dimensions (ops/nn/reduce_shape.h): sum, product, largest,
// smallest; norms and logarithms of sums in float32. Numbers are taken in the order in which they
// lie in x. y may not overlap x.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"
#include "core/float_math.h"
#include "ops/nn/integer_arithmetic.h"
#include "ops/nn/reduce_shape.h"

namespace mote {

// ---- largest and smallest, of any type ---------------------------------------------------------

template <class T>
MOTE_INLINE void reduce_max(const ReduceParams& p, const T* x, T* y) {
  for_each_kept(p, x, y, [&p](const T* first) {
    T most = *first;
    for_each_reduced(p, first, [&most](T v) { most = v > most ? v : most; });
    return most;
  });
}

template <class T>
MOTE_INLINE void reduce_min(const ReduceParams& p, const T* x, T* y) {
  for_each_kept(p, x, y, [&p](const T* first) {
    T least = *first;
    for_each_reduced(p, first, [&least](T v) { least = v < least ? v : least; });
    return least;
  });
}

// ---- integers without a scale, modulo 2^32 or 2^64 ---------------------------------------------

template <class T>
MOTE_INLINE void reduce_sum_integers(const ReduceParams& p, const T* x, T* y) {
  for_each_kept(p, x, y, [&p](const T* first) {
    T sum = 0;
    for_each_reduced(p, first, [&sum](T v) { sum = wrapping_add(sum, v); });
    return sum;
  });
}

template <class T>
MOTE_INLINE void reduce_prod_integers(const ReduceParams& p, const T* x, T* y) {
  for_each_kept(p, x, y, [&p](const T* first) {
    T product = 1;
    for_each_reduced(p, first, [&product](T v) { product = wrapping_mul(product, v); });
    return product;
  });
}

// ---- int8 and int16 with scales ----------------------------------------------------------------

struct ReduceScaledParams {
  int32_t kept[3];
  int32_t kept_stride[3];
  int32_t reduced[3];
  int32_t reduced_stride[3];
  int32_t input_zero_point;
  int32_t output_zero_point;
  int32_t zero_points;  // of all numbers of one output, modulo 2^32
  int32_t multiplier;
  int32_t shift;
  int32_t output_min;  // of the type
  int32_t output_max;
};
template <class Visitor>
void for_each_field(const ReduceScaledParams& p, Visitor& field) {
  reduce_fields(p, field);
  field("input_zero_point", p.input_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("zero_points", p.zero_points);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// The sum, or the mean where the multiplier has the division in it. Bit-exact with TFLM
// QuantizedMeanOrSum (tensorflow/lite/kernels/internal/reference/reduce.h), which adds modulo 2^32,
// too: exact while 255 (int8) or 65535 (int16) times the count stays below 2^31.
template <class T>
MOTE_INLINE void reduce_sum_scaled(const ReduceScaledParams& p, const T* x, T* y) {
  for_each_kept(p, x, y, [&p](const T* first) {
    uint32_t sum = 0;
    for_each_reduced(p, first, [&sum](T v) { sum += (uint32_t)(int32_t)v; });
    const int32_t q = multiply_by_quantized_multiplier((int32_t)(sum - (uint32_t)p.zero_points),
                                                       p.multiplier, p.shift);
    return (T)clamp((int32_t)((uint32_t)q + (uint32_t)p.output_zero_point), p.output_min,
                    p.output_max);
  });
}

// The product: the multiplier is the n-th root of input scale^n / output scale, applied after every
// factor so that nothing grows; after the first one it is applied at the end. The rule of TFLite
// QuantizedReduceProd (reference/reduce.h); between factors the product is held to 31 bits, where
// TFLite lets it wrap. |product * factor| < 2^31 * 2^16 = 2^47.
template <class T>
MOTE_INLINE void reduce_prod_scaled(const ReduceScaledParams& p, const T* x, T* y) {
  for_each_kept(p, x, y, [&p](const T* first) {
    int32_t product = 0;
    bool begun = false;
    for_each_reduced(p, first, [&](T v) {
      const int32_t factor = (int32_t)v - p.input_zero_point;
      product = begun ? multiply_by_quantized_multiplier_s64((int64_t)product * factor,
                                                             p.multiplier, p.shift)
                      : factor;
      begun = true;
    });
    const int32_t q = multiply_by_quantized_multiplier_s64(product, p.multiplier, p.shift);
    return (T)clamp((int32_t)((uint32_t)q + (uint32_t)p.output_zero_point), p.output_min,
                    p.output_max);
  });
}

// ---- float32 -----------------------------------------------------------------------------------

MOTE_INLINE void reduce_sum_f32(const ReduceParams& p, const float* x, float* y) {
  for_each_kept(p, x, y, [&p](const float* first) {
    float sum = 0.0f;
    for_each_reduced(p, first, [&sum](float v) { sum += v; });
    return sum;
  });
}

MOTE_INLINE void reduce_prod_f32(const ReduceParams& p, const float* x, float* y) {
  for_each_kept(p, x, y, [&p](const float* first) {
    float product = 1.0f;
    for_each_reduced(p, first, [&product](float v) { product *= v; });
    return product;
  });
}

MOTE_INLINE void reduce_l1_f32(const ReduceParams& p, const float* x, float* y) {
  for_each_kept(p, x, y, [&p](const float* first) {
    float sum = 0.0f;
    for_each_reduced(p, first, [&sum](float v) { sum += abs_f32(v); });
    return sum;
  });
}

MOTE_INLINE float sum_of_squares(const ReduceParams& p, const float* first) {
  float sum = 0.0f;
  for_each_reduced(p, first, [&sum](float v) { sum += v * v; });
  return sum;
}

MOTE_INLINE void reduce_sum_square_f32(const ReduceParams& p, const float* x, float* y) {
  for_each_kept(p, x, y, [&p](const float* first) { return sum_of_squares(p, first); });
}

MOTE_INLINE void reduce_l2_f32(const ReduceParams& p, const float* x, float* y) {
  for_each_kept(p, x, y, [&p](const float* first) { return sqrt_f32(sum_of_squares(p, first)); });
}

MOTE_INLINE void reduce_log_sum_f32(const ReduceParams& p, const float* x, float* y) {
  for_each_kept(p, x, y, [&p](const float* first) {
    float sum = 0.0f;
    for_each_reduced(p, first, [&sum](float v) { sum += v; });
    return log_f32(sum);
  });
}

// m + ln sum e^(x - m), m the largest x.
MOTE_INLINE void reduce_log_sum_exp_f32(const ReduceParams& p, const float* x, float* y) {
  for_each_kept(p, x, y, [&p](const float* first) {
    float most = *first;
    for_each_reduced(p, first, [&most](float v) { most = v > most ? v : most; });
    float sum = 0.0f;
    for_each_reduced(p, first, [&sum, most](float v) { sum += exp_f32(v - most); });
    return most + log_f32(sum);
  });
}

}  // namespace mote
