// SPDX-License-Identifier: Apache-2.0
// The loop of fully connected layers on cores without SIMD: one place, four channels, two in a word
// (core/simd_lanes.h). Of two taps k the words w0 of the channels 0 and 1 are one word v of bytes
// w + 128: (0, k), (0, k + 1), (1, k), (1, k + 1). With u = (v >> 8) & 0x00FF00FF, the second tap,
//   x0 v + (x1 - 256 x0) u - 128 (1 + 2^16) (x0 + x1)
// is what the two taps add to both sums: 16 instructions for 8 products, and 18 a run. In: a
// LaneRow4. Out: its outputs. The plain twin is lane_channels_plain() of ops/nn/lane_outputs.h.
#pragma once
#include <stdint.h>

#include "core/simd_lanes.h"

namespace mote {

// The order is that in which the loop loads them.
struct LaneInputs {
  const uint32_t* inputs;  // of each two taps the words x0, x1 - 256 x0, -128 (1 + 2^16) (x0 + x1)
  const uint32_t* packed;  // by ops/nn/lane_layer.h
  int8_t* outputs;
  int8_t* outputs_end;
};
constexpr uint32_t kSecondTap = 0x00FF00FFu;
constexpr uint32_t kWeightOffset = 0x00800080u;

// A run is a byte: how many bytes of instructions it leaves out.
constexpr int32_t kLongestRunOfPairs = 7;
constexpr int32_t kPairBytes = 32;
constexpr int32_t kEndOfRuns = kLongestRunOfPairs * kPairBytes + 18;

#if defined(__thumb__) && defined(__OPTIMIZE__)
constexpr bool kHasLaneChannels = true;

// clang-format off
#define MOTE_LANE_WEIGHTS(v, word)                         \
  "lsrs r6, " #v ", #8\n"                                  \
  "ands r6, r7\n"                                          \
  "muls " #v ", r4\n"                                      \
  "muls r6, r5\n"                                          \
  "add " #word ", " #v "\n"                                \
  "add " #word ", r6\n"

// A run.
#define MOTE_RUN_OF_CHANNELS                               \
  "ldr r2, [sp, #4]\n"                                     \
  "ldrb r3, [r2]\n"                                        \
  "adds r2, #1\n"                                          \
  "str r2, [sp, #4]\n"                                     \
  "movs r4, #1\n"                                          \
  "lsls r4, r4, #15\n"                                     \
  "mov r8, r4\n"                                           \
  "mov r9, r4\n"                                           \
  "add pc, r3\n"                                           \
  "nop\n"                                                  \
  ".rept %c[pairs]\n"                                      \
  "ldmia r0!, {r4-r6}\n"                                   \
  "add r8, r6\n"                                           \
  "add r9, r6\n"                                           \
  "ldmia r1!, {r2, r3}\n"                                  \
  MOTE_LANE_WEIGHTS(r2, r8)                                \
  MOTE_LANE_WEIGHTS(r3, r9)                                \
  ".endr\n"                                                \
  "mov r2, r8\n"                                           \
  "add r10, r2\n"                                          \
  "asrs r2, r2, #16\n"                                     \
  "add r11, r2\n"                                          \
  "mov r2, r9\n"                                           \
  "add r12, r2\n"                                          \
  "asrs r2, r2, #16\n"                                     \
  "add lr, r2\n"

// The output of the sum in r0; leaves the loop behind the last one.
#define MOTE_LANE_CHANNEL                                  \
  "ldmia r1!, {r3-r6}\n"                                   \
  ".if %c[signs]\n"                                        \
  "mov r7, r0\n"                                           \
  "ldmia r1!, {r0}\n"                                      \
  "mov r8, r0\n"                                           \
  "ldmia r1!, {r0}\n"                                      \
  "mov r9, r0\n"                                           \
  "mov r0, r7\n"                                           \
  ".endif\n"                                               \
  MOTE_LANE_OUTPUT(r7, r8, r9)                             \
  "strb r0, [r2]\n"                                        \
  "adds r2, #1\n"                                          \
  "ldr r7, [sp, #12]\n"                                    \
  "cmp r2, r7\n"

// r0 inputs, r1 weights, r2-r6 words, r7 kSecondTap, r8, r9 a run's words, r10, r11 and r12, lr the
// sums; then r0 a sum, r1 `packed`, r2 outputs, r3-r6 the numbers of the output rule. The stack:
// [inputs, runs, outputs, their end], then r7, which gcc may hold a frame in.
template <bool kSigns, int32_t kLowBits>
inline __attribute__((noinline)) void lane_channels(const LaneInputs& all) {
  register const LaneInputs* in __asm__("r0") = &all;
  __asm__ volatile(
      ".syntax unified\n"
      "push {r7}\n"
      "sub sp, #16\n"
      "ldmia r0!, {r3-r6}\n"
      "mov r1, r4\n"
      "str r3, [sp]\n"
      "str r5, [sp, #8]\n"
      "str r6, [sp, #12]\n"
      "1:\n"  // four channels
      "ldmia r1!, {r2-r6}\n"
      "mov r10, r3\n"
      "mov r11, r4\n"
      "mov r12, r5\n"
      "mov lr, r6\n"
      "str r1, [sp, #4]\n"
      "adds r1, r1, r2\n"
      "ldr r0, [sp]\n"
      "movs r7, #255\n"
      "lsls r2, r7, #16\n"
      "adds r7, r7, r2\n"
      "2:\n"  // a run
      MOTE_RUN_OF_CHANNELS
      "b 2b\n"
      "ldr r2, [sp, #8]\n"
      "mov r3, r11\n"
      "lsls r3, r3, #16\n"
      "mov r0, r10\n"
      "subs r0, r0, r3\n"
      MOTE_LANE_CHANNEL
      "beq 3f\n"
      "mov r0, r11\n"
      MOTE_LANE_CHANNEL
      "beq 3f\n"
      "mov r3, lr\n"
      "lsls r3, r3, #16\n"
      "mov r0, r12\n"
      "subs r0, r0, r3\n"
      MOTE_LANE_CHANNEL
      "beq 3f\n"
      "mov r0, lr\n"
      MOTE_LANE_CHANNEL
      "beq 3f\n"
      "str r2, [sp, #8]\n"
      "b 1b\n"
      "3:\n"
      "add sp, #16\n"
      "pop {r7}\n"
      : "+r"(in)
      : [signs] "i"(kSigns), [pairs] "i"(kLongestRunOfPairs), [low_bits] "i"(kLowBits)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
// clang-format on
#undef MOTE_LANE_WEIGHTS
#undef MOTE_LANE_CHANNEL
#undef MOTE_RUN_OF_CHANNELS
#else
constexpr bool kHasLaneChannels = false;
template <bool kSigns, int32_t kLowBits>
void lane_channels(const LaneInputs& all);
#endif

}  // namespace mote
