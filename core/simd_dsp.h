// SPDX-License-Identifier: Apache-2.0
// The DSP instructions of Armv7E-M (Cortex-M4, M7, M33) and the one loop over them that a compiler
// does not find; elsewhere plain twins with the same results, so that the packed code runs on the
// host under sanitizers. In and out: words of two halfwords or four bytes, the lowest first.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/wrapping.h"

namespace mote {

// Bytes 0 and 2, zero-extended to halfwords.
MOTE_INLINE uint32_t uxtb16(uint32_t x) { return x & 0x00FF00FFu; }

// Bytes 0 and 2, or 1 and 3, sign-extended to halfwords.
MOTE_INLINE uint32_t sxtb16(uint32_t x);
MOTE_INLINE uint32_t sxtb16_odd(uint32_t x);
// The low halfword of a below that of b; the high halfword of a below that of b.
MOTE_INLINE uint32_t low_halves(uint32_t a, uint32_t b);
MOTE_INLINE uint32_t high_halves(uint32_t a, uint32_t b);
// sum + floor(a * b / 2^32), modulo 2^32.
MOTE_INLINE int32_t smmla(int32_t a, int32_t b, int32_t sum);
// sum + the products of the signed halfwords, modulo 2^32.
MOTE_INLINE int32_t smlad(uint32_t a, uint32_t b, int32_t sum);

#if defined(__ARM_FEATURE_DSP)

MOTE_INLINE uint32_t sxtb16(uint32_t x) {
  uint32_t y;
  __asm__("sxtb16 %0, %1" : "=r"(y) : "r"(x));
  return y;
}
MOTE_INLINE uint32_t sxtb16_odd(uint32_t x) {
  uint32_t y;
  __asm__("sxtb16 %0, %1, ror #8" : "=r"(y) : "r"(x));
  return y;
}
MOTE_INLINE uint32_t low_halves(uint32_t a, uint32_t b) {
  uint32_t y;
  __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(y) : "r"(a), "r"(b));
  return y;
}
MOTE_INLINE uint32_t high_halves(uint32_t a, uint32_t b) {
  uint32_t y;
  __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(y) : "r"(b), "r"(a));
  return y;
}
MOTE_INLINE int32_t smmla(int32_t a, int32_t b, int32_t sum) {
  int32_t y;
  __asm__("smmla %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(sum));
  return y;
}
MOTE_INLINE int32_t smlad(uint32_t a, uint32_t b, int32_t sum) {
  int32_t y;
  __asm__("smlad %0, %1, %2, %3" : "=r"(y) : "r"(a), "r"(b), "r"(sum));
  return y;
}

#else

MOTE_INLINE uint32_t sxtb16(uint32_t x) {
  return (uint16_t)(int8_t)x | (uint32_t)(uint16_t)(int8_t)(x >> 16) << 16;
}
MOTE_INLINE uint32_t sxtb16_odd(uint32_t x) { return sxtb16(x >> 8); }
MOTE_INLINE uint32_t low_halves(uint32_t a, uint32_t b) { return (a & 0xFFFFu) | b << 16; }
MOTE_INLINE uint32_t high_halves(uint32_t a, uint32_t b) { return a >> 16 | (b & 0xFFFF0000u); }
MOTE_INLINE int32_t smmla(int32_t a, int32_t b, int32_t sum) {
  return wrapping_add(sum, (int32_t)(((int64_t)a * b) >> 32));
}
MOTE_INLINE int32_t smlad(uint32_t a, uint32_t b, int32_t sum) {
  const int32_t low = (int16_t)a * (int16_t)b;
  const int32_t high = (int16_t)(a >> 16) * (int16_t)(b >> 16);
  return wrapping_add(wrapping_add(sum, low), high);
}

#endif

// The words and sums of fold_dot_4.
struct FoldedDot {
  const uint32_t* inputs;
  const uint32_t* weights;
  int32_t sums[4];
};

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
// 14 instructions for 16 products, kFours times in a row. Six registers hold weights and inputs,
// six sums and pointers; two are left to gcc, r7 for a frame pointer;
// without optimisation it needs more.
template <int kFours>
MOTE_INLINE void fold_dot_4_in_a_row(FoldedDot& dot) {
  const uint32_t *x = dot.inputs, *w = dot.weights;
  int32_t a = dot.sums[0], b = dot.sums[1], c = dot.sums[2], d = dot.sums[3];
  // clang-format off
  __asm__ volatile(
      ".rept %c[fours]\n"
      "ldmia %[x]!, {r9, r10}\n"
      "ldmia %[w]!, {r4-r6, r8}\n"
      "smlad %[a], r9, r4, %[a]\n"
      "smlad %[b], r9, r5, %[b]\n"
      "smlad %[c], r9, r6, %[c]\n"
      "smlad %[d], r9, r8, %[d]\n"
      "sxtb16 r4, r4\n"
      "sxtb16 r5, r5\n"
      "sxtb16 r6, r6\n"
      "sxtb16 r8, r8\n"
      "smlad %[a], r10, r4, %[a]\n"
      "smlad %[b], r10, r5, %[b]\n"
      "smlad %[c], r10, r6, %[c]\n"
      "smlad %[d], r10, r8, %[d]\n"
      ".endr\n"
      : [x] "+r"(x), [w] "+r"(w), [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d)
      : [fours] "i"(kFours)
      : "r4", "r5", "r6", "r8", "r9", "r10", "memory");
  // clang-format on
  dot = {x, w, {a, b, c, d}};
}
#endif

// Four sums over `count` times four numbers, as ops/nn/byte_fold.h packs them: of each four
// `inputs` holds the words u, z, `weights` a word of each sum. Both move on.
MOTE_INLINE void fold_dot_4(FoldedDot& dot, int32_t count) {
#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
  for (; count >= 8; count -= 8) fold_dot_4_in_a_row<8>(dot);
  for (; count > 0; --count) fold_dot_4_in_a_row<1>(dot);
#else
  for (; count > 0; --count, dot.inputs += 2)
    for (int32_t& sum : dot.sums) {
      const uint32_t w = *dot.weights++;
      sum = smlad(dot.inputs[1], sxtb16(w), smlad(dot.inputs[0], w, sum));
    }
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
// Channels 0 and 2, or 1 and 3 where x and z were rotated by a byte. In one piece, because gcc
// loads all weights first and then runs out of registers.
#define MOTE_CHANNELS(ROTATE, FIRST, SECOND, W0, W1) \
  __asm__("sxtb16 r4, %[x]" ROTATE                   \
          "\n"                                       \
          "sxtb16 r5, %[z]" ROTATE                   \
          "\n"                                       \
          "pkhbt r6, r4, r5, lsl #16\n"              \
          "pkhtb r4, r5, r4, asr #16\n"              \
          "ldr r5, [%[w], " W0                       \
          "]\n"                                      \
          "smlad %[a], r6, r5, %[a]\n"               \
          "ldr r5, [%[w], " W1                       \
          "]\n"                                      \
          "smlad %[c], r4, r5, %[c]\n"               \
          : [a] "+r"(FIRST), [c] "+r"(SECOND)        \
          : [x] "r"(x), [z] "r"(z), [w] "r"(w)       \
          : "r4", "r5", "r6", "memory")
#endif

MOTE_INLINE void channel_dot_4_pair(ChannelDot& dot) {
  uint32_t x, z;
  memcpy(&x, dot.first + dot.taps[0], 4);
  memcpy(&z, dot.first + dot.taps[1], 4);
  const uint32_t* w = dot.weights;
  int32_t(&sums)[4] = dot.sums;
#if defined(MOTE_CHANNELS)
  MOTE_CHANNELS("", sums[0], sums[2], "#0", "#8");
  MOTE_CHANNELS(", ror #8", sums[1], sums[3], "#4", "#12");
#undef MOTE_CHANNELS
#else
  const uint32_t x02 = sxtb16(x), x13 = sxtb16_odd(x), z02 = sxtb16(z), z13 = sxtb16_odd(z);
  sums[0] = smlad(low_halves(x02, z02), w[0], sums[0]);
  sums[1] = smlad(low_halves(x13, z13), w[1], sums[1]);
  sums[2] = smlad(high_halves(x02, z02), w[2], sums[2]);
  sums[3] = smlad(high_halves(x13, z13), w[3], sums[3]);
#endif
  dot.taps += 2, dot.weights += 4;
}

}  // namespace mote
