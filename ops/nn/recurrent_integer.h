// SPDX-License-Identifier: Apache-2.0
// What the integer forms of gru and rnn share. No runtime publishes such a rule; this is mote's: x
// and y are s8 or s16, weights s8 (zero point 0), biases s32 at the scale of the products they are
// added to, and h is kept in 16 bits, because a slow gate adds less than one step of 8 bits to it.
// Each product of a row with weights is exact; scaled to a fixed point it is rounded once, and so
// are interpolations and y: to the nearest, halves to even.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_point.h"
#include "core/target.h"
#include "ops/nn/sequence.h"
#include "ops/nn/sigmoid_s16.h"

namespace mote {

// A sum of a gate is in steps of 2^-18 where a curve follows; each of its parts saturates at 2^27
// steps (512), where every curve is flat.
constexpr int32_t kGateLimit = (int32_t)1 << 27;

// round(x / 2^shift), halves to even. |x| < 2^62, shift 1 .. 62.
MOTE_INLINE int64_t half_to_even(int64_t x, int32_t shift) {
  const int64_t odd = (x >> shift) & 1;
  return (x + ((int64_t)1 << (shift - 1)) - 1 + odd) >> shift;
}

// x multiplier 2^(shift - 31); x saturates at 32 bits, multiplier < 2^31, shift -31 .. 30.
MOTE_INLINE int64_t rounded_product(int64_t x, int32_t multiplier, int32_t shift) {
  return half_to_even(clamp<int64_t>(x, kInt32Min, kInt32Max) * multiplier, 31 - shift);
}
MOTE_INLINE int32_t gate_part(int64_t sum, int32_t multiplier, int32_t shift) {
  const int64_t part = rounded_product(sum, multiplier, shift);
  return (int32_t)clamp<int64_t>(part, -kGateLimit, kGateLimit);
}

// sum_i (x[i] - zero_point) w[i]. s8: below 2^31 to 32768 inputs (sequence.h).
MOTE_INLINE int64_t gate_dot(const int8_t* x, const int8_t* w, int32_t count, int32_t zero_point) {
  return dot_offset<int32_t>(x, w, count, zero_point);
}
// s16, whose zero point is 0: 512 products of at most 2^15 * 127 stay in 32 bits.
MOTE_INLINE int64_t gate_dot(const int16_t* x, const int8_t* w, int32_t count, int32_t) {
  int64_t sum = 0;
  for (int32_t first = 0; first < count; first += 512) {
    const int32_t last = count - first < 512 ? count : first + 512;
    int32_t part = 0;
    for (int32_t i = first; i < last; ++i) part += x[i] * w[i];
    sum += part;
  }
  return sum;
}

// From h in the state, s16 without zero point, to y = zero point + h scale of h / scale of y; and
// from the h before the first step, which has a scale and zero point of its own, to the state.
struct OutputForm {
  int32_t multiplier, shift, zero_point;
  int32_t initial_multiplier, initial_shift, initial_zero_point;

  MOTE_INLINE int32_t within(int64_t x, int32_t least) const {
    return (int32_t)clamp<int64_t>(x, least, -least - 1);
  }
  template <class T>
  MOTE_INLINE void start(const SequenceEnds<T>& ends, int32_t count, int16_t* hidden) const {
    for (int32_t i = 0; i < count; ++i) {
      const int32_t h = ends.initial ? ends.initial[i] - initial_zero_point : 0;
      hidden[i] = (int16_t)within(rounded_product(h, initial_multiplier, initial_shift), -32768);
    }
  }
  template <class T>
  MOTE_INLINE void show(const int16_t* hidden, int32_t count, T* y) const {
    const int32_t least = sizeof(T) == 1 ? -128 : -32768;
    for (int32_t i = 0; i < count; ++i)
      y[i] = (T)within(rounded_product(hidden[i], multiplier, shift) + zero_point, least);
  }
};

// Fields that the integer Params of both share, behind those of the sequence.
template <class Params, class Visitor>
void for_each_integer_field(const Params& p, Visitor& field) {
  field("hidden_bits", p.hidden_bits);  // of h before the binary point, where a curve's are 0
  field("input_zero_point", p.input_zero_point);
  field("x_multiplier", p.x_multiplier);  // by gate: W x + b to steps of the gate's sum
  field("x_shift", p.x_shift);
  field("h_multiplier", p.h_multiplier);  // by gate: R h (+ d)
  field("h_shift", p.h_shift);
  field("output_multiplier", p.output_multiplier);  // h to y
  field("output_shift", p.output_shift);
  field("output_zero_point", p.output_zero_point);
  field("initial_multiplier", p.initial_multiplier);  // h before the first step to h
  field("initial_shift", p.initial_shift);
  field("initial_zero_point", p.initial_zero_point);
}
template <class Params>
MOTE_INLINE OutputForm output_form(const Params& p) {
  return {p.output_multiplier,  p.output_shift,  p.output_zero_point,
          p.initial_multiplier, p.initial_shift, p.initial_zero_point};
}

}  // namespace mote
