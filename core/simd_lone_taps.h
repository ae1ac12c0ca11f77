// SPDX-License-Identifier: Apache-2.0
// One window over four channels at a time, its taps one pixel behind the other, for cores with the
// DSP instructions of Armv7E-M: 18 instructions for 8 products, and weights of one byte in flash,
// which are read once. In: a LoneTaps. Out: the outputs of all its channels. The plain twin is
// lone_outputs() of ops/nn/depthwise_conv_2d/depthwise_lone_dsp.h.
#pragma once
#include <stdint.h>

namespace mote {

// The order is that in which the loop loads it.
struct LoneTaps {
  int32_t skipped;  // bytes of the unrolled pairs before their entry
  uint32_t back;    // twice the bytes from behind the last tap to the next channels' first, and
                    // whether one tap is left
  int32_t offset;   // of ExactOutput (ops/nn/folded_output.h)
  int8_t* output;
  const int8_t* end;       // of the outputs, a multiple of four behind
  int32_t step;            // bytes from a tap to the next
  const int8_t* first;     // tap
  const uint32_t* packed;  // see ops/nn/depthwise_conv_2d/depthwise_lone_dsp.h
};

// Code bytes of a pair of taps below, no instruction of which has a form of two bytes.
constexpr int32_t kLonePairBytes = 72, kLonePairs = 8;

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
constexpr bool kHasLoneTaps = true;

// clang-format off
// The jump is that of core/simd_fold.h.
#define MOTE_TAKE_LONE_TAPS                  \
  "push {r7}\n"                              \
  "ldmia r0, {r1-r6, r8, r12}\n"             \
  "mov r7, r4\n"                             \
  "mov r4, r8\n"                             \
  "mov r8, r5\n"                             \
  "mov r5, r6\n"                             \
  "adr r0, 2f\n"                             \
  "add r1, r1, r0\n"                         \
  "orr r1, r1, #1\n"                         \
  "push {r1-r3, r7, r8}\n"                   \
  "mov lr, #0xFF00FF00\n"

// Weights are bytes of two channels in turn, 256 times each after the mask.
#define MOTE_PAIR_OF_TAPS                    \
  "ldr.w r6, [r4]\n"                         \
  "ldr.w r7, [r4, r5]\n"                     \
  "add.w r4, r4, r5, lsl #1\n"               \
  "ldmia.w r12!, {r10, r11}\n"               \
  "pkhbt r8, r6, r7, lsl #16\n"              \
  "pkhtb r7, r7, r6, asr #16\n"              \
  "sxtb16 r6, r8\n"                          \
  "sxtb16 r8, r8, ror #8\n"                  \
  "and.w r9, lr, r10, lsl #8\n"              \
  "and.w r10, lr, r10\n"                     \
  "smlad r0, r6, r9, r0\n"                   \
  "smlad r1, r8, r10, r1\n"                  \
  "sxtb16 r6, r7\n"                          \
  "sxtb16 r7, r7, ror #8\n"                  \
  "and.w r9, lr, r11, lsl #8\n"              \
  "and.w r11, lr, r11\n"                     \
  "smlad r2, r6, r9, r2\n"                   \
  "smlad r3, r7, r11, r3\n"

#define MOTE_LAST_TAP                        \
  "ldr r6, [r4]\n"                           \
  "ldr r9, [r12], #4\n"                      \
  "add r4, r4, r5\n"                         \
  "sxtb16 r7, r6\n"                          \
  "sxtb16 r6, r6, ror #8\n"                  \
  "and r8, lr, r9, lsl #8\n"                 \
  "and r9, lr, r9\n"                         \
  "smlabb r0, r7, r8, r0\n"                  \
  "smlabb r1, r6, r9, r1\n"                  \
  "smlatt r2, r7, r8, r2\n"                  \
  "smlatt r3, r6, r9, r3\n"

// `both` holds -negative of two channels.
#define MOTE_WITHOUT_NEGATIVES(sum, next, both) \
  "and r8, " #both ", " #sum ", asr #31\n"   \
  "sxtah " #sum ", " #sum ", r8\n"           \
  "and r8, " #both ", " #next ", asr #31\n"  \
  "sxtah " #next ", " #next ", r8, ror #16\n"
// clang-format on

// All registers are taken: r0-r3 are sums, r4 the tap, r5 the step, r12 `packed`, lr the mask. The
// stack: where the pairs are entered, then LoneTaps' second to fifth, then r7, in which gcc may
// hold a frame.
template <bool kSigns, int kShift>
inline __attribute__((noinline)) void lone_taps(const LoneTaps& all) {
  register const LoneTaps* taps __asm__("r0") = &all;
  __asm__ volatile(
      MOTE_TAKE_LONE_TAPS
      "1:\n"  // four channels
      "ldmia r12!, {r0-r3}\n"
      "ldr pc, [sp]\n"
      ".balign 4\n"
      "2:\n"
      ".rept %c[pairs]\n"
      MOTE_PAIR_OF_TAPS
      ".endr\n"
      "ldrd r10, r11, [sp, #4]\n"
      "lsrs r10, r10, #1\n"
      "bcc 3f\n"
      MOTE_LAST_TAP
      "3:\n"
      "sub r4, r4, r10\n"
      ".if %c[signs]\n"
      "ldmia r12!, {r6, r7}\n"
      MOTE_WITHOUT_NEGATIVES(r0, r1, r6)
      MOTE_WITHOUT_NEGATIVES(r2, r3, r7)
      ".endif\n"
      "ldmia r12!, {r6-r9}\n"
      "smmla r0, r0, r6, r11\n"
      "smmla r1, r1, r7, r11\n"
      "smmla r2, r2, r8, r11\n"
      "smmla r3, r3, r9, r11\n"
      ".irp sum, r0, r1, r2, r3\n"
      "ssat \\sum, #8, \\sum, asr %[shift]\n"
      ".endr\n"
      "ldrd r8, r9, [sp, #12]\n"
      "bfi r0, r1, #8, #8\n"
      "bfi r2, r3, #8, #8\n"
      "pkhbt r0, r0, r2, lsl #16\n"
      "str r0, [r8], #4\n"
      "str r8, [sp, #12]\n"
      "cmp r8, r9\n"
      "bne 1b\n"
      "add sp, sp, #20\n"
      "pop {r7}\n"
      : "+r"(taps)
      : [signs] "i"(kSigns), [shift] "i"(kShift), [pairs] "i"(kLonePairs)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#undef MOTE_TAKE_LONE_TAPS
#undef MOTE_PAIR_OF_TAPS
#undef MOTE_LAST_TAP
#undef MOTE_WITHOUT_NEGATIVES
#else
constexpr bool kHasLoneTaps = false;
template <bool kSigns, int kShift>
void lone_taps(const LoneTaps& all);
#endif

}  // namespace mote
