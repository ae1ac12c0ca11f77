// SPDX-License-Identifier: Apache-2.0
// The real Fourier transform of KISS FFT 1.3.0 (the fixed-point rounding of TFLM's signal library:
// kiss_fft.c, tools/kiss_fftr.c, _kiss_fft_guts.h), written anew and without recursion: radix 4, 2,
// 3 and 5 stages of a complex transform of half the points, and a pass between it and the real
// spectrum. In: interleaved complex numbers and tables of factors made on the host
// (mixed_radix_plan.h). Out: the same. For int16 and int32 a stage of radix p first divides by p,
// so the result is the transform divided by the points; float32 is not divided.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

constexpr int32_t kMostStages = 12;

struct TransformParams {
  int32_t rows;
  int32_t length;  // real points n, even
  int32_t given;   // samples of a row that are read; zeros follow up to n
  int32_t stages;  // of the transform of n / 2 points
  bool inverse;
  int32_t radix[kMostStages];   // outermost first
  int32_t stride[kMostStages];  // product of the radices before
};
template <class Visitor>
void for_each_field(const TransformParams& p, Visitor& field) {
  field("rows", p.rows);
  field("length", p.length);
  field("given", p.given);
  field("stages", p.stages);
  field("inverse", p.inverse);
  field("radix", p.radix);
  field("stride", p.stride);
}

// Fixed point: products of two Q15 (Q31) numbers are summed wide and rounded once, halves upwards;
// sums wrap. |a b| + |c d| <= 2 * 2^15 * 32767 and half a unit stay below 2^31 (2^63).
struct KissQ15 {
  using Sample = int16_t;
  static int32_t wide(int16_t a, int16_t b) { return (int32_t)a * b; }
  static int16_t round(int32_t x) { return (int16_t)((x + (1 << 14)) >> 15); }
  static int16_t add(int16_t a, int16_t b) { return (int16_t)(a + b); }
  static int16_t sub(int16_t a, int16_t b) { return (int16_t)(a - b); }
  static int16_t half_sum(int16_t a, int16_t b) { return (int16_t)((a + b) >> 1); }
  static int16_t half_difference(int16_t a, int16_t b) { return (int16_t)((a - b) >> 1); }
  static int16_t divided(int16_t x, int32_t by) { return round((int32_t)x * (32767 / by)); }
};
struct KissQ31 {
  using Sample = int32_t;
  static int64_t wide(int32_t a, int32_t b) { return (int64_t)a * b; }
  static int32_t round(int64_t x) { return (int32_t)((x + (1 << 30)) >> 31); }
  static int32_t add(int32_t a, int32_t b) { return (int32_t)((uint32_t)a + (uint32_t)b); }
  static int32_t sub(int32_t a, int32_t b) { return (int32_t)((uint32_t)a - (uint32_t)b); }
  static int32_t half_sum(int32_t a, int32_t b) { return add(a, b) >> 1; }
  static int32_t half_difference(int32_t a, int32_t b) { return sub(a, b) >> 1; }
  static int32_t divided(int32_t x, int32_t by) { return round((int64_t)x * (2147483647 / by)); }
};
struct KissF32 {
  using Sample = float;
  static float wide(float a, float b) { return a * b; }
  static float round(float x) { return x; }
  static float add(float a, float b) { return a + b; }
  static float sub(float a, float b) { return a - b; }
  static float half_sum(float a, float b) { return (a + b) * 0.5f; }
  static float half_difference(float a, float b) { return (a - b) * 0.5f; }
  static float divided(float x, int32_t) { return x; }
};

template <class A>
struct Complex {
  typename A::Sample re, im;
};
template <class A>
MOTE_INLINE Complex<A> complex_at(const typename A::Sample* z, int32_t k) {
  return {z[2 * k], z[2 * k + 1]};
}
template <class A>
MOTE_INLINE void put_complex(typename A::Sample* z, int32_t k, Complex<A> value) {
  z[2 * k] = value.re;
  z[2 * k + 1] = value.im;
}
template <class A>
MOTE_INLINE Complex<A> operator+(Complex<A> a, Complex<A> b) {
  return {A::add(a.re, b.re), A::add(a.im, b.im)};
}
template <class A>
MOTE_INLINE Complex<A> operator-(Complex<A> a, Complex<A> b) {
  return {A::sub(a.re, b.re), A::sub(a.im, b.im)};
}
template <class A>
MOTE_INLINE Complex<A> operator*(Complex<A> a, Complex<A> b) {
  return {A::round(A::wide(a.re, b.re) - A::wide(a.im, b.im)),
          A::round(A::wide(a.re, b.im) + A::wide(a.im, b.re))};
}
template <class A>
MOTE_INLINE Complex<A> operator*(Complex<A> a, typename A::Sample factor) {
  return {A::round(A::wide(a.re, factor)), A::round(A::wide(a.im, factor))};
}
template <class A>
MOTE_INLINE Complex<A> divided(Complex<A> a, int32_t by) {
  return {A::divided(a.re, by), A::divided(a.im, by)};
}
template <class A>
MOTE_INLINE Complex<A> conjugate(Complex<A> a) {
  return {a.re, A::sub(0, a.im)};
}
// i a: a quarter turn.
template <class A>
MOTE_INLINE Complex<A> turned(Complex<A> a) {
  return {A::sub(0, a.im), a.re};
}

// What the butterflies of one stage share: p parts of m numbers; the factor of number k of part q
// is w[q k stride].
template <class A>
struct TransformStage {
  const typename A::Sample* w;
  int32_t m;
  int32_t stride;
  bool inverse;
};

// Part q of butterfly k, divided by the radix and turned by its factor.
template <class A>
MOTE_INLINE Complex<A> butterfly_part(const TransformStage<A>& s, const typename A::Sample* z,
                                      int32_t q, int32_t k, int32_t radix) {
  return divided(complex_at<A>(z, q * s.m), radix) * complex_at<A>(s.w, q * k * s.stride);
}

template <class A>
MOTE_INLINE void butterfly_2(const TransformStage<A>& s, typename A::Sample* z, int32_t k) {
  const Complex<A> a = divided(complex_at<A>(z, 0), 2), b = butterfly_part(s, z, 1, k, 2);
  put_complex(z, s.m, a - b);
  put_complex(z, 0, a + b);
}

template <class A>
MOTE_INLINE void butterfly_3(const TransformStage<A>& s, typename A::Sample* z, int32_t k) {
  const Complex<A> a = divided(complex_at<A>(z, 0), 3), b = butterfly_part(s, z, 1, k, 3),
                   c = butterfly_part(s, z, 2, k, 3), sum = b + c;
  const Complex<A> bent = (b - c) * complex_at<A>(s.w, s.stride * s.m).im;
  const Complex<A> middle = a - Complex<A>{A::half_sum(sum.re, 0), A::half_sum(sum.im, 0)};
  put_complex(z, 0, a + sum);
  put_complex(z, 2 * s.m, middle - turned(bent));
  put_complex(z, s.m, middle + turned(bent));
}

template <class A>
MOTE_INLINE void butterfly_4(const TransformStage<A>& s, typename A::Sample* z, int32_t k) {
  const Complex<A> a = divided(complex_at<A>(z, 0), 4), b = butterfly_part(s, z, 1, k, 4),
                   c = butterfly_part(s, z, 2, k, 4), d = butterfly_part(s, z, 3, k, 4);
  const Complex<A> even = a + c, odd = b + d, difference = a - c, turn = turned(b - d);
  put_complex(z, 2 * s.m, even - odd);
  put_complex(z, 0, even + odd);
  put_complex(z, s.m, s.inverse ? difference + turn : difference - turn);
  put_complex(z, 3 * s.m, s.inverse ? difference - turn : difference + turn);
}

// a + x ya + y yb, each product rounded; then what is added on one side and subtracted on the
// other.
template <class A>
MOTE_INLINE void butterfly_5(const TransformStage<A>& s, typename A::Sample* z, int32_t k) {
  const Complex<A> a = divided(complex_at<A>(z, 0), 5), b = butterfly_part(s, z, 1, k, 5),
                   c = butterfly_part(s, z, 2, k, 5), d = butterfly_part(s, z, 3, k, 5),
                   e = butterfly_part(s, z, 4, k, 5);
  const Complex<A> ya = complex_at<A>(s.w, s.stride * s.m),
                   yb = complex_at<A>(s.w, 2 * s.stride * s.m);
  const Complex<A> outer = b + e, outer_gap = b - e, inner = c + d, inner_gap = c - d;
  put_complex(z, 0, a + (outer + inner));
  const Complex<A> near = a + outer * ya.re + inner * yb.re;
  const Complex<A> far = a + outer * yb.re + inner * ya.re;
  const Complex<A> near_turn = turned(outer_gap * ya.im + inner_gap * yb.im);
  const Complex<A> far_turn = turned(inner_gap * ya.im - outer_gap * yb.im);
  put_complex(z, s.m, near + near_turn);
  put_complex(z, 4 * s.m, near - near_turn);
  put_complex(z, 2 * s.m, far - far_turn);
  put_complex(z, 3 * s.m, far + far_turn);
}

// z[half] into the order in which the innermost stage finds its parts side by side.
template <class A>
MOTE_INLINE void gather_digits(const TransformParams& p, const typename A::Sample* x, int32_t given,
                               typename A::Sample* z) {
  int32_t digit[kMostStages] = {0};
  int32_t from = 0;
  for (int32_t k = 0; k < p.length / 2; ++k) {
    z[2 * k] = 2 * from < given ? x[2 * from] : (typename A::Sample)0;
    z[2 * k + 1] = 2 * from + 1 < given ? x[2 * from + 1] : (typename A::Sample)0;
    for (int32_t s = p.stages - 1; s >= 0; --s) {
      from += p.stride[s];
      if (++digit[s] < p.radix[s]) break;
      from -= p.stride[s] * p.radix[s];
      digit[s] = 0;
    }
  }
}

// Complex transform of the n / 2 numbers in x (`given` of its numbers count) into z, not x. w
// [n / 2]: the turns e^(-+ 2 pi i k / (n / 2)).
template <class A>
MOTE_INLINE void complex_transform(const TransformParams& p, const typename A::Sample* x,
                                   int32_t given, const typename A::Sample* w,
                                   typename A::Sample* z) {
  gather_digits<A>(p, x, given, z);
  const int32_t half = p.length / 2;
  int32_t m = 1;
  for (int32_t s = p.stages - 1; s >= 0; --s) {
    const TransformStage<A> stage{w, m, p.stride[s], p.inverse};
    const int32_t radix = p.radix[s];
    for (int32_t base = 0; base < half; base += radix * m)
      for (int32_t k = 0; k < m; ++k) {
        typename A::Sample* at = z + 2 * (base + k);
        if (radix == 4)
          butterfly_4(stage, at, k);
        else if (radix == 2)
          butterfly_2(stage, at, k);
        else if (radix == 3)
          butterfly_3(stage, at, k);
        else
          butterfly_5(stage, at, k);
      }
    m *= radix;
  }
}

}  // namespace mote
