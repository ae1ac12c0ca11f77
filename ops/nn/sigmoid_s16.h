// SPDX-License-Identifier: Apache-2.0
// 1 / (1 + e^-x) and tanh x of int16 numbers by one table of the upper half of the logistic curve,
// table[i] = 2^16 logistic(i / 24), and linear interpolation; tanh x = 2 logistic(2 x) - 1.
// Bit-exact with TFLM's int16 Logistic and Tanh
// (tensorflow/lite/kernels/internal/reference/integer_ops/ logistic.h, tanh.h). x, y [count], table
// [256]; y may be x. Output scale 2^-15, zero point 0.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

struct SigmoidS16Params {
  int32_t count;
  int32_t multiplier;  // 3 .. 32767; x * multiplier / 2^shift counts steps of 1 / (3 * 4096)
  int32_t shift;       // 0 .. 31
};
template <class Visitor>
void for_each_field(const SigmoidS16Params& p, Visitor& field) {
  field("count", p.count);
  field("multiplier", p.multiplier);
  field("shift", p.shift);
}

// |x * multiplier| <= 2^15 * 32767 and the rounding term is at most 2^30: below 2^31.
MOTE_INLINE int32_t sigmoid_argument(const SigmoidS16Params& p, int32_t x) {
  const int32_t half = p.shift > 0 ? (int32_t)((uint32_t)1 << (p.shift - 1)) : 0;
  return (x * p.multiplier + half) >> p.shift;
}

// The table at `magnitude` / 2^bits, with `bits` fraction bits more; `most` beyond its last
// interval.
MOTE_INLINE int32_t sigmoid_interpolated(const uint16_t* table, uint32_t magnitude, int32_t bits,
                                         int32_t most) {
  const uint32_t at = magnitude >> bits;
  if (at >= 255) return most;
  const uint32_t a = table[at];
  const uint32_t b = table[at + 1];
  return (int32_t)((a << bits) + (magnitude & (((uint32_t)1 << bits) - 1)) * (b - a));
}

// The interpolated value is below 2^25.
MOTE_INLINE void logistic_s16(const SigmoidS16Params& p, const int16_t* x, const uint16_t* table,
                              int16_t* y) {
  for (int32_t i = 0; i < p.count; ++i) {
    const int32_t at = sigmoid_argument(p, x[i]);
    const uint32_t magnitude = (uint32_t)(at < 0 ? -at : at);
    const int32_t value = sigmoid_interpolated(table, magnitude, 9, 0x7fff << 10);
    const int32_t half = (int32_t)1 << 9;
    const int32_t turned = at >= 0 ? value + half : ((int32_t)1 << 25) - value + half - 1;
    y[i] = (int16_t)(turned >> 10);
  }
}

// The interpolated value is below 2^24.
MOTE_INLINE void tanh_s16(const SigmoidS16Params& p, const int16_t* x, const uint16_t* table,
                          int16_t* y) {
  for (int32_t i = 0; i < p.count; ++i) {
    const int32_t at = sigmoid_argument(p, x[i]);
    const uint32_t magnitude = (uint32_t)(at < 0 ? -at : at);
    const int32_t value = sigmoid_interpolated(table, magnitude, 8, 0xffff << 8);
    const int32_t one = (int32_t)1 << 23;
    const int32_t half = (int32_t)1 << 7;
    const int32_t turned = at >= 0 ? value - one + half : one - value + half - 1;
    y[i] = (int16_t)(turned >> 8);
  }
}

// The same of one number x / 2^18 in Q0.15: finer than int16 says its argument. |x| < 2^28; table
// values interpolated with 15 bits are below 2^31.
MOTE_INLINE int32_t logistic_q15(const uint16_t* table, int32_t x) {
  const uint32_t magnitude = 3 * (uint32_t)(x < 0 ? -x : x);
  const auto value = (uint32_t)sigmoid_interpolated(table, magnitude, 15, 0x7fff << 16);
  const uint32_t turned = x < 0 ? ((uint32_t)1 << 31) - value : value;
  return (int32_t)((turned + ((uint32_t)1 << 15)) >> 16);
}
MOTE_INLINE int32_t tanh_q15(const uint16_t* table, int32_t x) {
  const uint32_t magnitude = 3 * (uint32_t)(x < 0 ? -x : x);
  const int32_t value = sigmoid_interpolated(table, magnitude, 14, 0xffff << 14);
  const int32_t turned = (value - ((int32_t)1 << 29) + ((int32_t)1 << 13)) >> 14;
  return x < 0 ? -turned : turned;
}

}  // namespace mote
