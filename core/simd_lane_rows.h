// SPDX-License-Identifier: Apache-2.0
// 3x3 windows over a plane of words, each of two places (core/simd_lanes.h), for cores without
// SIMD: two neighbouring outputs share what they load, and so do the two places: 15 instructions
// for a row of 12 products, 16 at stride 2, and 16 an output. In: a LanePlane. Out: its outputs, by
// the rule of ops/nn/clamped_output.h. The plain twin is lane_plane_plain() of
// ops/nn/depthwise_conv_2d/depthwise_conv_2d_scalar.h.
#pragma once
#include <stdint.h>

#include "core/simd_lanes.h"

namespace mote {

// Rows of outputs of one channel, and those which lie in the words' upper halves. The order is that
// of the loop's stack.
struct LanePlane {
  uint32_t weights[9];
  LaneSums first;         // what sums begin with
  uint32_t numbers[6];    // of the output rule
  int32_t left_out[2];    // after a row of weights: kLaneSplitBytes where its run goes on, or 0
  int32_t next_row;       // bytes from what a row of weights met to the plane's next row
  int32_t next_pair;      // and from what the last one met to the first row of the next two outputs
  int32_t even_bytes;     // of a row of the plane, which an even number of outputs passes
  int32_t odd_bytes;      // which an odd last one passes, or 0
  int32_t column_step;    // bytes from an output to the next
  const uint32_t* plane;  // the first row
  int32_t plane_step;     // bytes to the next output's
  int8_t* low;            // outputs; at least two in a row
  int8_t* high;           // as `low`, where there is no second row: it is written first
  int32_t row_step;       // bytes to the next row of outputs
  int32_t rows;
};
constexpr int32_t kLaneSplitBytes = 24;  // of instructions

// How a channel's runs are packed: bits for the first and the second row of weights whose run goes
// on in the next one, and one where no run is longer than two weights.
constexpr uint32_t kRunGoesOn = 1, kRunsOfTwo = 4;

#if defined(__thumb__) && defined(__OPTIMIZE__)
constexpr bool kHasLanePlane = true;

// clang-format off
#define MOTE_SPLIT_SUMS                                    \
  "mov r3, r8\n"                                           \
  "add r10, r3\n"                                          \
  "asrs r3, r3, #16\n"                                     \
  "add r11, r3\n"                                          \
  "mov r3, r9\n"                                           \
  "add r12, r3\n"                                          \
  "asrs r3, r3, #16\n"                                     \
  "add lr, r3\n"

#define MOTE_BEGIN_RUN                                     \
  "movs r0, #1\n"                                          \
  "lsls r0, r0, #15\n"                                     \
  "mov r8, r0\n"                                           \
  "mov r9, r0\n"

// A row of weights w0, w1, w2 meets the words a, b, c and, of the second output, b, c, d or, at
// stride 2, c, d, e. A product takes the register of the factor that is not needed again.
#define MOTE_LANE_ROW(weights)                             \
  "add r0, sp, #" #weights "\n"                            \
  "ldmia r0, {r0-r2}\n"                                    \
  ".if %c[stride] == 1\n"                                  \
  "ldmia r7!, {r3-r6}\n"                                   \
  "muls r3, r0\n"                                          \
  "add r8, r3\n"                                           \
  "muls r0, r4\n"                                          \
  "add r9, r0\n"                                           \
  "muls r4, r1\n"                                          \
  "add r8, r4\n"                                           \
  "muls r1, r5\n"                                          \
  "add r9, r1\n"                                           \
  ".else\n"                                                \
  "ldmia r7!, {r3-r5}\n"                                   \
  "muls r3, r0\n"                                          \
  "add r8, r3\n"                                           \
  "muls r0, r5\n"                                          \
  "add r9, r0\n"                                           \
  "muls r4, r1\n"                                          \
  "add r8, r4\n"                                           \
  "ldmia r7!, {r3, r6}\n"                                  \
  "muls r3, r1\n"                                          \
  "add r9, r3\n"                                           \
  ".endif\n"                                               \
  ".if %c[twos]\n"                                         \
  MOTE_SPLIT_SUMS                                          \
  MOTE_BEGIN_RUN                                           \
  ".endif\n"                                               \
  "muls r5, r2\n"                                          \
  "add r8, r5\n"                                           \
  "muls r6, r2\n"                                          \
  "add r9, r6\n"

#define MOTE_NEXT_ROW(left_out)                            \
  "ldr r0, [sp, #76]\n"                                    \
  "adds r7, r7, r0\n"                                      \
  "ldr r0, [sp, #" #left_out "]\n"                         \
  "add pc, r0\n"                                           \
  "nop\n"                                                  \
  MOTE_SPLIT_SUMS                                          \
  MOTE_BEGIN_RUN

// Stores the output in r0 as the second one at r2, which moves on by two.
#define MOTE_STORE_SECOND                                  \
  "ldr r1, [sp, #92]\n"                                    \
  "strb r0, [r2, r1]\n"                                    \
  "adds r2, r2, r1\n"                                      \
  "adds r2, r2, r1\n"

// Outputs of the upper halves, then of the lower.
#define MOTE_TWO_BY_TWO_OUTPUTS                            \
  "add r0, sp, #44\n"                                      \
  "ldmia r0!, {r3-r6}\n"                                   \
  ".if %c[signs]\n"                                        \
  "ldr r0, [sp, #60]\n"                                    \
  "mov r8, r0\n"                                           \
  "ldr r0, [sp, #64]\n"                                    \
  "mov r9, r0\n"                                           \
  ".endif\n"                                               \
  "ldr r2, [sp, #128]\n"                                   \
  "mov r0, r11\n"                                          \
  MOTE_LANE_OUTPUT(r1, r8, r9)                             \
  "strb r0, [r2]\n"                                        \
  "mov r0, lr\n"                                           \
  MOTE_LANE_OUTPUT(r1, r8, r9)                             \
  MOTE_STORE_SECOND                                        \
  "str r2, [sp, #128]\n"                                   \
  "ldr r2, [sp, #124]\n"                                   \
  "mov r1, r11\n"                                          \
  "lsls r1, r1, #16\n"                                     \
  "mov r0, r10\n"                                          \
  "subs r0, r0, r1\n"                                      \
  MOTE_LANE_OUTPUT(r1, r8, r9)                             \
  "strb r0, [r2]\n"                                        \
  "mov r1, lr\n"                                           \
  "lsls r1, r1, #16\n"                                     \
  "mov r0, r12\n"                                          \
  "subs r0, r0, r1\n"                                      \
  MOTE_LANE_OUTPUT(r1, r8, r9)                             \
  MOTE_STORE_SECOND                                        \
  "str r2, [sp, #124]\n"

// To the next row; leaves the loop behind the last one.
#define MOTE_NEXT_ROW_OF_OUTPUTS                           \
  "ldr r0, [sp, #96]\n"                                    \
  "ldr r1, [sp, #100]\n"                                   \
  "adds r0, r0, r1\n"                                      \
  "str r0, [sp, #96]\n"                                    \
  "add r2, sp, #104\n"                                     \
  "ldmia r2!, {r0, r1, r3, r4}\n"                          \
  "adds r0, r0, r3\n"                                      \
  "adds r1, r1, r3\n"                                      \
  "subs r4, #1\n"                                          \
  "beq 5f\n"                                               \
  "add r2, sp, #104\n"                                     \
  "stmia r2!, {r0, r1, r3, r4}\n"

// r0-r2 weights, r3-r6 words, r7 plane, r8, r9 a run's words, r10, r11 and r12, lr the sums; then
// r0 a sum, r2 outputs, r3-r6 the numbers of the output rule. The stack: the LanePlane, then
// [the row's even end, low, high], then r7, which gcc may hold a frame in. `kTwos`: no run is
// longer than two weights.
template <int kStride, bool kTwos, bool kSigns, int32_t kLowBits>
inline __attribute__((noinline)) void lane_plane_3x3(const LanePlane& rows) {
  register const LanePlane* in __asm__("r0") = &rows;
  __asm__ volatile(
      ".syntax unified\n"
      "push {r7}\n"
      "sub sp, #132\n"
      "mov r1, sp\n"
      ".rept 5\n"
      "ldmia r0!, {r2-r7}\n"
      "stmia r1!, {r2-r7}\n"
      ".endr\n"
      "1:\n"  // a row
      "ldr r7, [sp, #96]\n"
      "ldr r0, [sp, #84]\n"
      "adds r0, r0, r7\n"
      "str r0, [sp, #120]\n"
      "ldr r0, [sp, #104]\n"
      "str r0, [sp, #124]\n"
      "ldr r0, [sp, #108]\n"
      "str r0, [sp, #128]\n"
      "2:\n"  // two outputs of it
      "ldr r0, [sp, #36]\n"
      "mov r10, r0\n"
      "mov r12, r0\n"
      "ldr r0, [sp, #40]\n"
      "mov r11, r0\n"
      "mov lr, r0\n"
      MOTE_BEGIN_RUN
      MOTE_LANE_ROW(0)
      MOTE_NEXT_ROW(68)
      MOTE_LANE_ROW(12)
      MOTE_NEXT_ROW(72)
      MOTE_LANE_ROW(24)
      "ldr r0, [sp, #80]\n"
      "adds r7, r7, r0\n"
      MOTE_SPLIT_SUMS
      MOTE_TWO_BY_TWO_OUTPUTS
      "ldr r0, [sp, #120]\n"
      "cmp r7, r0\n"
      "bhs 3f\n"
      "b 2b\n"
      "3:\n"
      "bhi 4f\n"
      "ldr r0, [sp, #88]\n"
      "cmp r0, #0\n"
      "beq 4f\n"
      "subs r7, r7, r0\n"  // an odd last output is made together with the one before it
      "ldr r1, [sp, #92]\n"
      "subs r2, r2, r1\n"
      "str r2, [sp, #124]\n"
      "ldr r2, [sp, #128]\n"
      "subs r2, r2, r1\n"
      "str r2, [sp, #128]\n"
      "b 2b\n"
      "4:\n"
      MOTE_NEXT_ROW_OF_OUTPUTS
      "b 1b\n"
      "5:\n"
      "add sp, #132\n"
      "pop {r7}\n"
      : "+r"(in)
      : [stride] "i"(kStride), [twos] "i"(kTwos), [signs] "i"(kSigns), [low_bits] "i"(kLowBits)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
// clang-format on
#undef MOTE_SPLIT_SUMS
#undef MOTE_BEGIN_RUN
#undef MOTE_LANE_ROW
#undef MOTE_NEXT_ROW
#undef MOTE_STORE_SECOND
#undef MOTE_TWO_BY_TWO_OUTPUTS
#undef MOTE_NEXT_ROW_OF_OUTPUTS
#else
constexpr bool kHasLanePlane = false;
template <int kStride, bool kTwos, bool kSigns, int32_t kLowBits>
void lane_plane_3x3(const LanePlane& rows);
#endif

}  // namespace mote
