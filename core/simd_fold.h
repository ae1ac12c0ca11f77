// SPDX-License-Identifier: Apache-2.0
// The loops in which most time of a network goes, for cores with the DSP instructions of Armv7E-M:
// four places of the output by two channels, 23 instructions for 32 products, and one place by four
// channels, 27 for 32. They are unrolled, and entered where as many numbers are left as there are.
// In: a FoldBlock. Out: its outputs. The plain twin is fold_outputs() of ops/nn/byte_fold.h.
#pragma once
#include <stdint.h>

namespace mote {

// Some places of the output, all channels. What sums become outputs with comes first, as a loop
// loads it in one go.
struct FoldBlock {
  int32_t skipped;                       // bytes of the unrolled loop before its entry
  int32_t stride;                        // from one place's output to the next
  int32_t offset, negative, multiplier;  // of ExactOutput (ops/nn/folded_output.h)
  int8_t* output;                        // of the first place
  int32_t channels;                      // at least 1
  const uint32_t* inputs;  // of each four numbers the words u of all places, then their z
  const uint32_t* end;
  const uint32_t* packed;  // by ops/nn/packed_layer.h in groups of 2 or 4 channels
};

// Code bytes of the loops below: 23 and 27 instructions, none of which has a form of two bytes. The
// first four numbers of four places stand before their loop.
constexpr int32_t kFold4x2Bytes = 92, kFold4x2Times = 8, kFold1x4Bytes = 108, kFold1x4Times = 8;

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
constexpr bool kHasFold = true;

// clang-format off
// From r0, the FoldBlock, to r12 and the stack.
#define MOTE_TAKE_BLOCK                        \
  "push {r7}\n"                                \
  "ldmia r0, {r1-r6, r8-r10, r12}\n"           \
  "push {r1-r6, r8-r10}\n"

// What is skipped becomes an address; its bit 0 says that the code is Thumb. It lies where a return
// address would, so that the bound of the stack (runner/disassembly.h) takes the jump for no call.
#define MOTE_TAKE_ENTRY                        \
  "adr r0, 2f\n"                               \
  "add r0, r0, r1\n"                           \
  "orr r0, r0, #1\n"                           \
  "str r0, [sp]\n"

// Sums over the inputs from lr on.
#define MOTE_OVER_NUMBERS(times, numbers) \
  "ldr pc, [sp]\n"                             \
  "2:\n"                                       \
  ".rept %c[" #times "]\n"                     \
  numbers                                      \
  ".endr\n"                                    \
  "ldr r8, [sp, #32]\n"                        \
  "cmp lr, r8\n"                               \
  "bne 2b\n"

// The sums of two places by two channels, and what they are added to.
#define MOTE_TWO_PLACES(a, b, next_a, next_b, to_a, to_b, to_next_a, to_next_b) \
  "ldrd r8, r9, [lr], #8\n"                    \
  "smlad " #a ", r8, r10, " #to_a "\n"         \
  "smlad " #b ", r8, r11, " #to_b "\n"         \
  "smlad " #next_a ", r9, r10, " #to_next_a "\n" \
  "smlad " #next_b ", r9, r11, " #to_next_b "\n"

// From any sums on: of each channel those of the four places.
#define MOTE_FOUR_NUMBERS_FROM(a0, a1, a2, a3, b0, b1, b2, b3) \
  "ldmia r12!, {r10, r11}\n"                   \
  MOTE_TWO_PLACES(r0, r4, r1, r5, a0, b0, a1, b1) \
  MOTE_TWO_PLACES(r2, r6, r3, r7, a2, b2, a3, b3) \
  "sxtb16 r10, r10\n"                          \
  "sxtb16 r11, r11\n"                          \
  MOTE_TWO_PLACES(r0, r4, r1, r5, r0, r4, r1, r5) \
  MOTE_TWO_PLACES(r2, r6, r3, r7, r2, r6, r3, r7)
#define MOTE_FOUR_NUMBERS MOTE_FOUR_NUMBERS_FROM(r0, r1, r2, r3, r4, r5, r6, r7)
#define MOTE_FIRST_FOUR_NUMBERS MOTE_FOUR_NUMBERS_FROM(r3, r3, r3, r3, r7, r7, r7, r7)

// ExactOutput (ops/nn/folded_output.h) of four sums.
#define MOTE_EXACT_OUTPUTS(a, b, c, d, multiplier, offset, negative) \
  ".irp sum, " #a ", " #b ", " #c ", " #d "\n" \
  ".if %c[signs]\n"                            \
  "and lr, " #negative ", \\sum, asr #31\n"    \
  "sub \\sum, \\sum, lr\n"                     \
  ".endif\n"                                   \
  "smmla \\sum, \\sum, " #multiplier ", " #offset "\n" \
  "ssat \\sum, #8, \\sum, asr %[shift]\n"      \
  ".endr\n"
// clang-format on

// All registers are taken: r0-r3 are the sums of one channel at four places, r4-r7 of the next,
// r8, r9 inputs, r10, r11 weights, r12 `packed`, lr `inputs`. What is asked for rarely stands on
// the stack: FoldBlock's fields but for the last, where `skipped` has become the entry; then r7,
// which gcc may hold a frame in.
template <bool kSigns, int kShift>
inline __attribute__((noinline)) void fold_4x2(const FoldBlock& all) {
  register const FoldBlock* block __asm__("r0") = &all;
  __asm__ volatile(
      MOTE_TAKE_BLOCK MOTE_TAKE_ENTRY
      "1:\n"  // a pair of channels
      "ldrd r3, r7, [r12], #8\n"
      "ldr lr, [sp, #28]\n"
      MOTE_FIRST_FOUR_NUMBERS
      MOTE_OVER_NUMBERS(times, MOTE_FOUR_NUMBERS)
      "ldrd r11, r9, [sp, #4]\n"
      "ldrd r8, r10, [r12], #8\n"
      MOTE_EXACT_OUTPUTS(r0, r1, r2, r3, r8, r9, r10)
      ".if %c[signs]\n"
      "ldrd r8, r10, [r12], #8\n"
      MOTE_EXACT_OUTPUTS(r4, r5, r6, r7, r8, r9, r10)
      ".else\n"
      MOTE_EXACT_OUTPUTS(r4, r5, r6, r7, r10, r9, )
      ".endif\n"
      "ldrd r8, r9, [sp, #20]\n"
      "add r10, r8, r11, lsl #1\n"
      "subs r9, r9, #2\n"
      "blt 6f\n"
      "bfi r0, r4, #8, #8\n"
      "bfi r1, r5, #8, #8\n"
      "bfi r2, r6, #8, #8\n"
      "bfi r3, r7, #8, #8\n"
      "strh r1, [r8, r11]\n"
      "strh r0, [r8], #2\n"
      "strd r8, r9, [sp, #20]\n"
      "strh r2, [r10]\n"
      "strh r3, [r10, r11]\n"
      "bne 1b\n"
      "b 7f\n"
      "6:\n"  // a last single channel
      "strb r0, [r8]\n"
      "strb r1, [r8, r11]\n"
      "strb r2, [r10]\n"
      "strb r3, [r10, r11]\n"
      "7:\n"
      "add sp, sp, #36\n"
      "pop {r7}\n"
      : "+r"(block)
      : [signs] "i"(kSigns), [shift] "i"(kShift), [times] "i"(kFold4x2Times)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
// clang-format off
#define MOTE_FOUR_CHANNELS(x, first, second, third, fourth) \
  "smlad r0, " #x ", " #first ", r0\n"                      \
  "smlad r1, " #x ", " #second ", r1\n"                     \
  "smlad r2, " #x ", " #third ", r2\n"                      \
  "smlad r3, " #x ", " #fourth ", r3\n"

#define MOTE_FOUR_BY_FOUR(u, z)                             \
  "ldmia r12!, {r4-r7}\n"                                   \
  MOTE_FOUR_CHANNELS(u, r4, r5, r6, r7)                     \
  ".irp weights, r4, r5, r6, r7\n"                          \
  "sxtb16 \\weights, \\weights\n"                           \
  ".endr\n"                                                 \
  MOTE_FOUR_CHANNELS(z, r4, r5, r6, r7)

#define MOTE_EIGHT_NUMBERS                                  \
  "ldmia lr!, {r8-r11}\n"                                   \
  MOTE_FOUR_BY_FOUR(r8, r9)                                 \
  MOTE_FOUR_BY_FOUR(r10, r11)

// r6 is the offset; r8 the multiplier and r7 the negative of all channels where they are alike;
// `own` the channel's multiplier where there is no negative.
#define MOTE_LESS_NEGATIVE(sum, negative)                   \
  "and r11, " #negative ", " #sum ", asr #31\n"             \
  "sub " #sum ", " #sum ", r11\n"
#define MOTE_EXACT_OUTPUT(sum, own)                         \
  ".if %c[alike]\n"                                         \
  "smmla " #sum ", " #sum ", r8, r6\n"                      \
  ".elseif %c[signs]\n"                                     \
  "ldrd r7, r8, [r12], #8\n"                                \
  MOTE_LESS_NEGATIVE(sum, r8)                               \
  "smmla " #sum ", " #sum ", r7, r6\n"                      \
  ".else\n"                                                 \
  "smmla " #sum ", " #sum ", " #own ", r6\n"                \
  ".endif\n"                                                \
  "ssat " #sum ", #8, " #sum ", asr %[shift]\n"
// clang-format on

// All registers are taken: r0-r3 are the sums of four channels, r4-r7 weights, r8-r11 inputs, r12
// `packed`, lr `inputs`. The stack as above.
template <bool kSigns, int kShift, bool kAlike>
inline __attribute__((noinline)) void fold_1x4(const FoldBlock& all) {
  register const FoldBlock* block __asm__("r0") = &all;
  __asm__ volatile(
      MOTE_TAKE_BLOCK MOTE_TAKE_ENTRY
      "1:\n"  // four channels
      "ldmia r12!, {r0-r3}\n"
      "ldr lr, [sp, #28]\n"
      MOTE_OVER_NUMBERS(times, MOTE_EIGHT_NUMBERS)
      "ldmia sp, {r4-r10}\n"
      ".if %c[alike]\n"
      "cbz r7, 3f\n"
      MOTE_LESS_NEGATIVE(r0, r7)
      MOTE_LESS_NEGATIVE(r1, r7)
      MOTE_LESS_NEGATIVE(r2, r7)
      MOTE_LESS_NEGATIVE(r3, r7)
      "3:\n"
      ".elseif %c[signs] == 0\n"
      "ldmia r12!, {r4, r5, r7, r8}\n"
      ".endif\n"
      MOTE_EXACT_OUTPUT(r0, r4)
      MOTE_EXACT_OUTPUT(r1, r5)
      MOTE_EXACT_OUTPUT(r2, r7)
      MOTE_EXACT_OUTPUT(r3, r8)
      "subs r10, r10, #4\n"
      "blt 6f\n"
      "bfi r0, r1, #8, #8\n"
      "bfi r2, r3, #8, #8\n"
      "pkhbt r0, r0, r2, lsl #16\n"
      "str r0, [r9], #4\n"
      "strd r9, r10, [sp, #20]\n"
      "bne 1b\n"
      "b 7f\n"
      "6:\n"  // the last one, two or three
      "strb r0, [r9]\n"
      "adds r10, r10, #2\n"
      "blt 7f\n"
      "strb r1, [r9, #1]\n"
      "beq 7f\n"
      "strb r2, [r9, #2]\n"
      "7:\n"
      "add sp, sp, #36\n"
      "pop {r7}\n"
      : "+r"(block)
      : [signs] "i"(kSigns), [shift] "i"(kShift), [alike] "i"(kAlike), [times] "i"(kFold1x4Times)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#undef MOTE_TAKE_BLOCK
#undef MOTE_TAKE_ENTRY
#undef MOTE_OVER_NUMBERS
#undef MOTE_FOUR_CHANNELS
#undef MOTE_FOUR_BY_FOUR
#undef MOTE_EIGHT_NUMBERS
#undef MOTE_LESS_NEGATIVE
#undef MOTE_EXACT_OUTPUT
#undef MOTE_TWO_PLACES
#undef MOTE_FOUR_NUMBERS_FROM
#undef MOTE_FOUR_NUMBERS
#undef MOTE_FIRST_FOUR_NUMBERS
#undef MOTE_EXACT_OUTPUTS
#else
constexpr bool kHasFold = false;
template <bool kSigns, int kShift>
void fold_4x2(const FoldBlock& all);
template <bool kSigns, int kShift, bool kAlike>
void fold_1x4(const FoldBlock& all);
#endif

}  // namespace mote
