// SPDX-License-Identifier: Apache-2.0
// What layers with weights share: how an input and a weight become a product, and how a sum of
// products becomes an output. One rule a combination of types; the layers' loops take a rule as a
// template argument, so that each loop is written once. P holds input_zero_point,
// output_zero_point, output_min and output_max (for float: the last two); a layer whose weights
// have a zero point also weights_zero_point.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

// float32: the products are added to 0 in the layer's order, then the bias, as TFLM's reference
// does.
template <class P>
struct OutputF32 {
  using Sum = float;
  const P& p;
  const float* bias;  // of an output channel each, or null

  MOTE_INLINE float input(float x) const { return x; }
  MOTE_INLINE float weight(float w) const { return w; }
  MOTE_INLINE float output(float sum, int32_t channel) const {
    if (bias) sum += bias[channel];
    return clamp(sum, p.output_min, p.output_max);
  }
};

// What the integer rules share; a rule is written {{params, multipliers, shifts}, bias}. A product:
// |x - zero point| <= 255 (s8) or 65535 (s16) times |w| <= 255 stays in 31 bits.
template <class P>
struct QuantizedTerms {
  const P& p;
  const int32_t* multipliers;  // of an output channel each
  const int32_t* shifts;

  MOTE_INLINE int32_t input(int32_t x) const { return x - p.input_zero_point; }
  MOTE_INLINE int32_t weight(int32_t w) const { return w - p.weights_zero_point; }
  MOTE_INLINE int32_t clamped(int32_t scaled) const {
    return clamp(wrapping_add(scaled, p.output_zero_point), p.output_min, p.output_max);
  }
};

// int8 x int8 with 32-bit sums, which the host keeps below 2^31 before the bias (TFLM
// reference/integer_ops/conv.h, fully_connected.h ...: ConvPerChannel for int8).
template <class P>
struct OutputS8 : QuantizedTerms<P> {
  using Sum = int32_t;
  const int32_t* bias;

  MOTE_INLINE int8_t output(int32_t sum, int32_t channel) const {
    if (bias) sum = wrapping_add(sum, bias[channel]);
    return (int8_t)this->clamped(
        multiply_by_quantized_multiplier(sum, this->multipliers[channel], this->shifts[channel]));
  }
};

// int16 x int8 with 64-bit sums: 2^24 products of 2^22, or 2^22 of 2^24, and a bias below 2^46 stay
// within the 2^47 that multiply_by_quantized_multiplier_s64 takes; the host refuses more.
template <class P>
struct OutputS16 : QuantizedTerms<P> {
  using Sum = int64_t;
  const int64_t* bias;

  MOTE_INLINE int16_t output(int64_t sum, int32_t channel) const {
    if (bias) sum += bias[channel];
    return (int16_t)this->clamped(multiply_by_quantized_multiplier_s64(
        sum, this->multipliers[channel], this->shifts[channel]));
  }
};

// int16 x int8 with the 32-bit sums that TFLM uses where the bias is int32. They may overflow, and
// wrap.
template <class P>
struct OutputS16Narrow : QuantizedTerms<P> {
  using Sum = uint32_t;
  const int32_t* bias;

  MOTE_INLINE int16_t output(uint32_t sum, int32_t channel) const {
    if (bias) sum += (uint32_t)bias[channel];
    return (int16_t)this->clamped(multiply_by_quantized_multiplier(
        (int32_t)sum, this->multipliers[channel], this->shifts[channel]));
  }
};

}  // namespace mote
