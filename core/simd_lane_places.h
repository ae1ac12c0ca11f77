// SPDX-License-Identifier: Apache-2.0
// The loop of convolutions on cores without SIMD: four places of the output, two in a word
// (core/simd_lanes.h), 6 instructions for 4 products, 11 a run and 17 an output. In: a LaneBlock.
// Out: its outputs. The plain twin is lane_outputs_plain() of ops/nn/lane_outputs.h.
#pragma once
#include <stdint.h>

#include "core/simd_lanes.h"

namespace mote {

constexpr int32_t kLanePlaces = 4;

// Four places of the output, all channels. The order is that in which the loop loads them.
struct LaneBlock {
  const uint32_t* inputs;  // of each tap two words: the places 0 and 1, 2 and 3
  const uint32_t* end;
  const uint32_t* packed;  // by ops/nn/lane_layer.h
  int8_t* outputs;         // of place 0
  int8_t* outputs_end;
  int32_t steps[3];  // from its outputs to those of places 1, 2, 3
};

// A run is a byte: how many bytes of instructions it leaves out.
constexpr int32_t kLongestRun = 16;  // taps
constexpr int32_t kTapBytes = 12;
constexpr int32_t kNoRun = (kLongestRun - 1) * kTapBytes + 16;  // leaves out the run's end, too

#if defined(__thumb__) && defined(__OPTIMIZE__)
constexpr bool kHasLanePlaces = true;

// `count` > 0 numbers of four places as words; returns their end. r0-r3 `from`, r6 words, r7 counts
// up to 0: with an end gcc 12 lacks a register.
inline __attribute__((noinline)) uint32_t* pair_places(const int8_t* const (&from)[kLanePlaces],
                                                       int32_t count, uint32_t* words) {
  register const int8_t* const* places __asm__("r0") = from;
  register int32_t numbers __asm__("r1") = count;
  register uint32_t* to __asm__("r2") = words;
  // clang-format off
  __asm__ volatile(
      ".syntax unified\n"
      "push {r7}\n"
      "mov r6, r2\n"
      "mov r7, r1\n"
      "ldmia r0, {r0-r3}\n"
      "adds r0, r0, r7\n"
      "adds r1, r1, r7\n"
      "adds r2, r2, r7\n"
      "adds r3, r3, r7\n"
      "negs r7, r7\n"
      "1:\n"
      "ldrsb r5, [r1, r7]\n"
      "lsls r5, r5, #16\n"
      "ldrsb r4, [r0, r7]\n"
      "adds r5, r5, r4\n"
      "str r5, [r6]\n"
      "ldrsb r5, [r3, r7]\n"
      "lsls r5, r5, #16\n"
      "ldrsb r4, [r2, r7]\n"
      "adds r5, r5, r4\n"
      "str r5, [r6, #4]\n"
      "adds r6, #8\n"
      "adds r7, #1\n"
      "bne 1b\n"
      "mov r2, r6\n"
      "pop {r7}\n"
      : "+r"(places), "+r"(numbers), "+r"(to)
      :
      : "r3", "r4", "r5", "r6", "cc", "memory");
  // clang-format on
  return to;
}

// clang-format off
// Before eight channels, or the last ones: where their weights and outputs lie.
#define MOTE_EIGHT_CHANNELS                                \
  "ldr r1, [sp]\n"                                         \
  "subs r2, r7, r1\n"                                      \
  "ldr r0, [sp, #4]\n"                                     \
  "mov lr, r0\n"                                           \
  "subs r0, r0, r1\n"                                      \
  "adds r7, r7, r0\n"                                      \
  "movs r0, #1\n"                                          \
  "lsls r0, r0, #15\n"                                     \
  "mov r12, r0\n"                                          \
  "ldr r3, [sp, #8]\n"                                     \
  "subs r0, r3, r2\n"                                      \
  "add r1, sp, #36\n"                                      \
  "ldmia r1!, {r4-r6}\n"                                   \
  "adds r4, r4, r0\n"                                      \
  "adds r5, r5, r0\n"                                      \
  "adds r6, r6, r0\n"                                      \
  "add r1, sp, #20\n"                                      \
  "stmia r1!, {r0, r4-r6}\n"                               \
  "mov r4, r3\n"                                           \
  "adds r4, #8\n"                                          \
  "ldr r5, [sp, #12]\n"                                    \
  "cmp r4, r5\n"                                           \
  "bls 2f\n"                                               \
  "mov r4, r5\n"                                           \
  "2:\n"                                                   \
  "str r4, [sp, #8]\n"                                     \
  "subs r4, r4, r0\n"                                      \
  "str r4, [sp, #16]\n"

// A run: its length is known when its first tap is done.
#define MOTE_RUN_OF_PLACES                                 \
  "ldrsb r0, [r2, r1]\n"                                   \
  "ldmia r1!, {r5, r6}\n"                                  \
  "muls r5, r0\n"                                          \
  "muls r6, r0\n"                                          \
  "add r5, r12\n"                                          \
  "add r6, r12\n"                                          \
  "ldrb r3, [r7]\n"                                        \
  "adds r7, #1\n"                                          \
  "add pc, r3\n"                                           \
  "nop\n"                                                  \
  ".rept %c[more]\n"                                       \
  "ldrsb r0, [r2, r1]\n"                                   \
  "ldmia r1!, {r3, r4}\n"                                  \
  "muls r3, r0\n"                                          \
  "muls r4, r0\n"                                          \
  "adds r5, r5, r3\n"                                      \
  "adds r6, r6, r4\n"                                      \
  ".endr\n"                                                \
  "add r8, r5\n"                                           \
  "asrs r5, r5, #16\n"                                     \
  "add r9, r5\n"                                           \
  "add r10, r6\n"                                          \
  "asrs r6, r6, #16\n"                                     \
  "add r11, r6\n"

// Outputs of the sums, and, with signs, r12 and lr as they were.
#define MOTE_FOUR_OUTPUTS                                  \
  "mov r1, r9\n"                                           \
  "lsls r1, r1, #16\n"                                     \
  "mov r0, r8\n"                                           \
  "subs r0, r0, r1\n"                                      \
  MOTE_LANE_OUTPUT(r1, r12, lr)                            \
  "ldr r1, [sp, #20]\n"                                    \
  "strb r0, [r2, r1]\n"                                    \
  "mov r0, r9\n"                                           \
  MOTE_LANE_OUTPUT(r1, r12, lr)                            \
  "ldr r1, [sp, #24]\n"                                    \
  "strb r0, [r2, r1]\n"                                    \
  "mov r1, r11\n"                                          \
  "lsls r1, r1, #16\n"                                     \
  "mov r0, r10\n"                                          \
  "subs r0, r0, r1\n"                                      \
  MOTE_LANE_OUTPUT(r1, r12, lr)                            \
  "ldr r1, [sp, #28]\n"                                    \
  "strb r0, [r2, r1]\n"                                    \
  "mov r0, r11\n"                                          \
  MOTE_LANE_OUTPUT(r1, r12, lr)                            \
  "ldr r1, [sp, #32]\n"                                    \
  "strb r0, [r2, r1]\n"                                    \
  ".if %c[signs]\n"                                        \
  "movs r0, #1\n"                                          \
  "lsls r0, r0, #15\n"                                     \
  "mov r12, r0\n"                                          \
  "ldr r0, [sp, #4]\n"                                     \
  "mov lr, r0\n"                                           \
  ".endif\n"

// The weights of a tap stand eight bytes after the last one's, as its inputs do, so one register
// leads through both, and to the outputs, too. r0 weight, r1 inputs, r2 weights less inputs, r3-r6
// words, r7 `packed`, r8-r11 the sums, r12 2^15, lr the inputs' end; then r0 a sum, r3-r6 the
// numbers of the output rule. The stack: [inputs, end, the next eight channels' outputs, end, r2
// where these eight end, four places' outputs less r2, steps], then r7, which gcc may hold a frame
// in.
template <bool kSigns, int32_t kLowBits>
inline __attribute__((noinline)) void lane_places(const LaneBlock& block) {
  register const LaneBlock* in __asm__("r0") = &block;
  __asm__ volatile(
      ".syntax unified\n"
      "push {r7}\n"
      "sub sp, #48\n"
      "ldmia r0!, {r1-r5}\n"
      "mov r7, r3\n"
      "str r1, [sp]\n"
      "str r2, [sp, #4]\n"
      "str r4, [sp, #8]\n"
      "str r5, [sp, #12]\n"
      "ldmia r0!, {r1-r3}\n"
      "add r0, sp, #36\n"
      "stmia r0!, {r1-r3}\n"
      "1:\n"  // eight channels
      MOTE_EIGHT_CHANNELS
      "3:\n"  // a channel
      "ldmia r7!, {r3, r4}\n"
      "mov r8, r3\n"
      "mov r9, r4\n"
      "mov r10, r3\n"
      "mov r11, r4\n"
      "ldr r1, [sp]\n"
      "4:\n"  // a run
      MOTE_RUN_OF_PLACES
      "cmp r1, lr\n"
      "bne 4b\n"
      "adds r7, #3\n"
      "lsrs r7, r7, #2\n"
      "lsls r7, r7, #2\n"
      "ldmia r7!, {r3-r6}\n"
      ".if %c[signs]\n"
      "ldmia r7!, {r0, r1}\n"
      "mov r12, r0\n"
      "mov lr, r1\n"
      ".endif\n"
      MOTE_FOUR_OUTPUTS
      "adds r2, #1\n"
      "ldr r0, [sp, #16]\n"
      "cmp r2, r0\n"
      "beq 5f\n"
      "b 3b\n"
      "5:\n"
      "ldr r0, [sp, #8]\n"
      "ldr r1, [sp, #12]\n"
      "cmp r0, r1\n"
      "beq 6f\n"
      "b 1b\n"
      "6:\n"
      "add sp, #48\n"
      "pop {r7}\n"
      : "+r"(in)
      : [signs] "i"(kSigns), [more] "i"(kLongestRun - 1), [low_bits] "i"(kLowBits)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
// clang-format on
#undef MOTE_EIGHT_CHANNELS
#undef MOTE_RUN_OF_PLACES
#undef MOTE_FOUR_OUTPUTS
#else
constexpr bool kHasLanePlaces = false;

inline uint32_t* pair_places(const int8_t* const (&from)[kLanePlaces], int32_t count,
                             uint32_t* words) {
  for (int32_t k = 0; k < count; ++k)
    for (int32_t i = 0; i < kLanePlaces; i += 2)
      *words++ = (uint32_t)from[i][k] + ((uint32_t)from[i + 1][k] << 16);
  return words;
}
template <bool kSigns, int32_t kLowBits>
void lane_places(const LaneBlock& block);
#endif

}  // namespace mote
