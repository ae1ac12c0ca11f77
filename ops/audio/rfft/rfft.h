// SPDX-License-Identifier: Apache-2.0
// rfft: the spectrum of real samples, zeros behind them up to the transform's length n. In: rows of
// int16, int32 or float32. Out: n / 2 + 1 complex bins a row; fixed point is divided by n. The rule
// is TFLM's SignalRfft (signal/src/rfft_int16.cc and others: KISS FFT, tools/kiss_fftr.c).
#pragma once
#include <stdint.h>

#include "ops/audio/mixed_radix.h"

namespace mote {

// Z, the transform of pairs of samples, becomes the spectrum in place: with F = Z[k] + conj Z[h -
// k] and T = (Z[k] - conj Z[h - k]) w, bin k is (F + T) / 2 and bin h - k its conjugate twin, h =
// n/2.
template <class A>
MOTE_INLINE void separate_spectrum(int32_t half, const typename A::Sample* half_turns,
                                   typename A::Sample* z) {
  const Complex<A> first = divided(complex_at<A>(z, 0), 2);
  put_complex<A>(z, 0, {A::add(first.re, first.im), 0});
  put_complex<A>(z, half, {A::sub(first.re, first.im), 0});
  for (int32_t k = 1; k <= half / 2; ++k) {
    const Complex<A> a = divided(complex_at<A>(z, k), 2);
    const Complex<A> b = divided(conjugate(complex_at<A>(z, half - k)), 2);
    const Complex<A> sum = a + b, turn = (a - b) * complex_at<A>(half_turns, k - 1);
    put_complex<A>(z, k, {A::half_sum(sum.re, turn.re), A::half_sum(sum.im, turn.im)});
    put_complex<A>(z, half - k,
                   {A::half_difference(sum.re, turn.re), A::half_difference(turn.im, sum.im)});
  }
}

// x [rows][given], turns [n / 2][2], half_turns [n / 4][2], y [rows][n / 2 + 1][2].
template <class A>
MOTE_INLINE void rfft(const TransformParams& p, const typename A::Sample* x,
                      const typename A::Sample* turns, const typename A::Sample* half_turns,
                      typename A::Sample* y) {
  for (int32_t row = 0; row < p.rows; ++row) {
    complex_transform<A>(p, x, p.given, turns, y);
    separate_spectrum<A>(p.length / 2, half_turns, y);
    x += p.given;
    y += p.length + 2;
  }
}

MOTE_INLINE void rfft_s16(const TransformParams& p, const int16_t* x, const int16_t* turns,
                          const int16_t* half_turns, int16_t* y) {
  rfft<KissQ15>(p, x, turns, half_turns, y);
}
MOTE_INLINE void rfft_s32(const TransformParams& p, const int32_t* x, const int32_t* turns,
                          const int32_t* half_turns, int32_t* y) {
  rfft<KissQ31>(p, x, turns, half_turns, y);
}
MOTE_INLINE void rfft_f32(const TransformParams& p, const float* x, const float* turns,
                          const float* half_turns, float* y) {
  rfft<KissF32>(p, x, turns, half_turns, y);
}

}  // namespace mote
