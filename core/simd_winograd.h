// SPDX-License-Identifier: Apache-2.0
// Convolutions of 3x3 windows in Winograd's form F(4, 3) along rows, for cores with the DSP
// instructions of Armv7E-M: 6 products make what 12 would, 11 instructions for 32 of these. In: a
// WinogradBlock. Out: 16 outputs of one or two channels. The plain twin is
// winograd_outputs() of ops/nn/conv_2d/conv_2d_winograd.h.
#pragma once
#include <stdint.h>

namespace mote {

// Four tiles of four outputs side by side meet two channels at six points.
constexpr int32_t kPoints = 6, kTiles = 4, kTile = 4, kWinogradPlaces = kTiles * kTile;

struct WinogradChannel {
  int32_t bias, multiplier, offset, negative;  // of ExactOutput (ops/nn/folded_output.h)
  int8_t* output;
  int32_t stride;  // from one place's output to the next
};

// The order is that of the loop's stack. Of each pair of numbers, a word: the inputs of all points
// and tiles; the weights of all points and two channels.
struct WinogradBlock {
  const uint32_t* inputs;
  const uint32_t* weights;
  const uint32_t* end;  // of the inputs; pairs are a multiple of 12
  int32_t* sums;        // room for kPoints * 8
  int32_t* sums_end;
  int32_t halves;  // 2 a channel, of which there are 1 or 2
  WinogradChannel channel[2];
};

// A row of pixels, 18 of which are transformed, all channels.
struct WinogradRow {
  const int8_t* pixels;
  int32_t channels;  // also from a pixel to the next
  uint32_t* to;
};

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
constexpr bool kHasWinograd = true;

// clang-format off
// Two columns of the pixels from r10 on; r11 is the step, r12 three of them.
#define MOTE_TWO_COLUMNS(a, b, turn)                \
  "ldr " #a ", [r10]\n"                             \
  "ldr " #b ", [r10, r11]\n"                        \
  "add r10, r10, r11, lsl #1\n"                     \
  "sxtb16 " #a ", " #a turn "\n"                    \
  "sxtb16 " #b ", " #b turn "\n"
// A tile of the columns a-f, the first two of which are loaded: see winograd_points().
#define MOTE_POINTS(a, b, c, d, e, f, turn, to)     \
  "ldr " #c ", [r10]\n"                             \
  "ldr " #d ", [r10, r11]\n"                        \
  "ldr " #e ", [r10, r11, lsl #1]\n"                \
  "ldr " #f ", [r10, r12]\n"                        \
  "add r10, r10, r11, lsl #2\n"                     \
  ".irp column, " #c ", " #d ", " #e ", " #f "\n"   \
  "sxtb16 \\column, \\column" turn "\n"             \
  ".endr\n"                                         \
  "ssub16 r6, " #e ", " #c "\n"                     \
  "ssub16 r8, " #d ", " #b "\n"                     \
  "sadd16 r8, r8, r8\n"                             \
  "sadd16 r9, r6, r8\n"                             \
  "str r9, [lr, #48 + " #to "]\n"                   \
  "ssub16 r9, r6, r8\n"                             \
  "str r9, [lr, #64 + " #to "]\n"                   \
  "sadd16 r8, r8, r8\n"                             \
  "ssub16 r9, " #f ", " #d "\n"                     \
  "ssub16 r9, r9, r8\n"                             \
  "str r9, [lr, #80 + " #to "]\n"                   \
  "sadd16 " #c ", " #c ", " #c "\n"                 \
  "sadd16 " #c ", " #c ", " #c "\n"                 \
  "sadd16 " #a ", " #a ", " #a "\n"                 \
  "sadd16 " #a ", " #a ", " #a "\n"                 \
  "ssub16 " #a ", " #a ", " #c "\n"                 \
  "sadd16 " #a ", " #a ", r6\n"                     \
  "str " #a ", [lr, #" #to "]\n"                    \
  "ssub16 r6, " #e ", " #c "\n"                     \
  "sadd16 " #b ", " #b ", " #b "\n"                 \
  "sadd16 " #b ", " #b ", " #b "\n"                 \
  "ssub16 " #b ", " #d ", " #b "\n"                 \
  "sadd16 r9, r6, " #b "\n"                         \
  "str r9, [lr, #16 + " #to "]\n"                   \
  "ssub16 r6, r6, " #b "\n"                         \
  "str r6, [lr, #32 + " #to "]\n"
#define MOTE_ROW_OF_TILES(turn, to)                 \
  "mov r10, r7\n"                                   \
  MOTE_TWO_COLUMNS(r0, r1, turn)                    \
  MOTE_POINTS(r0, r1, r2, r3, r4, r5, turn, to)     \
  MOTE_POINTS(r4, r5, r0, r1, r2, r3, turn, to + 4) \
  MOTE_POINTS(r2, r3, r4, r5, r0, r1, turn, to + 8) \
  MOTE_POINTS(r0, r1, r2, r3, r4, r5, turn, to + 12)
// clang-format on

// All registers are taken: r0-r5 are columns, r6, r8, r9 free, r7 the four channels, r10 the pixel,
// r11 and r12 steps, lr where points go; the end of the channels stands on the stack, before r7, in
// which gcc may hold a frame.
inline __attribute__((noinline)) void winograd_row_of_inputs(const WinogradRow& all) {
  register const WinogradRow* row __asm__("r0") = &all;
  __asm__ volatile(
      "push {r7}\n"
      "ldr r7, [r0]\n"
      "ldr r11, [r0, #4]\n"
      "ldr lr, [r0, #8]\n"
      "add r12, r11, r11, lsl #1\n"
      "add r0, r7, r11\n"
      "push {r0}\n"
      "1:\n" MOTE_ROW_OF_TILES("", 0) MOTE_ROW_OF_TILES(", ror #8", 96)
      "ldr r0, [sp]\n"
      "add lr, lr, #192\n"
      "add r7, r7, #4\n"
      "cmp r7, r0\n"
      "bne 1b\n"
      "pop {r0, r7}\n"
      : "+r"(row)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#undef MOTE_TWO_COLUMNS
#undef MOTE_POINTS
#undef MOTE_ROW_OF_TILES

// clang-format off
// Two output channels, a and b, of two input channels: see winograd_weights_of_pair().
#define MOTE_WEIGHTS_OF_PAIR(turn, to)              \
  "ldmia %[packed], {r3-r6, r8, r9}\n"              \
  ".irp weights, r3, r4, r5, r6, r8, r9\n"          \
  "sxtb16 \\weights, \\weights" turn "\n"           \
  ".endr\n"                                         \
  "strd r3, r6, [%[to], #" #to "]\n"                \
  "strd r5, r9, [%[to], #40 + " #to "]\n"           \
  "sadd16 r10, r3, r5\n"                            \
  "sadd16 r11, r6, r9\n"                            \
  "sadd16 r12, r10, r4\n"                           \
  "sadd16 lr, r11, r8\n"                            \
  "strd r12, lr, [%[to], #8 + " #to "]\n"           \
  "ssub16 r10, r10, r4\n"                           \
  "ssub16 r11, r11, r8\n"                           \
  "strd r10, r11, [%[to], #16 + " #to "]\n"         \
  ".irp weights, r5, r9, r5, r9, r4, r8\n"          \
  "sadd16 \\weights, \\weights, \\weights\n"        \
  ".endr\n"                                         \
  "sadd16 r3, r3, r5\n"                             \
  "sadd16 r6, r6, r9\n"                             \
  "sadd16 r10, r3, r4\n"                            \
  "sadd16 r11, r6, r8\n"                            \
  "strd r10, r11, [%[to], #24 + " #to "]\n"         \
  "ssub16 r10, r3, r4\n"                            \
  "ssub16 r11, r6, r8\n"                            \
  "strd r10, r11, [%[to], #32 + " #to "]\n"
// clang-format on

inline __attribute__((noinline)) const uint32_t* winograd_weights_4(const uint32_t* packed,
                                                                    uint32_t* to, uint32_t* end) {
  __asm__ volatile(
      "1:\n" MOTE_WEIGHTS_OF_PAIR("", 0) MOTE_WEIGHTS_OF_PAIR(", ror #8", 48)
      "add %[packed], %[packed], #24\n"
      "add %[to], %[to], #96\n"
      "cmp %[to], %[end]\n"
      "bne 1b\n"
      : [packed] "+r"(packed), [to] "+r"(to)
      : [end] "r"(end)
      : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
  return packed;
}
#undef MOTE_WEIGHTS_OF_PAIR

// clang-format off
// Two tiles of two channels: `mac` with its sums so far, or without.
#define MOTE_TWO_TILES(a, b, next_a, next_b)        \
  "mac " #a ", r8, r10\n"                           \
  "mac " #b ", r8, r11\n"                           \
  "mac " #next_a ", r9, r10\n"                      \
  "mac " #next_b ", r9, r11\n"
#define MOTE_PAIR_OF_NUMBERS                        \
  "ldrd r10, r11, [r12], #48\n"                     \
  "ldrd r8, r9, [lr, #8]\n"                         \
  MOTE_TWO_TILES(r2, r6, r3, r7)                    \
  "ldrd r8, r9, [lr], #96\n"                        \
  MOTE_TWO_TILES(r0, r4, r1, r5)
// The six sums of a tile to 192 times its outputs, as in winograd_tile(), and to these.
#define MOTE_OUTPUTS_OF_TILE                        \
  "ldr r1, [lr, #32]\n"                             \
  "ldr r2, [lr, #64]\n"                             \
  "ldr r3, [lr, #96]\n"                             \
  "ldr r4, [lr, #128]\n"                            \
  "ldr r5, [lr, #160]\n"                            \
  "ldr r0, [lr], #4\n"                              \
  "add r12, r1, r2\n"                               \
  "sub r1, r1, r2\n"                                \
  "add r2, r3, r4\n"                                \
  "sub r3, r3, r4\n"                                \
  "add r0, r0, r0, lsl #1\n"                        \
  "add r0, r2, r0, lsl #1\n"                        \
  "sub r0, r0, r12, lsl #2\n"                       \
  "add r0, r6, r0, lsl #3\n"                        \
  "sub r2, r2, r12\n"                               \
  "add r2, r6, r2, lsl #5\n"                        \
  "add r5, r5, r5, lsl #1\n"                        \
  "add r5, r3, r5\n"                                \
  "rsb r5, r1, r5, lsl #1\n"                        \
  "add r5, r6, r5, lsl #5\n"                        \
  "sub r3, r3, r1, lsl #1\n"                        \
  "add r3, r6, r3, lsl #4\n"                        \
  "beq 8f\n"                                        \
  ".irp sum, r0, r3, r2, r5\n"                      \
  "and r12, r9, \\sum, asr #31\n"                   \
  "sub \\sum, \\sum, r12\n"                         \
  ".endr\n"                                         \
  "8:\n"                                            \
  ".irp sum, r0, r3, r2, r5\n"                      \
  "smmla \\sum, \\sum, r7, r8\n"                    \
  "ssat \\sum, #8, \\sum, asr %[shift]\n"           \
  ".endr\n"                                         \
  "strb r0, [r10]\n"                                \
  "strb r3, [r10, r11]\n"                           \
  "add r10, r10, r11, lsl #1\n"                     \
  "strb r2, [r10]\n"                                \
  "strb r5, [r10, r11]\n"                           \
  "add r10, r10, r11, lsl #1\n"
// clang-format on

// All registers are taken. Products: r0-r3 are the sums of a channel at four tiles, r4-r7 of the
// next, r8, r9 inputs, r10, r11 weights, r12 and lr where they lie. Outputs: r0-r5 are a tile's
// sums, r6-r11 its WinogradChannel, r12 is free, lr the sums. The stack: WinogradBlock, where
// inputs, weights and end move on from point to point and sums become where the next go; then r7,
// which gcc may hold a frame in.
template <int kShift>
inline __attribute__((noinline)) void winograd_4x2(const WinogradBlock& all) {
  register const WinogradBlock* block __asm__("r0") = &all;
  __asm__ volatile(
      "push {r7}\n"
      "ldmia r0!, {r1-r6}\n"
      "mov r7, r0\n"
      "push {r1-r7}\n"
      "1:\n"  // a point
      "ldrd lr, r12, [sp]\n"
      "add r8, lr, #16\n"
      "add r9, r12, #8\n"
      "strd r8, r9, [sp]\n"
      ".macro mac sum, x, w\n"
      "smuad \\sum, \\x, \\w\n"
      ".endm\n" MOTE_PAIR_OF_NUMBERS
      ".purgem mac\n"
      ".macro mac sum, x, w\n"
      "smlad \\sum, \\x, \\w, \\sum\n"
      ".endm\n"
      "b 3f\n"
      "2:\n" MOTE_PAIR_OF_NUMBERS
      "3:\n"
      ".rept 11\n" MOTE_PAIR_OF_NUMBERS
      ".endr\n"
      ".purgem mac\n"
      "ldrd r8, r9, [sp, #8]\n"
      "cmp lr, r8\n"
      "bne 2b\n"
      "stmia r9!, {r0-r7}\n"
      "add r8, r8, #16\n"
      "strd r8, r9, [sp, #8]\n"
      "ldr r10, [sp, #16]\n"
      "cmp r9, r10\n"
      "bne 1b\n"
      "sub lr, r9, #192\n"
      "4:\n"  // a channel
      "ldr r12, [sp, #24]\n"
      "ldmia r12!, {r6-r11}\n"
      "str r12, [sp, #24]\n"
      "5:\n"          // two tiles
      "cmp r9, #0\n"  // for both, which leave the flags as they are
      ".rept 2\n" MOTE_OUTPUTS_OF_TILE
      ".endr\n"
      "ldr r0, [sp, #20]\n"
      "subs r0, r0, #1\n"
      "beq 6f\n"
      "str r0, [sp, #20]\n"
      "tst r0, #1\n"
      "bne 5b\n"
      "b 4b\n"
      "6:\n"
      "add sp, sp, #28\n"
      "pop {r7}\n"
      : "+r"(block)
      : [shift] "i"(kShift)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#undef MOTE_TWO_TILES
#undef MOTE_PAIR_OF_NUMBERS
#undef MOTE_OUTPUTS_OF_TILE
#else
constexpr bool kHasWinograd = false;
void winograd_row_of_inputs(const WinogradRow& all);
const uint32_t* winograd_weights_4(const uint32_t* packed, uint32_t* to, uint32_t* end);
template <int kShift>
void winograd_4x2(const WinogradBlock& all);
#endif

}  // namespace mote
