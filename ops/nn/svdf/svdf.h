// SPDX-License-Identifier: Apache-2.0
// svdf: a fully connected layer over the last `memory` inputs whose weights are products of a
// feature and a time vector. Each filter f keeps its last dot products in the state:
//   state[b][f] = (state[b][f] shifted by one, sum_i x[b][i] * features[f][i])
//   y[b][u] = activation(bias[u] + sum_{r < rank} sum_m times[u * rank + r][m] * state[b][u * rank
//   + r][m])
// Shapes: x [batches, input_size], features [units * rank, input_size], times [units * rank,
// memory], bias [units] or null, state [batches, units * rank, memory], y [batches, units]. The
// rule of TFLM's tensorflow/lite/micro/kernels/svdf_common.cc. y may not overlap x.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

struct SvdfParams {
  int32_t batches;
  int32_t input_size;
  int32_t units;
  int32_t rank;
  int32_t memory;
  int32_t input_zero_point;
  int32_t state_zero_point;  // 0 for an s16 state
  int32_t output_zero_point;
  int32_t state_multiplier;  // input scale * features' scale / state scale
  int32_t state_shift;
  int32_t output_multiplier;  // state scale * times' scale / output scale
  int32_t output_shift;
};
template <class Visitor>
void for_each_field(const SvdfParams& p, Visitor& field) {
  field("batches", p.batches);
  field("input_size", p.input_size);
  field("units", p.units);
  field("rank", p.rank);
  field("memory", p.memory);
  field("input_zero_point", p.input_zero_point);
  field("state_zero_point", p.state_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("state_multiplier", p.state_multiplier);
  field("state_shift", p.state_shift);
  field("output_multiplier", p.output_multiplier);
  field("output_shift", p.output_shift);
}

struct SvdfF32Params {
  int32_t batches;
  int32_t input_size;
  int32_t units;
  int32_t rank;
  int32_t memory;
  float output_min;  // activation clamp; -FLT_MAX / FLT_MAX for none
  float output_max;
};
template <class Visitor>
void for_each_field(const SvdfF32Params& p, Visitor& field) {
  field("batches", p.batches);
  field("input_size", p.input_size);
  field("units", p.units);
  field("rank", p.rank);
  field("memory", p.memory);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

template <class T>
MOTE_INLINE void append(T* history, int32_t memory, T newest) {
  for (int32_t m = 0; m + 1 < memory; ++m) history[m] = history[m + 1];
  history[memory - 1] = newest;
}

// The newest state: |sum| <= input_size * 255 * 128 stays in 32 bits for input_size <= 65,000. It
// is clamped before the zero point is added, which an int8 state therefore wraps with, as TFLM's
// does.
template <class T>
MOTE_INLINE T svdf_feature(const SvdfParams& p, const int8_t* x, const int8_t* features) {
  int32_t sum = 0;
  for (int32_t i = 0; i < p.input_size; ++i) sum += (x[i] - p.input_zero_point) * features[i];
  const int32_t limit = sizeof(T) == 1 ? 127 : 32767;
  const int32_t scaled = multiply_by_quantized_multiplier(sum, p.state_multiplier, p.state_shift);
  return (T)(p.state_zero_point + clamp(scaled, -limit - 1, limit));
}

// |product| <= 2^30 each; sums wrap, as TFLM's do. T is the type of state and times.
template <class T>
MOTE_INLINE void svdf_integer(const SvdfParams& p, const int8_t* x, const int8_t* features,
                              const T* times, const int32_t* bias, T* state, int8_t* y) {
  for (int32_t b = 0; b < p.batches; ++b, x += p.input_size) {
    for (int32_t u = 0; u < p.units; ++u) {
      uint32_t sum = bias ? (uint32_t)bias[u] : 0;
      for (int32_t f = u * p.rank; f < (u + 1) * p.rank; ++f, state += p.memory) {
        append(state, p.memory, svdf_feature<T>(p, x, features + f * p.input_size));
        for (int32_t m = 0; m < p.memory; ++m)
          sum += (uint32_t)(times[f * p.memory + m] * (state[m] - p.state_zero_point));
      }
      const int32_t scaled =
          multiply_by_quantized_multiplier((int32_t)sum, p.output_multiplier, p.output_shift);
      *y++ = (int8_t)clamp<int32_t>(wrapping_add(scaled, p.output_zero_point), -128, 127);
    }
  }
}

MOTE_INLINE void svdf_s8_s16(const SvdfParams& p, const int8_t* x, const int8_t* features,
                             const int16_t* times, const int32_t* bias, int16_t* state, int8_t* y) {
  svdf_integer(p, x, features, times, bias, state, y);
}
MOTE_INLINE void svdf_s8_s8(const SvdfParams& p, const int8_t* x, const int8_t* features,
                            const int8_t* times, const int32_t* bias, int8_t* state, int8_t* y) {
  svdf_integer(p, x, features, times, bias, state, y);
}

// float32: products are added in the order of i and m to 0; the filters' sums in the order of r to
// the bias.
MOTE_INLINE void svdf_f32(const SvdfF32Params& p, const float* x, const float* features,
                          const float* times, const float* bias, float* state, float* y) {
  for (int32_t b = 0; b < p.batches; ++b, x += p.input_size) {
    for (int32_t u = 0; u < p.units; ++u) {
      float sum = bias ? bias[u] : 0.0f;
      for (int32_t f = u * p.rank; f < (u + 1) * p.rank; ++f, state += p.memory) {
        float feature = 0.0f;
        for (int32_t i = 0; i < p.input_size; ++i) feature += features[f * p.input_size + i] * x[i];
        append(state, p.memory, feature);
        float over_time = 0.0f;
        for (int32_t m = 0; m < p.memory; ++m) over_time += times[f * p.memory + m] * state[m];
        sum += over_time;
      }
      *y++ = clamp(sum, p.output_min, p.output_max);
    }
  }
}

}  // namespace mote
