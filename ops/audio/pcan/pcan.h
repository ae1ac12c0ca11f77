// SPDX-License-Identifier: Apache-2.0
// pcan: per-channel amplitude normalisation: each channel times a gain that its noise estimate
// looks up, then compressed. In: uint32 channels, their noise, a table of a piecewise parabola.
// Out: uint32 with 6 fraction bits. The rule is TFLM's SignalPCAN (signal/src/pcan_argc_fixed.cc).
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"
#include "core/target.h"

namespace mote {

// Numbers in the gain table: 3 for noise 0 .. 2, then 4 an octave (the last unused), 3 of the last.
constexpr int32_t kPcanTableSize = 4 * 32 - 3;

struct PcanParams {
  int32_t count;
  int32_t snr_shift;  // 0 .. 63
};
template <class Visitor>
void for_each_field(const PcanParams& p, Visitor& field) {
  field("count", p.count);
  field("snr_shift", p.snr_shift);
}

// c0 + c1 f + c2 f^2 of x's octave, f = the 10 bits below its highest. |c2 f| < 2^25 before its
// shift; the sum times f wraps at 2^32 for tables that no gain curve gives.
MOTE_INLINE int16_t pcan_gain(uint32_t x, const int16_t* table) {
  if (x <= 2) return table[x];
  const int32_t bits = 32 - leading_zeros_u32(x);
  const int16_t* c = table + 4 * bits - 6;
  const int32_t fraction = (int32_t)((bits < 11 ? x << (11 - bits) : x >> (bits - 11)) & 0x3FF);
  int32_t sum = (c[2] * fraction) >> 5;
  sum = (int32_t)((uint32_t)sum + ((uint32_t)(int32_t)c[1] << 5));
  sum = (int32_t)((uint32_t)sum * (uint32_t)fraction + (1u << 14)) >> 15;
  return (int16_t)(sum + c[0]);
}

// x^2 / 4 below 2, x - 1 from there: 12 fraction bits in, 6 out.
MOTE_INLINE uint32_t pcan_shrink(uint32_t x) {
  return x < (2u << 12) ? (x * x) >> 20 : (x >> 6) - (1u << 6);
}

// x, noise, y [count], table [kPcanTableSize]; y may be x.
MOTE_INLINE void pcan_u32(const PcanParams& p, const uint32_t* x, const uint32_t* noise,
                          const int16_t* table, uint32_t* y) {
  for (int32_t i = 0; i < p.count; ++i) {
    const uint32_t gain = (uint32_t)(int32_t)pcan_gain(noise[i], table);
    y[i] = pcan_shrink((uint32_t)(((uint64_t)x[i] * gain) >> p.snr_shift));
  }
}

}  // namespace mote
