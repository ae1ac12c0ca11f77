// SPDX-License-Identifier: Apache-2.0
// fully_connected: output[b][o] = activation(bias[o] + sum_i input[b][i] * weights[o][i]). Shapes:
// input [batches, input_size], weights [output_size, input_size], bias [output_size] or null,
// output [batches, output_size]. The output may not overlap the input.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"
#include "ops/nn/layer_output.h"

namespace mote {

struct FullyConnectedParams {
  int32_t batches;
  int32_t input_size;
  int32_t output_size;
  int32_t input_zero_point;    // within the input's type
  int32_t weights_zero_point;  // -128..127
  int32_t output_zero_point;   // within the output's type
  int32_t output_min;          // activation clamp, quantised, after the zero point
  int32_t output_max;
};
template <class Visitor>
void for_each_field(const FullyConnectedParams& p, Visitor& field) {
  field("batches", p.batches);
  field("input_size", p.input_size);
  field("output_size", p.output_size);
  field("input_zero_point", p.input_zero_point);
  field("weights_zero_point", p.weights_zero_point);
  field("output_zero_point", p.output_zero_point);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
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

// The order of a sum is that of i.
template <class Rule, class P, class X, class W, class Y>
MOTE_INLINE void fully_connected(const P& p, const Rule& rule, const X* input, const W* weights,
                                 Y* output) {
  for (int32_t b = 0; b < p.batches; ++b) {
    for (int32_t o = 0; o < p.output_size; ++o) {
      const X* x = input + b * p.input_size;
      const W* w = weights + o * p.input_size;
      typename Rule::Sum sum = 0;
      for (int32_t i = 0; i < p.input_size; ++i)
        sum += (typename Rule::Sum)(rule.input(x[i]) * rule.weight(w[i]));
      output[b * p.output_size + o] = rule.output(sum, o);
    }
  }
}

// int8, one multiplier and shift an output channel. Bit-exact with TFLM FullyConnected and
// FullyConnectedPerChannel
// (tensorflow/lite/kernels/internal/reference/integer_ops/fully_connected.h). |sum| <= input_size *
// 255 * 128 stays in 32 bits for input_size <= 65,000, or half as many where the weights have a
// zero point; the host checks.
MOTE_INLINE void fully_connected_s8(const FullyConnectedParams& p, const int8_t* input,
                                    const int8_t* weights, const int32_t* bias,
                                    const int32_t* multipliers, const int32_t* shifts,
                                    int8_t* output) {
  fully_connected(p, OutputS8<FullyConnectedParams>{{p, multipliers, shifts}, bias}, input, weights,
                  output);
}

// int16 activations x int8 weights, 64-bit sums (the same file, with int64 bias).
MOTE_INLINE void fully_connected_s16(const FullyConnectedParams& p, const int16_t* input,
                                     const int8_t* weights, const int64_t* bias,
                                     const int32_t* multipliers, const int32_t* shifts,
                                     int16_t* output) {
  fully_connected(p, OutputS16<FullyConnectedParams>{{p, multipliers, shifts}, bias}, input,
                  weights, output);
}

// The same with 32-bit sums (with int32 bias).
MOTE_INLINE void fully_connected_s16_narrow(const FullyConnectedParams& p, const int16_t* input,
                                            const int8_t* weights, const int32_t* bias,
                                            const int32_t* multipliers, const int32_t* shifts,
                                            int16_t* output) {
  fully_connected(p, OutputS16Narrow<FullyConnectedParams>{{p, multipliers, shifts}, bias}, input,
                  weights, output);
}

MOTE_INLINE void fully_connected_f32(const FullyConnectedF32Params& p, const float* input,
                                     const float* weights, const float* bias, float* output) {
  fully_connected(p, OutputF32<FullyConnectedF32Params>{p, bias}, input, weights, output);
}

}  // namespace mote
