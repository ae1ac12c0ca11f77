// SPDX-License-Identifier: Apache-2.0
// decide: scores to a decision. In: x [classes]. Out: decision [2] = {label, score}: the index of
// the largest score (the lowest index among equals), or -1, "uncertain", if that score is below the
// minimum; and that score, as a number of the input's quantised units (s8) or of 2^-16 (f32).
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"
#include "core/float_bits.h"

namespace mote {

struct DecideParams {
  int32_t classes;
  int32_t minimum;  // quantised; -128 takes every score
};
template <class Visitor>
void for_each_field(const DecideParams& p, Visitor& field) {
  field("classes", p.classes);
  field("minimum", p.minimum);
}

template <class T>
MOTE_INLINE int32_t index_of_largest(const T* x, int32_t count) {
  int32_t best = 0;
  for (int32_t i = 1; i < count; ++i)
    if (x[i] > x[best]) best = i;
  return best;
}

// The decision may not overlap x.
MOTE_INLINE void decide_s8(const DecideParams& p, const int8_t* x, int32_t* decision) {
  const int32_t best = index_of_largest(x, p.classes);
  decision[0] = x[best] < p.minimum ? -1 : best;
  decision[1] = x[best];
}

struct DecideF32Params {
  int32_t classes;
  float minimum;  // -FLT_MAX takes every score
};
template <class Visitor>
void for_each_field(const DecideF32Params& p, Visitor& field) {
  field("classes", p.classes);
  field("minimum", p.minimum);
}

// The decision may not overlap x.
MOTE_INLINE void decide_f32(const DecideF32Params& p, const float* x, int32_t* decision) {
  const int32_t best = index_of_largest(x, p.classes);
  decision[0] = x[best] < p.minimum ? -1 : best;
  decision[1] = to_int_saturating(x[best] * 65536.0f, kInt32Min, kInt32Max);
}

}  // namespace mote
