// SPDX-License-Identifier: Apache-2.0
// irfft: the real samples of a spectrum, divided by the transform's length n. In: n / 2 + 1 complex
// bins a row, int16, int32 or float32. Out: n samples a row. The rule is TFLM's SignalIrfft
// (signal/src/irfft_int16.cc, irfft_float.cc: KISS FFT, tools/kiss_fftr.c).
#pragma once
#include <stdint.h>

#include "ops/audio/mixed_radix.h"

namespace mote {

// The inverse of separate_spectrum (rfft.h), up to its factor: x [half + 1] to z [half].
template <class A>
MOTE_INLINE void join_spectrum(int32_t half, const typename A::Sample* x,
                               const typename A::Sample* half_turns, typename A::Sample* z) {
  const auto low = x[0], high = x[2 * half];
  put_complex<A>(z, 0, divided(Complex<A>{A::add(low, high), A::sub(low, high)}, 2));
  for (int32_t k = 1; k <= half / 2; ++k) {
    const Complex<A> a = divided(complex_at<A>(x, k), 2);
    const Complex<A> b = divided(conjugate(complex_at<A>(x, half - k)), 2);
    const Complex<A> sum = a + b, turn = (a - b) * complex_at<A>(half_turns, k - 1);
    put_complex<A>(z, k, sum + turn);
    put_complex<A>(z, half - k, conjugate(sum - turn));
  }
}

// x [rows][n / 2 + 1][2], turns [n / 2][2], half_turns [n / 4][2], work [n], y [rows][n].
template <class A>
MOTE_INLINE void irfft(const TransformParams& p, const typename A::Sample* x,
                       const typename A::Sample* turns, const typename A::Sample* half_turns,
                       typename A::Sample* work, typename A::Sample* y) {
  for (int32_t row = 0; row < p.rows; ++row) {
    join_spectrum<A>(p.length / 2, x + row * (p.length + 2), half_turns, work);
    complex_transform<A>(p, work, p.length, turns, y + row * p.length);
  }
}

MOTE_INLINE void irfft_s16(const TransformParams& p, const int16_t* x, const int16_t* turns,
                           const int16_t* half_turns, int16_t* work, int16_t* y) {
  irfft<KissQ15>(p, x, turns, half_turns, work, y);
}
MOTE_INLINE void irfft_s32(const TransformParams& p, const int32_t* x, const int32_t* turns,
                           const int32_t* half_turns, int32_t* work, int32_t* y) {
  irfft<KissQ31>(p, x, turns, half_turns, work, y);
}
MOTE_INLINE void irfft_f32(const TransformParams& p, const float* x, const float* turns,
                           const float* half_turns, float* work, float* y) {
  irfft<KissF32>(p, x, turns, half_turns, work, y);
  for (int32_t i = 0; i < p.rows * p.length; ++i) y[i] /= (float)p.length;
}

}  // namespace mote
