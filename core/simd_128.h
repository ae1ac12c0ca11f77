// SPDX-License-Identifier: Apache-2.0
// The vector instructions that x86-64 (SSE2) and WebAssembly (SIMD) have in common and that
// compilers do not find; elsewhere plain twins with the same results. In and out: vectors of 16
// bytes.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/target.h"

namespace mote {

using Int8x16 = int8_t __attribute__((vector_size(16)));
using Int16x8 = int16_t __attribute__((vector_size(16)));
using Int32x4 = int32_t __attribute__((vector_size(16)));
using Uint32x4 = uint32_t __attribute__((vector_size(16)));
using Float32x4 = float __attribute__((vector_size(16)));

template <class Vector, class From>
MOTE_INLINE Vector load_vector(const From* from) {
  Vector v;
  memcpy(&v, from, sizeof(v));
  return v;
}
MOTE_INLINE Float32x4 all_reals(float x) { return Float32x4{x, x, x, x}; }
MOTE_INLINE Int16x8 all_halves(int32_t x) {
  const int16_t h = (int16_t)x;
  return Int16x8{h, h, h, h, h, h, h, h};
}

// Two int16 in all four places.
MOTE_INLINE Int16x8 all_pairs(const int16_t* pair) {
  int32_t both;
  memcpy(&both, pair, 4);
  return (Int16x8)Int32x4{both, both, both, both};
}

// Eight int8 in the lower half.
MOTE_INLINE Int8x16 load_eight(const int8_t* from) {
  using Words = int64_t __attribute__((vector_size(16)));
  int64_t eight;
  memcpy(&eight, from, 8);
  return (Int8x16)Words{eight, 0};
}
// a[i], b[i] in turn, of the lower halves.
MOTE_INLINE Int8x16 interleave_eight(Int8x16 a, Int8x16 b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
// The lower or upper eight int8, sign-extended.
MOTE_INLINE Int16x8 widen_lower(Int8x16 x) { return (Int16x8)interleave_eight(x, x) >> 8; }
MOTE_INLINE Int16x8 widen_upper(Int8x16 x) {
  return (Int16x8)__builtin_shufflevector(x, x, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14,
                                          30, 15, 31) >>
         8;
}

// sums[i] + a[2i] b[2i] + a[2i + 1] b[2i + 1], modulo 2^32.
MOTE_INLINE Int32x4 add_dot_pairs(Int32x4 sums, Int16x8 a, Int16x8 b) {
#if defined(__SSE2__)
  const Int32x4 products = __builtin_ia32_pmaddwd128(a, b);
#elif defined(__wasm_simd128__)
  const Int32x4 products = __builtin_wasm_dot_s_i32x4_i16x8(a, b);
#else
  Int32x4 products;
  for (int i = 0; i < 4; ++i)
    products[i] =
        (int32_t)((uint32_t)(a[2 * i] * b[2 * i]) + (uint32_t)(a[2 * i + 1] * b[2 * i + 1]));
#endif
  return (Int32x4)((Uint32x4)sums + (Uint32x4)products);
}

// (a * b + addend) >> 31, of which the result has to fit; b <= 2^31.
MOTE_INLINE Uint32x4 multiply_high_31(Uint32x4 a, Uint32x4 b, uint64_t addend) {
  using Longs = uint64_t __attribute__((vector_size(16)));
#if defined(__SSE2__)
  const Longs even = (Longs)__builtin_ia32_pmuludq128((Int32x4)a, (Int32x4)b) + addend;
  const Longs odd =
      (Longs)__builtin_ia32_pmuludq128((Int32x4)((Longs)a >> 32), (Int32x4)((Longs)b >> 32)) +
      addend;
#else
  const Longs low = {0xFFFFFFFFu, 0xFFFFFFFFu};
  const Longs even = ((Longs)a & low) * ((Longs)b & low) + addend;
  const Longs odd = ((Longs)a >> 32) * ((Longs)b >> 32) + addend;
#endif
  return (Uint32x4)((even >> 31) | (odd >> 31 << 32));
}

// The nearest int16, and of two eights the nearest int8.
MOTE_INLINE Int16x8 narrow_to_halves(Int32x4 low, Int32x4 high) {
#if defined(__SSE2__)
  return __builtin_ia32_packssdw128(low, high);
#elif defined(__wasm_simd128__)
  return __builtin_wasm_narrow_s_i16x8_i32x4(low, high);
#else
  Int16x8 y;
  for (int i = 0; i < 8; ++i) {
    const int32_t x = i < 4 ? low[i] : high[i - 4];
    y[i] = (int16_t)(x < INT16_MIN ? INT16_MIN : x > INT16_MAX ? INT16_MAX : x);
  }
  return y;
#endif
}
// Of numbers that are within int8 their bytes.
MOTE_INLINE void store_eight(Int16x8 x, int8_t* to) {
#if defined(__SSE2__)
  const auto bytes = __builtin_ia32_packsswb128(x, x);
#elif defined(__wasm_simd128__)
  const auto bytes = __builtin_wasm_narrow_s_i8x16_i16x8(x, x);
#else
  int8_t bytes[8];
  for (int i = 0; i < 8; ++i) bytes[i] = (int8_t)x[i];
#endif
  memcpy(to, &bytes, 8);
}

template <class Vector>
MOTE_INLINE Vector clamp_vector(Vector x, Vector low, Vector high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

}  // namespace mote
