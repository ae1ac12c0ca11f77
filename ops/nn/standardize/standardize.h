// SPDX-License-Identifier: Apache-2.0
// standardize: features to network input. y[i] = clamp((x[i] * scale - mean[i % m]) * inv_std[i %
// m], [-range, range * 127 / 128]), as float32 or as int8 with scale range / 128 and zero point 0.
// In: s16 counts, s32 fixed point or f32; out: f32 or s8. Non-finite input never comes here (push()
// refuses it).
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"
#include "core/float_bits.h"

namespace mote {

struct StandardizeParams {
  int32_t count;      // elements; a multiple of period
  int32_t period;     // m: entries in the tables
  int32_t left_bits;  // the input is scaled up by 2^left_bits before the offset is taken; 15 for
                      // s16, 0 for s32
};
template <class Visitor>
void for_each_field(const StandardizeParams& p, Visitor& field) {
  field("count", p.count);
  field("period", p.period);
  field("left_bits", p.left_bits);
}

// round((x * 2^left_bits - offset) * multiplier / 2^shift), halves up, saturated to int8. 0 <=
// multiplier <= 2^30, 0 <= shift <= 62: the difference is below 2^32, the product at most 2^62 and
// the rounding term at most 2^61, so 64 bits hold the sum. `x` times 2^left_bits stays in 32 bits:
// 2^15 * 2^15 for s16.
MOTE_INLINE int8_t standardize_to_s8(int32_t x, int32_t offset, int32_t multiplier, int32_t shift) {
  const int64_t difference = (int64_t)x - (int64_t)offset;
  const int64_t rounding = ((int64_t)1 << shift) >> 1;
  const int64_t q = (difference * multiplier + rounding) >> shift;
  return (int8_t)clamp(q, (int64_t)-128, (int64_t)127);
}

// x [count] s32, tables [period] s32 -> y [count] s8. y may be x: element i is written at or before
// where it was read.
MOTE_INLINE void standardize_s32_s8(const StandardizeParams& p, const int32_t* x,
                                    const int32_t* offsets, const int32_t* multipliers,
                                    const int32_t* shifts, int8_t* y) {
  for (int32_t start = 0; start < p.count; start += p.period)
    for (int32_t j = 0; j < p.period; ++j)
      y[start + j] = standardize_to_s8(x[start + j], offsets[j], multipliers[j], shifts[j]);
}

// x [count] s16, tables [period] s32 -> y [count] s8. y may be x.
MOTE_INLINE void standardize_s16_s8(const StandardizeParams& p, const int16_t* x,
                                    const int32_t* offsets, const int32_t* multipliers,
                                    const int32_t* shifts, int8_t* y) {
  const int32_t unit = (int32_t)1 << p.left_bits;
  for (int32_t start = 0; start < p.count; start += p.period)
    for (int32_t j = 0; j < p.period; ++j)
      y[start + j] = standardize_to_s8(x[start + j] * unit, offsets[j], multipliers[j], shifts[j]);
}

struct StandardizeF32Params {
  int32_t count;
  int32_t period;
  float scale;  // of the input; 1 for f32
  float low;    // -range
  float high;   // range * 127 / 128
};
template <class Visitor>
void for_each_field(const StandardizeF32Params& p, Visitor& field) {
  field("count", p.count);
  field("period", p.period);
  field("scale", p.scale);
  field("low", p.low);
  field("high", p.high);
}

// x [count] f32, factors and terms [period] f32 -> y [count] s8: x * factor + term (two roundings),
// to the nearest integer with halves to even, saturated. Params' scale, low and high are not used.
// y may be x.
MOTE_INLINE void standardize_f32_s8(const StandardizeF32Params& p, const float* x,
                                    const float* factors, const float* terms, int8_t* y) {
  for (int32_t start = 0; start < p.count; start += p.period)
    for (int32_t j = 0; j < p.period; ++j)
      y[start + j] = (int8_t)to_int_saturating(x[start + j] * factors[j] + terms[j], -128, 127);
}

// x [count] f32, mean and inv_std [period] f32 -> y [count] f32. y may be x.
MOTE_INLINE void standardize_f32(const StandardizeF32Params& p, const float* x, const float* mean,
                                 const float* inv_std, float* y) {
  for (int32_t start = 0; start < p.count; start += p.period)
    for (int32_t j = 0; j < p.period; ++j)
      y[start + j] = clamp((x[start + j] * p.scale - mean[j]) * inv_std[j], p.low, p.high);
}

// x [count] s32 -> y [count] f32; the conversion to float rounds to nearest even. y may be x.
MOTE_INLINE void standardize_s32_f32(const StandardizeF32Params& p, const int32_t* x,
                                     const float* mean, const float* inv_std, float* y) {
  for (int32_t start = 0; start < p.count; start += p.period)
    for (int32_t j = 0; j < p.period; ++j)
      y[start + j] = clamp(((float)x[start + j] * p.scale - mean[j]) * inv_std[j], p.low, p.high);
}

// x [count] s16 -> y [count] f32. From the last element to the first, so y may begin where x does.
MOTE_INLINE void standardize_s16_f32(const StandardizeF32Params& p, const int16_t* x,
                                     const float* mean, const float* inv_std, float* y) {
  for (int32_t start = p.count - p.period; start >= 0; start -= p.period)
    for (int32_t j = p.period - 1; j >= 0; --j)
      y[start + j] = clamp(((float)x[start + j] * p.scale - mean[j]) * inv_std[j], p.low, p.high);
}

}  // namespace mote
