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

// Channels 0 and 2 of x and z, or with kOdd 1 and 3.
template <int kOdd>
MOTE_INLINE void channel_dot_2(uint32_t x, uint32_t z, const uint32_t* w, int32_t (&sums)[4]) {
  int32_t a = sums[kOdd], b = sums[kOdd + 2];
#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
  // In one piece: gcc would load all weights first, and then run out of registers.
  // clang-format off
  __asm__ volatile(
      "sxtb16 r4, %[x], ror %[turn]\n"
      "sxtb16 r5, %[z], ror %[turn]\n"
      "pkhbt r6, r4, r5, lsl #16\n"
      "pkhtb r4, r5, r4, asr #16\n"
      "ldr r5, [%[w], %[first]]\n"
      "smlad %[a], r6, r5, %[a]\n"
      "ldr r5, [%[w], %[second]]\n"
      "smlad %[b], r4, r5, %[b]\n"
      : [a] "+r"(a), [b] "+r"(b)
      : [x] "r"(x), [z] "r"(z), [w] "r"(w), [turn] "i"(8 * kOdd), [first] "i"(4 * kOdd),
        [second] "i"(4 * kOdd + 8)
      : "r4", "r5", "r6", "memory");
  // clang-format on
#else
  const uint32_t x2 = sxtb16(x >> (8 * kOdd)), z2 = sxtb16(z >> (8 * kOdd));
  a = smlad((x2 & 0xFFFFu) | z2 << 16, w[kOdd], a);
  b = smlad(x2 >> 16 | (z2 & 0xFFFF0000u), w[kOdd + 2], b);
#endif
  sums[kOdd] = a, sums[kOdd + 2] = b;
}

MOTE_INLINE void channel_dot_4_pair(ChannelDot& dot) {
  uint32_t x, z;
  memcpy(&x, dot.first + dot.taps[0], 4);
  memcpy(&z, dot.first + dot.taps[1], 4);
  channel_dot_2<0>(x, z, dot.weights, dot.sums);
  channel_dot_2<1>(x, z, dot.weights, dot.sums);
  dot.taps += 2, dot.weights += 4;
}

}  // namespace mote
