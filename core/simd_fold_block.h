// SPDX-License-Identifier: Apache-2.0
// The loop in which most time of a convolution goes, for cores with the DSP instructions of
// Armv7E-M: four places of the output by two channels, 23 instructions for 32 products. In: a
// FoldBlock. Out: its outputs. The plain twin is folded_block() of ops/nn/byte_fold.h.
#pragma once
#include <stdint.h>

namespace mote {

// Some places of the output, all channels: pointers first, as the loop loads them in one go.
struct FoldBlock {
  const uint32_t* inputs;  // of each four numbers the words u of all places, then their z
  const uint32_t* whole;   // where those that make sixteens end
  const uint32_t* end;
  int8_t* output;          // of the first place
  int32_t stride;          // from one place's output to the next
  int32_t channels;        // at least 1
  const uint32_t* packed;  // by ops/nn/packed_layer.h in pairs of channels
};

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
constexpr bool kHasFoldBlock = true;

// clang-format off
#define MOTE_TWO_PLACES(a, b, next_a, next_b)  \
  "ldrd r8, r9, [lr], #8\n"                    \
  "smlad " #a ", r8, r10, " #a "\n"            \
  "smlad " #b ", r8, r11, " #b "\n"            \
  "smlad " #next_a ", r9, r10, " #next_a "\n"  \
  "smlad " #next_b ", r9, r11, " #next_b "\n"

#define MOTE_FOUR_NUMBERS                      \
  "ldmia r12!, {r10, r11}\n"                   \
  MOTE_TWO_PLACES(r0, r4, r1, r5)              \
  MOTE_TWO_PLACES(r2, r6, r3, r7)              \
  "sxtb16 r10, r10\n"                          \
  "sxtb16 r11, r11\n"                          \
  MOTE_TWO_PLACES(r0, r4, r1, r5)              \
  MOTE_TWO_PLACES(r2, r6, r3, r7)

// ExactOutput (ops/nn/folded_output.h) of four sums: r8 multiplier, r9 offset, r10 negative.
#define MOTE_EXACT_OUTPUTS(a, b, c, d)         \
  ".if %c[signs]\n"                            \
  "ldmia r12!, {r8-r10}\n"                     \
  ".else\n"                                    \
  "ldmia r12!, {r8, r9}\n"                     \
  ".endif\n"                                   \
  ".irp sum, " #a ", " #b ", " #c ", " #d "\n" \
  ".if %c[signs]\n"                            \
  "and lr, r10, \\sum, asr #31\n"              \
  "sub \\sum, \\sum, lr\n"                     \
  ".endif\n"                                   \
  "smmla \\sum, \\sum, r8, r9\n"               \
  "ssat \\sum, #8, \\sum, asr %[shift]\n"      \
  ".endr\n"
// clang-format on

// All registers are taken: r0-r3 are the sums of one channel at four places, r4-r7 of the next,
// r8, r9 inputs, r10, r11 weights, r12 `packed`, lr `inputs`. What is asked for rarely stands on
// the stack: [inputs, whole, end, output, stride, channels], then r7, which gcc may hold a
// frame in.
template <bool kSigns, int kShift>
inline __attribute__((noinline)) void fold_block_4x2(const FoldBlock& all) {
  register const FoldBlock* block __asm__("r0") = &all;
  __asm__ volatile(
      "push {r7}\n"
      "ldmia r0, {r1-r6, r12}\n"
      "push {r1-r6}\n"
      "1:\n"  // a pair of channels
      "ldrd r0, r4, [r12], #8\n"
      ".irp place, r1, r2, r3\n"
      "mov \\place, r0\n"
      ".endr\n"
      ".irp place, r5, r6, r7\n"
      "mov \\place, r4\n"
      ".endr\n"
      "ldrd lr, r8, [sp]\n"
      "cmp lr, r8\n"
      "beq 3f\n"
      "2:\n"  // sixteen numbers
      ".rept 4\n" MOTE_FOUR_NUMBERS
      ".endr\n"
      "ldr r8, [sp, #4]\n"
      "cmp lr, r8\n"
      "bne 2b\n"
      "3:\n"
      "ldr r8, [sp, #8]\n"
      "cmp lr, r8\n"
      "beq 5f\n"
      "4:\n"  // the last fours
      MOTE_FOUR_NUMBERS
      "ldr r8, [sp, #8]\n"
      "cmp lr, r8\n"
      "bne 4b\n"
      "5:\n"
      MOTE_EXACT_OUTPUTS(r0, r1, r2, r3)
      MOTE_EXACT_OUTPUTS(r4, r5, r6, r7)
      "ldrd r8, r9, [sp, #12]\n"
      "add r10, r8, r9, lsl #1\n"
      "ldr r11, [sp, #20]\n"
      "subs r11, r11, #2\n"
      "blt 6f\n"
      "bfi r0, r4, #8, #8\n"
      "bfi r1, r5, #8, #8\n"
      "bfi r2, r6, #8, #8\n"
      "bfi r3, r7, #8, #8\n"
      "strh r1, [r8, r9]\n"
      "strh r0, [r8], #2\n"
      "str r8, [sp, #12]\n"
      "str r11, [sp, #20]\n"
      "strh r2, [r10]\n"
      "strh r3, [r10, r9]\n"
      "bne 1b\n"
      "b 7f\n"
      "6:\n"  // a last single channel
      "strb r0, [r8]\n"
      "strb r1, [r8, r9]\n"
      "strb r2, [r10]\n"
      "strb r3, [r10, r9]\n"
      "7:\n"
      "add sp, sp, #24\n"
      "pop {r7}\n"
      : "+r"(block)
      : [signs] "i"(kSigns), [shift] "i"(kShift)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#undef MOTE_TWO_PLACES
#undef MOTE_FOUR_NUMBERS
#undef MOTE_EXACT_OUTPUTS
#else
constexpr bool kHasFoldBlock = false;
template <bool kSigns, int kShift>
void fold_block_4x2(const FoldBlock& all);
#endif

}  // namespace mote
