// SPDX-License-Identifier: Apache-2.0
// 3x3 windows over a plane of int16, for cores with the DSP instructions of Armv7E-M: two
// neighbouring outputs share what they load, 12 multiplications for 18 products. In: a Plane3x3.
// Out: its outputs. The plain twin is plane_outputs() of
// ops/nn/depthwise_conv_2d/depthwise_conv_2d_3x3.h.
#pragma once
#include <stdint.h>

namespace mote {

// Rows of outputs of one channel. The order is that of the loop's stack.
struct Plane3x3 {
  int32_t column_step, row_step;  // bytes from an output to the next; from a row's end to the next
  int32_t pairs;                  // bytes of a plane's row that pairs of outputs move on
  int32_t is_odd;                 // whether a row ends with one output
  int32_t next_row;               // bytes from where a row of outputs ends to the next
  int32_t rows;                   // of outputs, at least 1
  const int16_t *first, *second, *third;  // of the plane, the rows under the first window
  int8_t* output;
  // Bias; of each row w0, w1 and w1, w2, 256 times; multiplier, offset, negative of ExactOutput
  // (ops/nn/folded_output.h).
  const uint32_t* packed;
};

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
constexpr bool kHasPlane3x3 = true;

// clang-format off
// Two outputs, or one: r9 and r10 are sums, r11 and r12 inputs; the sums so far are `from`.
#define MOTE_ROW_OF_TWO(row, w01, w12, from_first, from_second) \
  ".if %c[stride] == 1\n"                    \
  "ldrd r11, r12, [" #row "], #4\n"          \
  "smlad r9, r11, " #w01 ", " #from_first "\n" \
  "smlatb r10, r11, " #w01 ", " #from_second "\n" \
  "smlad r10, r12, " #w12 ", r10\n"          \
  ".else\n"                                  \
  "ldrd r11, r12, [" #row "], #8\n"          \
  "smlad r9, r11, " #w01 ", " #from_first "\n" \
  "smlad r10, r12, " #w01 ", " #from_second "\n" \
  ".endif\n"                                 \
  "smlabt r9, r12, " #w12 ", r9\n"           \
  ".if %c[stride] == 2\n"                    \
  "ldr r11, [" #row "]\n"                    \
  "smlabt r10, r11, " #w12 ", r10\n"         \
  ".endif\n"
#define MOTE_ROW_OF_ONE(row, w01, w12)       \
  "ldrd r11, r12, [" #row "], %[advance]\n"  \
  "smlad r9, r11, " #w01 ", r9\n"            \
  "smlabt r9, r12, " #w12 ", r9\n"
#define MOTE_WITHOUT_NEGATIVE(sum)           \
  ".if %c[signs]\n"                          \
  "ldr r11, [sp, #12]\n"                     \
  "and r11, r11, " #sum ", asr #31\n"        \
  "sub " #sum ", " #sum ", r11\n"            \
  ".endif\n"

// From r0, the Plane3x3, to registers and stack as below.
#define MOTE_TAKE_PLANE                      \
  "ldmia r0!, {r1-r6}\n"                     \
  "push {r1-r6}\n"                           \
  "ldmia r0, {r6-r8, r11, r12}\n"            \
  "mov lr, r11\n"                            \
  "add r3, r3, r6\n"                         \
  "push {r3}\n"                              \
  "ldr r9, [r12], #4\n"                      \
  "ldmia r12!, {r0-r5}\n"                    \
  ".if %c[signs]\n"                          \
  "ldmia r12, {r10, r11, r12}\n"             \
  ".else\n"                                  \
  "ldmia r12, {r10, r11}\n"                  \
  ".endif\n"                                 \
  "push {r9-r12}\n"
// clang-format on

// All registers are taken: r0-r5 are the weights, r6-r8 the three rows, lr the output. The stack:
// [bias, multiplier, offset, negative, where the row's pairs end], from 20 on Plane3x3's first six,
// then r7, which gcc may hold a frame in.
template <int kStride, bool kSigns, int kShift>
inline __attribute__((noinline)) void plane_outputs_3x3(const Plane3x3& all) {
  register const Plane3x3* plane __asm__("r0") = &all;
  __asm__ volatile(
      "push {r7}\n" MOTE_TAKE_PLANE
      "1:\n"  // a row
      "ldr r11, [sp, #16]\n"
      "cmp r6, r11\n"
      "beq 3f\n"
      "2:\n"  // two outputs
      "ldr r10, [sp]\n"
      MOTE_ROW_OF_TWO(r6, r0, r1, r10, r10)
      MOTE_ROW_OF_TWO(r7, r2, r3, r9, r10)
      MOTE_ROW_OF_TWO(r8, r4, r5, r9, r10)
      MOTE_WITHOUT_NEGATIVE(r9)
      MOTE_WITHOUT_NEGATIVE(r10)
      "ldrd r11, r12, [sp, #4]\n"
      "smmla r9, r9, r11, r12\n"
      "smmla r10, r10, r11, r12\n"
      "ldrd r11, r12, [sp, #16]\n"
      "ssat r9, #8, r9, asr %[shift]\n"
      "ssat r10, #8, r10, asr %[shift]\n"
      "strb r9, [lr]\n"
      "strb r10, [lr, r12]\n"
      "add lr, lr, r12, lsl #1\n"
      "cmp r6, r11\n"
      "bne 2b\n"
      "3:\n"
      "ldr r11, [sp, #32]\n"
      "cmp r11, #0\n"
      "beq 4f\n"
      "ldr r9, [sp]\n"  // a last single output
      MOTE_ROW_OF_ONE(r6, r0, r1)
      MOTE_ROW_OF_ONE(r7, r2, r3)
      MOTE_ROW_OF_ONE(r8, r4, r5)
      MOTE_WITHOUT_NEGATIVE(r9)
      "ldrd r11, r12, [sp, #4]\n"
      "smmla r9, r9, r11, r12\n"
      "ldr r12, [sp, #20]\n"
      "ssat r9, #8, r9, asr %[shift]\n"
      "strb r9, [lr]\n"
      "add lr, lr, r12\n"
      "4:\n"
      "ldrd r11, r12, [sp, #36]\n"
      "subs r12, r12, #1\n"
      "beq 5f\n"
      "str r12, [sp, #40]\n"
      "add r6, r6, r11\n"
      "add r7, r7, r11\n"
      "add r8, r8, r11\n"
      "ldrd r11, r12, [sp, #24]\n"
      "add lr, lr, r11\n"
      "add r12, r12, r6\n"
      "str r12, [sp, #16]\n"
      "b 1b\n"
      "5:\n"
      "add sp, sp, #44\n"
      "pop {r7}\n"
      : "+r"(plane)
      : [stride] "i"(kStride), [signs] "i"(kSigns), [shift] "i"(kShift), [advance] "i"(4 * kStride)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#undef MOTE_ROW_OF_TWO
#undef MOTE_ROW_OF_ONE
#undef MOTE_WITHOUT_NEGATIVE
#undef MOTE_TAKE_PLANE
#else
constexpr bool kHasPlane3x3 = false;
template <int kStride, bool kSigns, int kShift>
void plane_outputs_3x3(const Plane3x3& all);
#endif

}  // namespace mote
