// SPDX-License-Identifier: Apache-2.0
// The loop of 3x3 windows for cores with vectors: four neighbouring places of a row of the output
// by two channels. Windows share columns, so each vector of inputs is loaded once and meets the
// taps of all places that see it: 36 instructions for 384 products (39 with stride 2). In:
// WindowRows. Out: outputs. The plain twin is in ops/nn/conv_2d/conv_2d_rows_mve.h.
#pragma once
#include <stdint.h>

namespace mote {

// A row of the output, four places after the other, of each all channels, four at a time.
struct WindowRows {
  const int8_t* rows[3];      // of the image: the first column that the first place sees
  const int32_t* packed;      // by pairs of channels (ops/nn/conv_2d/conv_2d_rows_mve.h)
  const int32_t* packed_end;  // behind all channels
  int8_t* output;             // of the first place
  int32_t fours;              // at least 1; places / 4
  int32_t step;               // bytes of a row from four places to the next four
  int32_t skipped;            // bytes of output from the end of a place to the next four
  int32_t left;               // of ExactVectorOutput: 24 - shift
  uint8_t places[16];         // where the outputs go: of each place four neighbours
};

// Columns that four places see.
template <int kStride>
constexpr int32_t kColumnsOfFour = 3 * kStride + 3;
// A load reaches 508 bytes far to either side.
template <int kSteps, int kStride>
constexpr int32_t kColumnsBack = (16 * kSteps * kColumnsOfFour<kStride> - 16 > 508) ? 256 : 0;
constexpr int32_t kMostColumnBytes = 508 + 256 + 16;

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)
constexpr bool kHasWindowRows = true;

// clang-format off
// 16 inputs of a column in `x`, by tap 0 of one place, tap 1 of another, tap 2 of a third: `first`
// is the channel's sum, `second` the other's. Sums begin with tap 0 of the first vector.
#define MOTE_MEET(x, w0, w1, first, second)  \
  "vmladava.s8 " first ", " x ", " w0 "\n"   \
  "vmladava.s8 " second ", " x ", " w1 "\n"
#define MOTE_MEET_FIRST(x, first, second)    \
  ".if mote_begin\n"                         \
  "vmladav.s8 " first ", " x ", q2\n"        \
  "vmladav.s8 " second ", " x ", q3\n"       \
  ".else\n"                                  \
  MOTE_MEET(x, "q2", "q3", first, second)    \
  ".endif\n"
#define MOTE_COLUMN(x, column) \
  "vldrw.u32 " x ", [\\row, #16 * %c[steps] * " column " + mote_at]\n"
#define MOTE_0_OF(x, first, second) MOTE_MEET_FIRST(x, first, second)
#define MOTE_1_OF(x, first, second) MOTE_MEET(x, "q4", "q5", first, second)
#define MOTE_2_OF(x, first, second) MOTE_MEET(x, "q6", "q7", first, second)

#define MOTE_STRIDE_1                        \
  MOTE_COLUMN("q0", "0")                     \
  MOTE_0_OF("q0", "r0", "r8")                \
  "vldrw.u32 q4, [r5], #16\n"                \
  "vldrw.u32 q5, [r5], #16\n"                \
  MOTE_COLUMN("q1", "1")                     \
  MOTE_1_OF("q1", "r0", "r8")                \
  MOTE_0_OF("q1", "r2", "r10")               \
  "vldrw.u32 q6, [r5], #16\n"                \
  "vldrw.u32 q7, [r5], #16\n"                \
  MOTE_COLUMN("q0", "2")                     \
  MOTE_2_OF("q0", "r0", "r8")                \
  MOTE_1_OF("q0", "r2", "r10")               \
  MOTE_0_OF("q0", "r4", "r12")               \
  MOTE_COLUMN("q1", "3")                     \
  MOTE_2_OF("q1", "r2", "r10")               \
  MOTE_1_OF("q1", "r4", "r12")               \
  MOTE_0_OF("q1", "r6", "lr")                \
  MOTE_COLUMN("q0", "4")                     \
  MOTE_2_OF("q0", "r4", "r12")               \
  MOTE_1_OF("q0", "r6", "lr")                \
  MOTE_COLUMN("q1", "5")                     \
  MOTE_2_OF("q1", "r6", "lr")
#define MOTE_STRIDE_2                        \
  MOTE_COLUMN("q0", "0")                     \
  MOTE_0_OF("q0", "r0", "r8")                \
  "vldrw.u32 q4, [r5], #16\n"                \
  "vldrw.u32 q5, [r5], #16\n"                \
  MOTE_COLUMN("q1", "1")                     \
  MOTE_1_OF("q1", "r0", "r8")                \
  "vldrw.u32 q6, [r5], #16\n"                \
  "vldrw.u32 q7, [r5], #16\n"                \
  MOTE_COLUMN("q0", "2")                     \
  MOTE_2_OF("q0", "r0", "r8")                \
  MOTE_0_OF("q0", "r2", "r10")               \
  MOTE_COLUMN("q1", "3")                     \
  MOTE_1_OF("q1", "r2", "r10")               \
  MOTE_COLUMN("q0", "4")                     \
  MOTE_2_OF("q0", "r2", "r10")               \
  MOTE_0_OF("q0", "r4", "r12")               \
  MOTE_COLUMN("q1", "5")                     \
  MOTE_1_OF("q1", "r4", "r12")               \
  MOTE_COLUMN("q0", "6")                     \
  MOTE_2_OF("q0", "r4", "r12")               \
  MOTE_0_OF("q0", "r6", "lr")                \
  MOTE_COLUMN("q1", "7")                     \
  MOTE_1_OF("q1", "r6", "lr")                \
  MOTE_COLUMN("q0", "8")                     \
  MOTE_2_OF("q0", "r6", "lr")

// Of all three rows, then the outputs, as they stand behind the weights: biases, multipliers, then
// offsets, or addends and shifts; in q1 two channels of four places as halfwords, the output on top.
#define MOTE_TWO_CHANNELS                    \
  ".set mote_begin, 1\n"                     \
  ".irp row, r1, r9, r11\n"                  \
  ".set mote_at, -%c[back]\n"                \
  ".rept %c[steps]\n"                        \
  "vldrw.u32 q2, [r5], #16\n"                \
  "vldrw.u32 q3, [r5], #16\n"                \
  ".if %c[stride] == 1\n"                    \
  MOTE_STRIDE_1                              \
  ".else\n"                                  \
  MOTE_STRIDE_2                              \
  ".endif\n"                                 \
  ".set mote_begin, 0\n"                     \
  ".set mote_at, mote_at + 16\n"             \
  ".endr\n"                                  \
  ".endr\n"                                  \
  "vmov q0[2], q0[0], r0, r4\n"              \
  "vmov q1[2], q1[0], r8, r12\n"             \
  "vmov q0[3], q0[1], r2, r6\n"              \
  "vmov q1[3], q1[1], r10, lr\n"             \
  ".if %c[rounded]\n"                        \
  "ldmia r5!, {r0, r2, r4, r6, r8, r10, r12, lr}\n" \
  "vadd.i32 q0, q0, r0\n"                    \
  "vadd.i32 q1, q1, r2\n"                    \
  "vqrdmulh.s32 q0, q0, r4\n"                \
  "vqrdmulh.s32 q1, q1, r6\n"                \
  "vshr.s32 q2, q0, #31\n"                   \
  "vshr.s32 q3, q1, #31\n"                   \
  "vadd.i32 q0, q0, r8\n"                    \
  "vadd.i32 q1, q1, r10\n"                   \
  "vadd.i32 q0, q0, q2\n"                    \
  "vadd.i32 q1, q1, q3\n"                    \
  "vqshl.s32 q0, r12\n"                      \
  "vqshl.s32 q1, lr\n"                       \
  ".else\n"                                  \
  "ldmia r5!, {r0, r2, r4, r6, r8, r10}\n"   \
  "vadd.i32 q0, q0, r0\n"                    \
  "vadd.i32 q1, q1, r2\n"                    \
  "vqdmulh.s32 q0, q0, r4\n"                 \
  "vqdmulh.s32 q1, q1, r6\n"                 \
  "vadd.i32 q0, q0, r8\n"                    \
  "vadd.i32 q1, q1, r10\n"                   \
  "vqshl.s32 q0, r3\n"                       \
  "vqshl.s32 q1, r3\n"                       \
  ".endif\n"                                 \
  "vsri.32 q1, q0, #16\n"
// clang-format on

// All registers are taken: the sums are those with even numbers; r1, r9 and r11 rows, r5 `packed`,
// r7 output, r3 left. The stack: places 0, two channels' outputs 16, the rows 32, packed 44, its
// end 48, output 52, fours 56, step 60, skipped 64, left 68; then r7, which gcc may hold a frame
// in.
template <int kSteps, int kStride, bool kRounded>
inline __attribute__((noinline)) void window_rows(const WindowRows& all) {
  register const WindowRows* rows __asm__("r0") = &all;
  __asm__ volatile(
      "push {r7}\n"
      "ldmia r0!, {r1-r6, r8-r11}\n"
      "vldrw.u32 q0, [r0]\n"
      "push {r1-r6, r8-r11}\n"
      "sub sp, sp, #32\n"
      "vstrw.32 q0, [sp]\n"
      "mov r7, r6\n"
      "mov r9, r2\n"
      "mov r12, r3\n"
      "mov r3, r11\n"
      "mov r11, r12\n"
      "1:\n"  // four places
      "ldr r5, [sp, #44]\n"
      "2:\n"  // four channels
      MOTE_TWO_CHANNELS "vstrw.32 q1, [sp, #16]\n" MOTE_TWO_CHANNELS
      "vldrw.u32 q0, [sp, #16]\n"
      "vldrw.u32 q2, [sp]\n"
      "vsri.16 q1, q0, #8\n"
      "vstrb.8 q1, [r7, q2]\n"
      "ldr r0, [sp, #48]\n"
      "add r7, r7, #4\n"
      "cmp r5, r0\n"
      "bne 2b\n"
      "ldrd r0, r2, [sp, #60]\n"
      "add r1, r1, r0\n"
      "add r9, r9, r0\n"
      "add r11, r11, r0\n"
      "add r7, r7, r2\n"
      "ldr r0, [sp, #56]\n"
      "subs r0, r0, #1\n"
      "str r0, [sp, #56]\n"
      "bne 1b\n"
      "add sp, sp, #72\n"
      "pop {r7}\n"
      : "+r"(rows)
      : [steps] "i"(kSteps), [stride] "i"(kStride), [back] "i"(kColumnsBack<kSteps, kStride>),
        [rounded] "i"(kRounded)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",
        "q3", "q4", "q5", "q6", "q7", "cc", "memory");
}

#undef MOTE_MEET
#undef MOTE_MEET_FIRST
#undef MOTE_COLUMN
#undef MOTE_0_OF
#undef MOTE_1_OF
#undef MOTE_2_OF
#undef MOTE_STRIDE_1
#undef MOTE_STRIDE_2
#undef MOTE_TWO_CHANNELS

#else
constexpr bool kHasWindowRows = false;
template <int kSteps, int kStride, bool kRounded>
void window_rows(const WindowRows& all);
#endif

}  // namespace mote
