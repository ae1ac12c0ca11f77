// SPDX-License-Identifier: Apache-2.0
// Two sums in one 32-bit word, for cores that have no vector instructions but multiply in a cycle:
// a word x = x0 + 2^16 x1, times w, is x0 w + 2^16 x1 w modulo 2^32. As long as the lower sum stays
// in int16, adding such products adds both. A run is that many taps; then its word is split: with
// 2^15 added, so that the lower half is never below zero,
//   T = sum of the words, F = sum of (word >> 16): F is the sum of the x1 w,
//   T - 2^16 F that of the x0 w and 2^15 a run, all modulo 2^32.
// In: words, weights, what T and F begin with. Out: T, F. The loops are assembly because gcc 12
// uses neither the upper registers of Armv6-M nor one index for words and weights; the twins serve
// every other core.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

constexpr uint32_t kLaneHalf = 1u << 15;
constexpr int32_t kLongestRun = 16;  // taps
constexpr int32_t kTapBytes = 12;    // of instructions in add_four_places
// Of ops/nn/clamped_output.h: one for nearly all layers stands in instructions.
constexpr int32_t kUsualLowBits = 14;

struct LaneSums {
  uint32_t all;  // T
  int32_t high;  // F

  MOTE_INLINE int32_t low_sum() const { return (int32_t)(all - ((uint32_t)high << 16)); }
  MOTE_INLINE void add_run(uint32_t word) {
    all += word;
    high += (int32_t)word >> 16;
  }
};

// Four places of the output, one channel. The weights of a tap stand eight bytes after the last
// one's, as its inputs do, so one register leads through both.
struct FourPlaces {
  const uint32_t* inputs;  // of each tap two words: the places 0 and 1, 2 and 3
  const uint32_t* end;     // after at least one run
  const int8_t* weights;
  const uint8_t* runs;  // of each run how many instructions' bytes of taps it leaves out
  LaneSums sums[2];
};

// Four channels, one place. Before each run of inputs stands what its words begin with.
struct FourChannels {
  const uint32_t* inputs;
  const uint32_t* end;
  const uint32_t* weights;  // of each two taps two words of four bytes w + 128
  LaneSums sums[2];         // channels 0 and 1, 2 and 3
};
constexpr uint32_t kEvenBytes = 0x00FF00FFu;

#if defined(__thumb__) && defined(__OPTIMIZE__)
// 6 instructions for 4 products, and 13 a run. r0 weight, r1 inputs, r2 weights less inputs, r3-r6
// words, r7 2^15, r8-r11 the sums, r12 `runs`, lr the end.
inline __attribute__((noinline)) void add_four_places(FourPlaces& four) {
  register FourPlaces* in __asm__("r0") = &four;
  // clang-format off
  __asm__ volatile(
      ".syntax unified\n"
      "push {r0, r7}\n"
      "ldmia r0!, {r1-r4}\n"
      "mov lr, r2\n"
      "subs r2, r3, r1\n"
      "mov r12, r4\n"
      "ldmia r0!, {r3-r6}\n"
      "mov r8, r3\n"
      "mov r9, r4\n"
      "mov r10, r5\n"
      "mov r11, r6\n"
      "movs r7, #1\n"
      "lsls r7, r7, #15\n"
      "1:\n"
      "ldrsb r0, [r2, r1]\n"
      "ldmia r1!, {r5, r6}\n"
      "muls r5, r0\n"
      "muls r6, r0\n"
      "adds r5, r5, r7\n"
      "adds r6, r6, r7\n"
      "mov r0, r12\n"
      "ldrb r3, [r0]\n"
      "adds r0, #1\n"
      "mov r12, r0\n"
      "add pc, r3\n"
      "nop\n"
      ".rept %c[more]\n"
      "ldrsb r0, [r2, r1]\n"
      "ldmia r1!, {r3, r4}\n"
      "muls r3, r0\n"
      "muls r4, r0\n"
      "adds r5, r5, r3\n"
      "adds r6, r6, r4\n"
      ".endr\n"
      "2:\n"
      "add r8, r5\n"
      "asrs r5, r5, #16\n"
      "add r9, r5\n"
      "add r10, r6\n"
      "asrs r6, r6, #16\n"
      "add r11, r6\n"
      "cmp r1, lr\n"
      "bne 1b\n"
      "pop {r0, r7}\n"
      "mov r3, r8\n"
      "mov r4, r9\n"
      "mov r5, r10\n"
      "mov r6, r11\n"
      "adds r0, #16\n"
      "stmia r0!, {r3-r6}\n"
      : "+r"(in)
      : [more] "i"(kLongestRun - 1)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
  // clang-format on
}

// 16 instructions for 8 products, and 14 a run. r0 inputs, r1 weights, r2-r6 words, r7 kEvenBytes,
// r8, r9 the run's words, r10, r11 and r12, lr the sums; the end stands on the stack.
template <int kRun>
inline __attribute__((noinline)) void add_four_channels(FourChannels& four) {
  register FourChannels* in __asm__("r0") = &four;
  // clang-format off
  __asm__ volatile(
      ".syntax unified\n"
      "push {r0, r7}\n"
      "ldmia r0!, {r1-r7}\n"
      "mov r10, r4\n"
      "mov r11, r5\n"
      "mov r12, r6\n"
      "mov lr, r7\n"
      "push {r2}\n"
      "mov r0, r1\n"
      "mov r1, r3\n"
      "movs r7, #255\n"
      "lsls r2, r7, #16\n"
      "adds r7, r7, r2\n"
      "1:\n"
      "ldmia r0!, {r4}\n"
      "mov r8, r4\n"
      "mov r9, r4\n"
      ".rept %c[pairs]\n"
      "ldmia r0!, {r4, r5}\n"
      "ldmia r1!, {r2, r3}\n"
      "lsrs r6, r2, #8\n"
      "ands r2, r7\n"
      "ands r6, r7\n"
      "muls r2, r4\n"
      "muls r6, r5\n"
      "add r8, r2\n"
      "add r8, r6\n"
      "lsrs r6, r3, #8\n"
      "ands r3, r7\n"
      "ands r6, r7\n"
      "muls r3, r4\n"
      "muls r6, r5\n"
      "add r9, r3\n"
      "add r9, r6\n"
      ".endr\n"
      "mov r2, r8\n"
      "mov r3, r9\n"
      "add r10, r2\n"
      "asrs r2, r2, #16\n"
      "add r11, r2\n"
      "add r12, r3\n"
      "asrs r3, r3, #16\n"
      "add lr, r3\n"
      "ldr r2, [sp]\n"
      "cmp r0, r2\n"
      "beq 2f\n"
      "b 1b\n"
      "2:\n"
      "add sp, #4\n"
      "pop {r0, r7}\n"
      "mov r3, r10\n"
      "mov r4, r11\n"
      "mov r5, r12\n"
      "mov r6, lr\n"
      "str r1, [r0, #8]\n"
      "adds r0, #12\n"
      "stmia r0!, {r3-r6}\n"
      : "+r"(in)
      : [pairs] "i"(kRun / 2)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
  // clang-format on
}
#else
inline void add_four_places(FourPlaces& four) {
  const int8_t* w = four.weights;
  const uint8_t* runs = four.runs;
  for (const uint32_t* x = four.inputs; x != four.end;) {
    uint32_t words[2] = {kLaneHalf, kLaneHalf};
    const int32_t run = kLongestRun - *runs++ / kTapBytes;
    for (int32_t tap = 0; tap < run; ++tap, x += 2, w += 8) {
      words[0] += x[0] * (uint32_t)*w;
      words[1] += x[1] * (uint32_t)*w;
    }
    four.sums[0].add_run(words[0]);
    four.sums[1].add_run(words[1]);
  }
}

template <int kRun>
void add_four_channels(FourChannels& four) {
  for (const uint32_t* x = four.inputs; x != four.end;) {
    const uint32_t first = *x++;
    uint32_t words[2] = {first, first};
    for (int32_t tap = 0; tap < kRun; tap += 2, x += 2)
      for (uint32_t& word : words) {
        const uint32_t w = *four.weights++;
        word += x[0] * (w & kEvenBytes) + x[1] * (w >> 8 & kEvenBytes);
      }
    four.sums[0].add_run(words[0]);
    four.sums[1].add_run(words[1]);
  }
}
#endif

}  // namespace mote
