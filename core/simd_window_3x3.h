// SPDX-License-Identifier: Apache-2.0
// One window of 3x3 over four channels at a time, for cores with the DSP instructions of Armv7E-M:
// 85 instructions for 36 products and their outputs, nothing copied before. In: a Window3x3. Out:
// the outputs of all its channels. The plain twin is window_outputs() of
// ops/nn/depthwise_conv_2d/depthwise_windows_3x3.h.
#pragma once
#include <stdint.h>

namespace mote {

// The order is that in which the loop loads it.
struct Window3x3 {
  const int8_t* first;            // tap
  int32_t column_step, row_step;  // bytes from a tap to the next; the channels lie side by side
  int8_t* output;
  const int8_t* end;       // of the outputs, a multiple of four
  int32_t offset;          // of ExactOutput (ops/nn/folded_output.h)
  const uint32_t* packed;  // by ops/nn/packed_layer.h in groups of 4 channels
};

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
constexpr bool kHasWindow3x3 = true;

// clang-format off
// Four channels of the taps r8 and r9, and of each channel a word of their two weights.
#define MOTE_TWO_TAPS                        \
  "pkhbt r10, r8, r9, lsl #16\n"             \
  "pkhtb r9, r9, r8, asr #16\n"              \
  "ldmia r12!, {r11, lr}\n"                  \
  "sxtb16 r8, r10\n"                         \
  "sxtb16 r10, r10, ror #8\n"                \
  "smlad r0, r8, r11, r0\n"                  \
  "smlad r1, r10, lr, r1\n"                  \
  "ldmia r12!, {r11, lr}\n"                  \
  "sxtb16 r8, r9\n"                          \
  "sxtb16 r9, r9, ror #8\n"                  \
  "smlad r2, r8, r11, r2\n"                  \
  "smlad r3, r9, lr, r3\n"
#define MOTE_LAST_OF_ROW                     \
  "ldr r8, [r4, r5]\n"                       \
  "ldr r9, [r4, r5, lsl #1]\n"               \
  MOTE_TWO_TAPS
// Of r0-r3; lr is the offset.
#define MOTE_FOUR_OUTPUTS                    \
  ".if %c[signs]\n"                          \
  ".irp sum, r0, r1, r2, r3\n"               \
  "ldrd r8, r9, [r12], #8\n"                 \
  "and r9, r9, \\sum, asr #31\n"             \
  "sub \\sum, \\sum, r9\n"                   \
  "smmla \\sum, \\sum, r8, lr\n"             \
  ".endr\n"                                  \
  ".else\n"                                  \
  "ldmia r12!, {r8-r11}\n"                   \
  "smmla r0, r0, r8, lr\n"                   \
  "smmla r1, r1, r9, lr\n"                   \
  "smmla r2, r2, r10, lr\n"                  \
  "smmla r3, r3, r11, lr\n"                  \
  ".endif\n"                                 \
  ".irp sum, r0, r1, r2, r3\n"               \
  "ssat \\sum, #8, \\sum, asr %[shift]\n"    \
  ".endr\n"
// clang-format on

// All registers are taken: r0-r3 are sums, r4 the tap, r5 and r6 the steps, r7, in which gcc may
// hold a frame, the output; its end and the offset stand on the stack.
template <bool kSigns, int kShift>
inline __attribute__((noinline)) void window_3x3(const Window3x3& all) {
  register const Window3x3* window __asm__("r0") = &all;
  __asm__ volatile(
      "push {r7}\n"
      "ldmia r0, {r4-r9, r12}\n"
      "push {r8, r9}\n"
      "1:\n"
      "ldmia r12!, {r0-r3}\n"  // biases
      MOTE_LAST_OF_ROW
      "ldr r8, [r4]\n"
      "add r4, r4, r6\n"
      "ldr r9, [r4]\n" MOTE_TWO_TAPS MOTE_LAST_OF_ROW "add r4, r4, r6\n" MOTE_LAST_OF_ROW
      "ldr r8, [r4], #4\n"
      "sub r4, r4, r6, lsl #1\n"
      "ldmia r12!, {r11, lr}\n"  // of two channels each
      "sxtb16 r9, r8\n"
      "sxtb16 r8, r8, ror #8\n"
      "smlabb r0, r9, r11, r0\n"
      "smlabb r1, r8, lr, r1\n"
      "smlatt r2, r9, r11, r2\n"
      "smlatt r3, r8, lr, r3\n"
      "ldr lr, [sp, #4]\n" MOTE_FOUR_OUTPUTS
      "ldr r8, [sp]\n"
      "bfi r0, r1, #8, #8\n"
      "bfi r2, r3, #8, #8\n"
      "pkhbt r0, r0, r2, lsl #16\n"
      "str r0, [r7], #4\n"
      "cmp r7, r8\n"
      "bne 1b\n"
      "add sp, sp, #8\n"
      "pop {r7}\n"
      : "+r"(window)
      : [signs] "i"(kSigns), [shift] "i"(kShift)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#undef MOTE_TWO_TAPS
#undef MOTE_LAST_OF_ROW
#undef MOTE_FOUR_OUTPUTS
#else
constexpr bool kHasWindow3x3 = false;
template <bool kSigns, int kShift>
void window_3x3(const Window3x3& all);
#endif

}  // namespace mote
