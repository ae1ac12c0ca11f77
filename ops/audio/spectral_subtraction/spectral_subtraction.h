// SPDX-License-Identifier: Apache-2.0
// spectral_subtraction: each channel less a running estimate of its noise, but never below a share
// of itself. In: uint32 channels. Out: uint32 channels and the noise estimate (with smoothing_bits
// more fraction bits), which is the state as well. The rule is TFLM's
// SignalFilterBankSpectralSubtraction (signal/src/filter_bank_spectral_subtraction.cc).
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

// Coefficients have `bits` fraction bits; [0] for channels of even index, [1] for odd.
struct SpectralSubtractionParams {
  int32_t count;
  uint32_t smoothing[2];
  uint32_t one_minus_smoothing[2];
  uint32_t min_signal_remaining;
  int32_t smoothing_bits;  // 0 .. 31
  int32_t bits;            // 0 .. 63
  bool clamping;           // the estimate follows a signal that falls below it
};
template <class Visitor>
void for_each_field(const SpectralSubtractionParams& p, Visitor& field) {
  field("count", p.count);
  field("smoothing", p.smoothing);
  field("one_minus_smoothing", p.one_minus_smoothing);
  field("min_signal_remaining", p.min_signal_remaining);
  field("smoothing_bits", p.smoothing_bits);
  field("bits", p.bits);
  field("clamping", p.clamping);
}

// x, estimate, y, noise [count]; y may be x. estimate = (signal smoothing + estimate (1 -
// smoothing)) >> bits in 64 bits, cut to 32, where signal = x << smoothing_bits wraps at 2^32.
MOTE_INLINE void spectral_subtraction_u32(const SpectralSubtractionParams& p, const uint32_t* x,
                                          uint32_t* estimate, uint32_t* y, uint32_t* noise) {
  for (int32_t i = 0; i < p.count; ++i) {
    const uint32_t input = x[i], signal = input << p.smoothing_bits;
    const uint64_t mixed = (uint64_t)signal * p.smoothing[i & 1] +
                           (uint64_t)estimate[i] * p.one_minus_smoothing[i & 1];
    estimate[i] = (uint32_t)(mixed >> p.bits);
    const uint32_t subtrahend = estimate[i] > signal ? signal : estimate[i];
    if (p.clamping) estimate[i] = subtrahend;
    const uint32_t floor = (uint32_t)(((uint64_t)input * p.min_signal_remaining) >> p.bits);
    const uint32_t rest = (signal - subtrahend) >> p.smoothing_bits;
    y[i] = rest > floor ? rest : floor;
    noise[i] = estimate[i];
  }
}

}  // namespace mote
