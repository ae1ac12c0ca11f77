// SPDX-License-Identifier: Apache-2.0
// Loops over the DSP instructions of Armv7E-M (Cortex-M4, M7, M33) that a compiler does not find;
// elsewhere, and where nothing is optimised, plain twins with the same results, so that the packed
// code runs on the host under sanitizers. In and out: words of two halfwords or four bytes, the
// lowest first.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/wrapping.h"

namespace mote {

// Eight whole words from one place to another, apart; both move on. A compiler for Cortex-M0 calls
// the library for more bytes.
constexpr int32_t kCopiedBytes = 32;
MOTE_INLINE void copy_block(uint8_t*& to, const uint8_t*& from) {
#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
  __asm__ volatile(
      "ldmia %[from]!, {r3-r6, r8-r10, r12}\n"
      "stmia %[to]!, {r3-r6, r8-r10, r12}\n"
      : [to] "+r"(to), [from] "+r"(from)
      :
      : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r12", "memory");
#else
  memcpy(__builtin_assume_aligned(to, 4), __builtin_assume_aligned(from, 4), kCopiedBytes);
  to += kCopiedBytes, from += kCopiedBytes;
#endif
}

// Bytes 0 and 2, zero-extended to halfwords.
MOTE_INLINE uint32_t uxtb16(uint32_t x) { return x & 0x00FF00FFu; }

// Bytes 0 and 2, sign-extended to halfwords.
MOTE_INLINE uint32_t sxtb16(uint32_t x) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t y;
  __asm__("sxtb16 %0, %1" : "=r"(y) : "r"(x));
  return y;
#else
  return (uint16_t)(int8_t)x | (uint32_t)(uint16_t)(int8_t)(x >> 16) << 16;
#endif
}

// Bytes 1 and 3, sign-extended to halfwords.
MOTE_INLINE uint32_t sxtb16_odd(uint32_t x) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t y;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(y) : "r"(x));
  return y;
#else
  return sxtb16(x >> 8);
#endif
}

// Two sums of 16 bits, and bytes 0 and 2 of x, or 1 and 3, modulo 2^16.
MOTE_INLINE uint32_t sxtab16(uint32_t sums, uint32_t x) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t y;
  __asm__("sxtab16 %0, %1, %2" : "=r"(y) : "r"(sums), "r"(x));
  return y;
#else
  const uint32_t two = sxtb16(x), high = (sums & 0xFFFF0000u) + (two & 0xFFFF0000u);
  return high | ((sums + two) & 0xFFFFu);
#endif
}
MOTE_INLINE uint32_t sxtab16_odd(uint32_t sums, uint32_t x) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t y;
  __asm__("sxtab16 %0, %1, %2, ror #8" : "=r"(y) : "r"(sums), "r"(x));
  return y;
#else
  return sxtab16(sums, x >> 8);
#endif
}

// Sums and differences of halfwords, modulo 2^16.
MOTE_INLINE uint32_t sadd16(uint32_t a, uint32_t b) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t y;
  __asm__("sadd16 %0, %1, %2" : "=r"(y) : "r"(a), "r"(b));
  return y;
#else
  return ((a & 0xFFFF0000u) + (b & 0xFFFF0000u)) | ((a + b) & 0xFFFFu);
#endif
}
MOTE_INLINE uint32_t ssub16(uint32_t a, uint32_t b) {
#if defined(__ARM_FEATURE_DSP)
  uint32_t y;
  __asm__("ssub16 %0, %1, %2" : "=r"(y) : "r"(a), "r"(b));
  return y;
#else
  return ((a & 0xFFFF0000u) - (b & 0xFFFF0000u)) | ((a - b) & 0xFFFFu);
#endif
}

// For sums by byte-fold (ops/nn/byte_fold.h): of two words of four numbers the words u to
// to[kFirst] and to[kFirst + 1], their z so many words further. Six instructions, of which
// compilers make eight.
template <int kFirst, int kFurther>
MOTE_INLINE void unfold_two(uint32_t four, uint32_t next, uint32_t* to) {
#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
  uint32_t u, v;
  __asm__ volatile(
      "eor %[z], %[z], %[flip]\n"
      "eor %[y], %[y], %[flip]\n"
      "bic %[u], %[mask], %[z]\n"
      "bic %[v], %[mask], %[y]\n"
      "strd %[z], %[y], [%[to], %[further]]\n"
      "strd %[u], %[v], [%[to], %[first]]\n"
      : [z] "+r"(four), [y] "+r"(next), [u] "=&r"(u), [v] "=&r"(v)
      : [flip] "r"(0xFF7FFF7Fu), [mask] "r"(0x00FF00FFu), [to] "r"(to), [first] "i"(4 * kFirst),
        [further] "i"(4 * (kFirst + kFurther))
      : "memory");
#else
  const uint32_t z = four ^ 0xFF7FFF7Fu, y = next ^ 0xFF7FFF7Fu;
  to[kFirst] = uxtb16(~z), to[kFirst + 1] = uxtb16(~y);
  to[kFirst + kFurther] = z, to[kFirst + 1 + kFurther] = y;
#endif
}

// The same of one place: each word's u and z side by side.
MOTE_INLINE void unfold_in_turn(uint32_t four, uint32_t next, uint32_t* to) {
#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
  uint32_t u, v;
  __asm__ volatile(
      "eor %[z], %[z], %[flip]\n"
      "eor %[y], %[y], %[flip]\n"
      "bic %[u], %[mask], %[z]\n"
      "bic %[v], %[mask], %[y]\n"
      "strd %[u], %[z], [%[to]]\n"
      "strd %[v], %[y], [%[to], #8]\n"
      : [z] "+r"(four), [y] "+r"(next), [u] "=&r"(u), [v] "=&r"(v)
      : [flip] "r"(0xFF7FFF7Fu), [mask] "r"(0x00FF00FFu), [to] "r"(to)
      : "memory");
#else
  to[1] = four ^ 0xFF7FFF7Fu, to[3] = next ^ 0xFF7FFF7Fu;
  to[0] = uxtb16(~to[1]), to[2] = uxtb16(~to[3]);
#endif
}

// sum + the products of the signed halfwords, modulo 2^32.
MOTE_INLINE int32_t smlad(uint32_t a, uint32_t b, int32_t sum) {
#if defined(__ARM_FEATURE_DSP)
  int32_t y;
  __asm__("smlad %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(sum));
  return y;
#else
  const int32_t low = (int16_t)a * (int16_t)b;
  const int32_t high = (int16_t)(a >> 16) * (int16_t)(b >> 16);
  return wrapping_add(wrapping_add(sum, low), high);
#endif
}

// sum + floor(a * b / 2^32), modulo 2^32.
MOTE_INLINE int32_t smmla(int32_t a, int32_t b, int32_t sum) {
#if defined(__ARM_FEATURE_DSP)
  int32_t y;
  __asm__("smmla %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(sum));
  return y;
#else
  return wrapping_add(sum, (int32_t)(((int64_t)a * b) >> 32));
#endif
}

// x, or the nearest of int8.
MOTE_INLINE int32_t ssat_8(int32_t x) {
#if defined(__ARM_FEATURE_DSP)
  int32_t y;
  __asm__("ssat %0, #8, %1" : "=r"(y) : "r"(x));
  return y;
#else
  return x < -128 ? -128 : (x > 127 ? 127 : x);
#endif
}

// x >> kBits, or the nearest of int8: one instruction.
template <int kBits>
MOTE_INLINE int32_t ssat_8_shifted(int32_t x) {
#if defined(__ARM_FEATURE_DSP)
  int32_t y;
  __asm__("ssat %0, #8, %1, asr %2" : "=r"(y) : "r"(x), "i"(kBits));
  return y;
#else
  return ssat_8(x >> kBits);
#endif
}

// The sums of four neighbouring channels over pairs of taps: first + taps[0], first + taps[1] hold
// four int8 each, `weights` of each channel a word of two int16. Taps and weights move on.
struct ChannelDot {
  const int8_t* first;
  const int32_t* taps;
  const uint32_t* weights;
  int32_t sums[4];
};

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
// 15 instructions for 8 products, kPairs times in a row. Packed to halves first, so that one sign
// extension makes the two taps of a channel a pair.
template <int kPairs>
MOTE_INLINE void channel_dot_4_in_a_row(ChannelDot& dot) {
  const int32_t* taps = dot.taps;
  const uint32_t* w = dot.weights;
  int32_t a = dot.sums[0], b = dot.sums[1], c = dot.sums[2], d = dot.sums[3];
  // clang-format off
  __asm__ volatile(
      ".rept %c[pairs]\n"
      "ldmia %[taps]!, {r4, r5}\n"
      "ldr r4, [%[first], r4]\n"
      "ldr r5, [%[first], r5]\n"
      "pkhbt r6, r4, r5, lsl #16\n"
      "pkhtb r5, r5, r4, asr #16\n"
      "ldmia %[w]!, {r8, r9}\n"
      "sxtb16 r4, r6\n"
      "sxtb16 r6, r6, ror #8\n"
      "smlad %[a], r4, r8, %[a]\n"
      "smlad %[b], r6, r9, %[b]\n"
      "ldmia %[w]!, {r8, r9}\n"
      "sxtb16 r4, r5\n"
      "sxtb16 r5, r5, ror #8\n"
      "smlad %[c], r4, r8, %[c]\n"
      "smlad %[d], r5, r9, %[d]\n"
      ".endr\n"
      : [taps] "+r"(taps), [w] "+r"(w), [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d)
      : [first] "r"(dot.first), [pairs] "i"(kPairs)
      : "r4", "r5", "r6", "r8", "r9", "memory");
  // clang-format on
  dot = {dot.first, taps, w, {a, b, c, d}};
}
#endif

MOTE_INLINE void channel_dot_4(ChannelDot& dot, int32_t pairs) {
#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
  for (; pairs >= 4; pairs -= 4) channel_dot_4_in_a_row<4>(dot);
  for (; pairs > 0; --pairs) channel_dot_4_in_a_row<1>(dot);
#else
  for (; pairs > 0; --pairs, dot.taps += 2)
    for (int32_t c = 0; c < 4; ++c) {
      const int8_t x = dot.first[dot.taps[0] + c], z = dot.first[dot.taps[1] + c];
      const uint32_t both = (uint16_t)x | (uint32_t)(uint16_t)z << 16;
      dot.sums[c] = smlad(both, *dot.weights++, dot.sums[c]);
    }
#endif
}

}  // namespace mote
