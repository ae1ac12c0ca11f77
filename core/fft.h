// SPDX-License-Identifier: Apache-2.0
// Radix-2 Fourier transforms in place: complex of n points and real of n points, n = 1 (real: 2) ..
// 8192, a power of 2. In: interleaved samples, a table of twiddles made on the host
// (core/twiddles.h). Out: the spectrum, in place. One algorithm for two arithmetics: int32 samples
// with Q15 twiddles, scaled by 1/2 a stage (the result is DFT / n, so nothing overflows), and
// float32, unscaled. No heap, no recursion, no table of its own.
//
// Table for order n: w[k] = (cos, sin)(2 pi k / n), k = 0 .. n/4 - 1, interleaved. A quarter turn
// is enough: the butterflies j and j + quarter of a stage share a product, up to a factor of -i.
//
// int32 error: truncation is at most one unit a stage, so it is the 16-bit twiddles that limit: the
// signal-to-noise ratio against a double DFT is above 90 dB to n = 256 and 84 dB to n = 8192
// (fft_test.cc) for blocks that use 30 bits; core/block_floating.h brings quieter blocks there.
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"

namespace mote {

// int32 samples, each |re|, |im| <= 2^30: |z| <= 2^30.5, and (|a| + |b w|) / 2 grows by no more
// than the rounding of a stage and of w (2^-16 each), far below the 2^31 where a component would
// overflow.
struct FftS32 {
  using Sample = int32_t;
  using Twiddle = int16_t;
  static int32_t scaled(int32_t x) { return x >> 1; }  // x/2, down
  static int32_t product(int32_t x, int16_t w) {
    return mul_high_s32_s16(x, w);
  }  // (x w)/2, w in Q15, down
  static int32_t mean(int32_t a, int32_t b) { return (a >> 1) + (b >> 1); }
};

struct FftF32 {
  using Sample = float;
  using Twiddle = float;
  static float scaled(float x) { return x; }
  static float product(float x, float w) { return x * w; }
  static float mean(float a, float b) { return 0.5f * (a + b); }
};

// Reorders n complex samples by bit-reversed index.
template <typename Sample>
inline void fft_bit_reverse(Sample* z, uint32_t n) {
  uint32_t j = 0;
  for (uint32_t i = 1; i < n; ++i) {
    uint32_t bit = n >> 1;
    while (j & bit) {
      j ^= bit;
      bit >>= 1;
    }
    j |= bit;
    if (i < j) {
      const Sample re = z[2 * i], im = z[2 * i + 1];
      z[2 * i] = z[2 * j];
      z[2 * i + 1] = z[2 * j + 1];
      z[2 * j] = re;
      z[2 * j + 1] = im;
    }
  }
}

// a, b <- a + t, a - t, with a scaled here and t by the caller.
template <typename Arithmetic, typename Sample>
inline void fft_butterfly(Sample* a, Sample* b, Sample t_re, Sample t_im) {
  const Sample a_re = Arithmetic::scaled(a[0]), a_im = Arithmetic::scaled(a[1]);
  a[0] = a_re + t_re;
  a[1] = a_im + t_im;
  b[0] = a_re - t_re;
  b[1] = a_im - t_im;
}

// The butterflies of a stage whose twiddle is 1 or -i: no product.
template <typename Arithmetic, typename Sample>
inline void fft_stage_trivial(Sample* z, uint32_t n, uint32_t span) {
  const uint32_t half = span;  // span / 2 complex samples are `span` numbers
  for (Sample* a = z; a < z + 2 * n; a += 2 * span) {
    Sample* b = a + half;
    fft_butterfly<Arithmetic>(a, b, Arithmetic::scaled(b[0]), Arithmetic::scaled(b[1]));
  }
  if (span < 4) return;
  for (Sample* a = z + half / 2; a < z + 2 * n; a += 2 * span) {
    Sample* b = a + half;
    const Sample t_im = -Arithmetic::scaled(b[0]);
    fft_butterfly<Arithmetic>(a, b, Arithmetic::scaled(b[1]), t_im);
  }
}

// The butterflies of a stage with twiddle (c, s) = w^j, 0 < j < span / 4, and with -i w^j a quarter
// of the span later.
template <typename Arithmetic, typename Sample, typename Twiddle>
inline void fft_stage_pair(Sample* first, Sample* end, uint32_t span, const Twiddle* w) {
  const Twiddle c = w[0], s = w[1];
  for (Sample* a = first; a < end; a += 2 * span) {
    Sample* b = a + span;
    const Sample t_re = Arithmetic::product(b[0], c) + Arithmetic::product(b[1], s);
    const Sample t_im = Arithmetic::product(b[1], c) - Arithmetic::product(b[0], s);
    Sample* later = b + span / 2;
    const Sample u_re = Arithmetic::product(later[0], c) + Arithmetic::product(later[1], s);
    const Sample u_im = Arithmetic::product(later[1], c) - Arithmetic::product(later[0], s);
    fft_butterfly<Arithmetic>(a, b, t_re, t_im);
    fft_butterfly<Arithmetic>(a + span / 2, later, u_im, -u_re);
  }
}

// Complex transform of n samples z[2 n]; twiddles of order `order`, a multiple of n.
template <typename Arithmetic>
inline void fft_complex(typename Arithmetic::Sample* z, uint32_t n,
                        const typename Arithmetic::Twiddle* twiddles, uint32_t order) {
  fft_bit_reverse(z, n);
  for (uint32_t span = 2; span <= n; span *= 2) {
    fft_stage_trivial<Arithmetic>(z, n, span);
    const uint32_t step = 2 * (order / span);
    for (uint32_t j = 1; j < span / 4; ++j) {
      fft_stage_pair<Arithmetic>(z + 2 * j, z + 2 * n, span, twiddles + j * step);
    }
  }
}

// Real transform of x[n], n >= 2, as a complex one of n/2 points and one pass that separates even
// from odd samples. The n/2 + 1 bins replace the samples: x has room for n + 2 numbers. Twiddles of
// order n. With Z the half transform, E = (Z[k] + conj Z[n/2 - k]) / 2, O = -i (Z[k] - conj Z[n/2 -
// k]) / 2: X[k] = E + w^k O, X[n/2 - k] = conj(E - w^k O).
template <typename Arithmetic>
inline void fft_real(typename Arithmetic::Sample* x, uint32_t n,
                     const typename Arithmetic::Twiddle* twiddles) {
  using Sample = typename Arithmetic::Sample;
  const uint32_t half = n / 2;
  fft_complex<Arithmetic>(x, half, twiddles, n);
  const Sample even_sum = Arithmetic::scaled(x[0]), odd_sum = Arithmetic::scaled(x[1]);
  x[0] = even_sum + odd_sum;
  x[1] = 0;
  x[n] = even_sum - odd_sum;
  x[n + 1] = 0;
  for (uint32_t k = 1; k < half - k; ++k) {
    Sample* a = x + 2 * k;
    Sample* b = x + 2 * (half - k);
    const Sample c_re = Arithmetic::mean(a[1], b[1]), c_im = Arithmetic::mean(b[0], -a[0]);  // O
    const Sample e_re = Arithmetic::scaled(Arithmetic::mean(a[0], b[0]));
    const Sample e_im = Arithmetic::scaled(Arithmetic::mean(a[1], -b[1]));
    const typename Arithmetic::Twiddle c = twiddles[2 * k], s = twiddles[2 * k + 1];
    const Sample t_re = Arithmetic::product(c_re, c) + Arithmetic::product(c_im, s);
    const Sample t_im = Arithmetic::product(c_im, c) - Arithmetic::product(c_re, s);
    a[0] = e_re + t_re;
    a[1] = e_im + t_im;
    b[0] = e_re - t_re;
    b[1] = t_im - e_im;
  }
  if (half >= 2) {  // k = n/4: w^k = -i, X = conj Z
    x[half] = Arithmetic::scaled(x[half]);
    x[half + 1] = -Arithmetic::scaled(x[half + 1]);
  }
}

inline void fft_complex_s32(int32_t* z, uint32_t n, const int16_t* twiddles, uint32_t order) {
  fft_complex<FftS32>(z, n, twiddles, order);
}
inline void fft_complex_f32(float* z, uint32_t n, const float* twiddles, uint32_t order) {
  fft_complex<FftF32>(z, n, twiddles, order);
}
inline void fft_real_s32(int32_t* x, uint32_t n, const int16_t* twiddles) {
  fft_real<FftS32>(x, n, twiddles);
}
inline void fft_real_f32(float* x, uint32_t n, const float* twiddles) {
  fft_real<FftF32>(x, n, twiddles);
}

}  // namespace mote
