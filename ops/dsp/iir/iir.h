// SPDX-License-Identifier: Apache-2.0
// iir: a cascade of second-order sections on each axis, one sample at a time; coefficients are
// designed on the host. In: [axes] int16 or float32. Out: the same. State: the history of every
// section.
#pragma once
#include "core/fixed_math.h"
#include "core/fixed_point.h"

namespace mote {

struct IirParams {
  int32_t axes;
  int32_t sections;
};
template <class Visitor>
void for_each_field(const IirParams& p, Visitor& field) {
  field("axes", p.axes);
  field("sections", p.sections);
}

// Coefficients of a section: b0, b1, b2, a1, a2 (a0 = 1), in Q28 or float32.
inline constexpr int32_t kIirCoefficients = 5;
// The fixed signal between sections has 12 bits of fraction: full scale is 2^27, a section may gain
// up to 16.
inline constexpr int kIirFractionBits = 12;

// int32 words of state of one axis: x[n-1], x[n-2] of each section and of the output, and a
// remainder of each section.
constexpr int32_t iir_state_words(int32_t sections) { return 3 * sections + 2; }

// y = (b0 x + b1 x1 + b2 x2 - a1 y1 - a2 y2 + remainder) / 2^28, rounded down; what is cut off goes
// into the next sample (first-order error feedback), so that rounding adds no offset and no limit
// cycle at low frequencies. Direct form I: x1, x2 are history[0..1], y1, y2 history[2..3]. The sum
// of |coefficients| is below 8 (host): |sum| < 2^31 2^31 + 2^28.
inline int32_t iir_section_s32(const int32_t* c, int32_t x, const int32_t* history,
                               int32_t* remainder) {
  const int64_t sum = static_cast<int64_t>(c[0]) * x + static_cast<int64_t>(c[1]) * history[0] +
                      static_cast<int64_t>(c[2]) * history[1] -
                      static_cast<int64_t>(c[3]) * history[2] -
                      static_cast<int64_t>(c[4]) * history[3] + *remainder;
  *remainder = static_cast<int32_t>(sum & ((1 << 28) - 1));
  return saturate_s32(sum >> 28);
}

// out may be in. The output is rounded to nearest and saturates.
MOTE_INLINE void iir_s16(const IirParams& p, const int16_t* in, const int32_t* coefficients,
                         int32_t* state, int16_t* out) {
  for (int32_t a = 0; a < p.axes; ++a) {
    int32_t* history = state;
    int32_t* remainder = state + 2 * p.sections + 2;
    const int32_t* c = coefficients;
    int32_t x = in[a] * (1 << kIirFractionBits);
    for (int32_t s = 0; s < p.sections; ++s) {
      const int32_t y = iir_section_s32(c, x, history, remainder++);
      history[1] = history[0];
      history[0] = x;
      history += 2;
      c += kIirCoefficients;
      x = y;
    }
    history[1] = history[0];
    history[0] = x;
    state += iir_state_words(p.sections);
    out[a] = saturate_s16(shift_right_rounding_s32(x, kIirFractionBits));
  }
}

// Transposed direct form II: y = b0 x + s1; s1 = (b1 x - a1 y) + s2; s2 = b2 x - a2 y. state
// [axes][sections][2].
MOTE_INLINE void iir_f32(const IirParams& p, const float* in, const float* coefficients,
                         float* state, float* out) {
  for (int32_t a = 0; a < p.axes; ++a) {
    const float* c = coefficients;
    float x = in[a];
    for (int32_t s = 0; s < p.sections; ++s) {
      const float y = c[0] * x + state[0];
      state[0] = (c[1] * x - c[3] * y) + state[1];
      state[1] = c[2] * x - c[4] * y;
      state += 2;
      c += kIirCoefficients;
      x = y;
    }
    out[a] = x;
  }
}

}  // namespace mote
