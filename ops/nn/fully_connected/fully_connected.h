// SPDX-License-Identifier: Apache-2.0
// fully_connected: output[b][o] = activation(bias[o] + sum_i input[b][i] * weights[o][i]).
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

struct FullyConnectedParams {
  int32_t batches;
  int32_t input_size;
  int32_t output_size;
  int32_t input_zero_point;   // -128..127
  int32_t output_zero_point;  // -128..127
  int32_t output_min;         // activation clamp, quantised, after the zero point
  int32_t output_max;
};
template <class Visitor>
void for_each_field(const FullyConnectedParams& p, Visitor& field) {
  field("batches", p.batches);
  field("input_size", p.input_size);
  field("output_size", p.output_size);
  field("input_zero_point", p.input_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// int8, weights symmetric (zero point 0), one multiplier and shift an output channel. Shapes: input
// [batches, input_size], weights [output_size, input_size], bias [output_size] or null, output
// [batches, output_size]. Bit-exact with TFLM FullyConnectedPerChannel
// (tensorflow/lite/kernels/internal/reference/integer_ops/fully_connected.h). |sum| <= input_size *
// 255 * 127 stays in 32 bits for input_size <= 66,000. The output may not overlap the input.
MOTE_INLINE void fully_connected_s8(const FullyConnectedParams& p, const int8_t* input,
                                    const int8_t* weights, const int32_t* bias,
                                    const int32_t* multipliers, const int32_t* shifts,
                                    int8_t* output) {
  for (int32_t b = 0; b < p.batches; ++b) {
    for (int32_t o = 0; o < p.output_size; ++o) {
      const int8_t* x = input + b * p.input_size;
      const int8_t* w = weights + o * p.input_size;
      int32_t sum = bias ? bias[o] : 0;
      for (int32_t i = 0; i < p.input_size; ++i) sum += (x[i] - p.input_zero_point) * w[i];
      sum = multiply_by_quantized_multiplier(sum, multipliers[o], shifts[o]);
      output[b * p.output_size + o] =
          (int8_t)clamp(sum + p.output_zero_point, p.output_min, p.output_max);
    }
  }
}

struct FullyConnectedF32Params {
  int32_t batches;
  int32_t input_size;
  int32_t output_size;
  float output_min;  // activation clamp; -FLT_MAX / FLT_MAX for none
  float output_max;
};
template <class Visitor>
void for_each_field(const FullyConnectedF32Params& p, Visitor& field) {
  field("batches", p.batches);
  field("input_size", p.input_size);
  field("output_size", p.output_size);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// float32: products are added in the order of i to 0, then the bias, as TFLM's reference does.
// Shapes as above.
MOTE_INLINE void fully_connected_f32(const FullyConnectedF32Params& p, const float* input,
                                     const float* weights, const float* bias, float* output) {
  for (int32_t b = 0; b < p.batches; ++b) {
    for (int32_t o = 0; o < p.output_size; ++o) {
      const float* x = input + b * p.input_size;
      const float* w = weights + o * p.input_size;
      float sum = 0.0f;
      for (int32_t i = 0; i < p.input_size; ++i) sum += x[i] * w[i];
      if (bias) sum += bias[o];
      output[b * p.output_size + o] = clamp(sum, p.output_min, p.output_max);
    }
  }
}

}  // namespace mote
