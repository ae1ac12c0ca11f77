// SPDX-License-Identifier: Apache-2.0
// Convolutions of 3x3 windows for cores with the DSP instructions of Armv7E-M: four or six
// neighbouring outputs of one channel share the columns that they see, 32 instructions for 48
// products or 46 for 72. In: a Rows3x3. Out: its outputs. The plain twin is rows_outputs() of
// ops/nn/conv_2d/conv_2d_3x3_dsp.h.
#pragma once
#include <stdint.h>

namespace mote {

// Neighbouring places of the output, all channels. The order is that of the loop's stack.
struct Rows3x3 {
  const uint32_t* inputs;  // by row and four channels the words u of all columns, then their z
  const uint32_t* end;
  int32_t signs;  // whether there is `negative` (ops/nn/exact_requantize.h)
  const uint32_t* packed_end;
  int32_t stride;  // from one place's output to the next
  int8_t* output;
  int32_t offset;          // of ExactOutput (ops/nn/folded_output.h)
  const uint32_t* packed;  // by ops/nn/packed_layer.h; of four channels the weights of a row
};

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
constexpr bool kHasRows3x3 = true;

// clang-format off
#define MOTE_ADD(sum, x, w) "smlad " #sum ", " #x ", " #w ", " #sum "\n"
// Columns of u, or of z: r0-r5 are sums, r6-r8 weights, r9-r11 columns.
#define MOTE_COLUMNS                                                            \
  "ldmia lr!, {r9-r11}\n"                                                       \
  MOTE_ADD(r0, r9, r6) MOTE_ADD(r0, r10, r7) MOTE_ADD(r0, r11, r8)              \
  MOTE_ADD(r1, r10, r6) MOTE_ADD(r1, r11, r7) MOTE_ADD(r2, r11, r6)             \
  "ldmia lr!, {r9-r11}\n"                                                       \
  MOTE_ADD(r1, r9, r8) MOTE_ADD(r2, r9, r7) MOTE_ADD(r2, r10, r8)               \
  MOTE_ADD(r3, r9, r6) MOTE_ADD(r3, r10, r7) MOTE_ADD(r3, r11, r8)              \
  ".if %c[columns] == 6\n"                                                      \
  MOTE_ADD(r4, r10, r6) MOTE_ADD(r4, r11, r7) MOTE_ADD(r5, r11, r6)             \
  "ldmia lr!, {r9, r10}\n"                                                      \
  MOTE_ADD(r4, r9, r8) MOTE_ADD(r5, r9, r7) MOTE_ADD(r5, r10, r8)               \
  ".endif\n"
#define MOTE_EACH_SUM                                                           \
  ".if %c[columns] == 6\n"                                                      \
  "each r4\n"                                                                   \
  "each r5\n"                                                                   \
  ".endif\n"                                                                    \
  ".irp sum, r0, r1, r2, r3\n"                                                  \
  "each \\sum\n"                                                                \
  ".endr\n"                                                                     \
  ".purgem each\n"
// clang-format on

// All registers are taken: r12 is `packed`, lr `inputs`; what is asked for rarely stands on the
// stack as in Rows3x3, before r7, which gcc may hold a frame in. Bodies come in threes.
template <int kColumns, int kShift>
inline __attribute__((noinline)) void rows_3x3(const Rows3x3& all) {
  static_assert(kColumns == 4 || kColumns == 6);
  register const Rows3x3* rows __asm__("r0") = &all;
  __asm__ volatile(
      "push {r7}\n"
      "ldmia r0, {r1-r7, r12}\n"
      "push {r1-r7}\n"
      "1:\n"  // a channel
      "ldr r0, [r12], #4\n"
      "ldr lr, [sp]\n"
      ".macro each sum\n"
      ".ifnc \\sum, r0\n"
      "mov \\sum, r0\n"
      ".endif\n"
      ".endm\n" MOTE_EACH_SUM
      "2:\n"
      ".rept 3\n"
      "ldmia r12!, {r6-r8}\n" MOTE_COLUMNS
      ".irp weights, r6, r7, r8\n"
      "sxtb16 \\weights, \\weights\n"
      ".endr\n" MOTE_COLUMNS
      ".endr\n"
      "ldrd r9, r10, [sp, #4]\n"
      "cmp lr, r9\n"
      "bne 2b\n"
      "ldr r6, [r12], #4\n"
      "ldr r7, [sp, #24]\n"
      "cmp r10, #0\n"
      "beq 3f\n"
      "ldr r8, [r12], #4\n"
      ".macro each sum\n"
      "and r9, r8, \\sum, asr #31\n"
      "sub \\sum, \\sum, r9\n"
      ".endm\n" MOTE_EACH_SUM
      "3:\n"
      "add lr, sp, #12\n"
      "ldmia lr, {r8-r10}\n"
      ".macro each sum\n"
      "smmla \\sum, \\sum, r6, r7\n"
      "ssat \\sum, #8, \\sum, asr %[shift]\n"
      ".endm\n" MOTE_EACH_SUM
      "add r11, r10, r9\n"
      "cmp r12, r8\n"
      "strb r1, [r10, r9]\n"
      "strb r2, [r10, r9, lsl #1]\n"
      "strb r3, [r11, r9, lsl #1]\n"
      ".if %c[columns] == 6\n"
      "strb r4, [r10, r9, lsl #2]\n"
      "strb r5, [r11, r9, lsl #2]\n"
      ".endif\n"
      "strb r0, [r10], #1\n"
      "str r10, [sp, #20]\n"
      "bne 1b\n"
      "add sp, sp, #28\n"
      "pop {r7}\n"
      : "+r"(rows)
      : [columns] "i"(kColumns), [shift] "i"(kShift)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#undef MOTE_ADD
#undef MOTE_COLUMNS
#undef MOTE_EACH_SUM
#else
constexpr bool kHasRows3x3 = false;
template <int kColumns, int kShift>
void rows_3x3(const Rows3x3& all);
#endif

}  // namespace mote
