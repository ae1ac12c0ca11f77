// SPDX-License-Identifier: Apache-2.0
// 3x3 windows over a plane of words, each of two places (core/simd_lanes.h), for cores without
// SIMD: 7 instructions for 4 products. In: a LaneRow. Out: its outputs, by the rule of
// ops/nn/clamped_output.h. The plain twin is lane_row_plain() of
// ops/nn/depthwise_conv_2d/depthwise_conv_2d_scalar.h.
#pragma once
#include <stdint.h>

#include "core/simd_lanes.h"

namespace mote {

// A row of outputs of one channel, and that which lies in the words' upper halves. The order is
// that of the loop's stack.
struct LaneRow {
  uint32_t weights[9];
  LaneSums first;       // what sums begin with
  uint32_t numbers[6];  // of the output rule
  int32_t column_step;  // bytes from an output to the next
  const uint32_t* end;  // of rows[0], where the outputs end
  const uint32_t* rows[3];
  int8_t* low;   // outputs; an even number of them
  int8_t* high;  // as `low`, where there is no second row: it is written first
};

#if defined(__thumb__) && defined(__OPTIMIZE__)
constexpr bool kHasLaneRow = true;

// clang-format off
#define MOTE_TAP(i, row, x)                            \
  "ldr r3, [sp, #4 * " #i "]\n"                        \
  ".if (" #i " %% %c[run]) == 0\n"                     \
  "ldr r5, [" #row ", #4 * " #x "]\n"                  \
  "muls r5, r3\n"                                      \
  "adds r5, r5, r7\n"                                  \
  "ldr r6, [" #row ", #4 * (" #x " + %c[stride])]\n"   \
  "muls r6, r3\n"                                      \
  "adds r6, r6, r7\n"                                  \
  ".else\n"                                            \
  "ldr r4, [" #row ", #4 * " #x "]\n"                  \
  "muls r4, r3\n"                                      \
  "adds r5, r5, r4\n"                                  \
  "ldr r4, [" #row ", #4 * (" #x " + %c[stride])]\n"   \
  "muls r4, r3\n"                                      \
  "adds r6, r6, r4\n"                                  \
  ".endif\n"                                           \
  ".if ((" #i " + 1) %% %c[run]) == 0 || " #i " == 8\n"\
  "add r8, r5\n"                                       \
  "asrs r5, r5, #16\n"                                 \
  "add r9, r5\n"                                       \
  "add r10, r6\n"                                      \
  "asrs r6, r6, #16\n"                                 \
  "add r11, r6\n"                                      \
  ".endif\n"

// ClampedOutput of the sum in `a`.
#define MOTE_CLAMPED_OUTPUT(a)                         \
  "asrs r3, " #a ", #31\n"                             \
  "bics " #a ", r3\n"                                  \
  "ldr r3, [sp, #52]\n"                                \
  "cmp " #a ", r3\n"                                   \
  "bls 11f\n"                                          \
  "mov " #a ", r3\n"                                   \
  "11:\n"                                              \
  "ldr r4, [sp, #56]\n"                                \
  ".if %c[signs]\n"                                    \
  "ldr r3, [sp, #60]\n"                                \
  "cmp " #a ", r3\n"                                   \
  "bhs 12f\n"                                          \
  "ldr r3, [sp, #64]\n"                                \
  "adds r4, r4, r3\n"                                  \
  "12:\n"                                              \
  ".endif\n"                                           \
  "ldr r3, [sp, #48]\n"                                \
  "muls r3, " #a "\n"                                  \
  "lsrs r3, r3, %[low_bits]\n"                         \
  "adds r4, r4, r3\n"                                  \
  "ldr r3, [sp, #44]\n"                                \
  "muls " #a ", r3\n"                                  \
  "adds " #a ", " #a ", r4\n"                          \
  "lsrs " #a ", " #a ", #24\n"

// An output of the second column; the pointer moves on by two.
#define MOTE_STORE_SECOND(a, pointer)                  \
  "ldr r3, [sp, #68]\n"                                \
  "mov r4, " #pointer "\n"                             \
  "adds r4, r4, r3\n"                                  \
  "strb " #a ", [r4]\n"                                \
  "adds r4, r4, r3\n"                                  \
  "mov " #pointer ", r4\n"

// r0-r2 rows, r3-r6 words, r7 2^15, r8-r11 the sums of two words, r12 and lr outputs.
template <int kStride, bool kSigns, int32_t kLowBits, int kRun>
inline __attribute__((noinline)) void lane_row_3x3(const LaneRow& row) {
  register const LaneRow* in __asm__("r0") = &row;
  __asm__ volatile(
      ".syntax unified\n"
      "push {r7}\n"
      "sub sp, #76\n"
      "mov r1, sp\n"
      ".rept 3\n"
      "ldmia r0!, {r2-r7}\n"
      "stmia r1!, {r2-r7}\n"
      ".endr\n"
      "ldmia r0!, {r2-r7}\n"
      "stmia r1!, {r2}\n"
      "mov r12, r6\n"
      "mov lr, r7\n"
      "mov r0, r3\n"
      "mov r1, r4\n"
      "mov r2, r5\n"
      "movs r7, #1\n"
      "lsls r7, r7, #15\n"
      "1:\n"
      "ldr r3, [sp, #36]\n"
      "mov r8, r3\n"
      "mov r10, r3\n"
      "ldr r3, [sp, #40]\n"
      "mov r9, r3\n"
      "mov r11, r3\n"
      MOTE_TAP(0, r0, 0) MOTE_TAP(1, r0, 1) MOTE_TAP(2, r0, 2)
      MOTE_TAP(3, r1, 0) MOTE_TAP(4, r1, 1) MOTE_TAP(5, r1, 2)
      MOTE_TAP(6, r2, 0) MOTE_TAP(7, r2, 1) MOTE_TAP(8, r2, 2)
      "mov r6, r9\n"
      "lsls r3, r6, #16\n"
      "mov r5, r8\n"
      "subs r5, r5, r3\n"
      MOTE_CLAMPED_OUTPUT(r6)
      "mov r4, lr\n"
      "strb r6, [r4]\n"
      MOTE_CLAMPED_OUTPUT(r5)
      "mov r4, r12\n"
      "strb r5, [r4]\n"
      "mov r6, r11\n"
      "lsls r3, r6, #16\n"
      "mov r5, r10\n"
      "subs r5, r5, r3\n"
      MOTE_CLAMPED_OUTPUT(r6)
      MOTE_STORE_SECOND(r6, lr)
      MOTE_CLAMPED_OUTPUT(r5)
      MOTE_STORE_SECOND(r5, r12)
      "adds r0, #8 * %c[stride]\n"
      "adds r1, #8 * %c[stride]\n"
      "adds r2, #8 * %c[stride]\n"
      "ldr r3, [sp, #72]\n"
      "cmp r0, r3\n"
      "beq 2f\n"
      "b 1b\n"
      "2:\n"
      "add sp, #76\n"
      "pop {r7}\n"
      : "+r"(in)
      : [stride] "i"(kStride), [signs] "i"(kSigns), [run] "i"(kRun), [low_bits] "i"(kLowBits)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
// clang-format on
#undef MOTE_TAP
#undef MOTE_CLAMPED_OUTPUT
#undef MOTE_STORE_SECOND
#else
constexpr bool kHasLaneRow = false;
template <int kStride, bool kSigns, int32_t kLowBits, int kRun>
void lane_row_3x3(const LaneRow& row);
#endif

}  // namespace mote
