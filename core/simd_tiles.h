// SPDX-License-Identifier: Apache-2.0
// The loops in which most time of a network goes, for cores with vectors, from inputs to outputs:
// two places of the output by four channels, 14 instructions for 128 products, and one place by
// eight channels, 17 for 128. In: VectorTiles. Out: their outputs. The plain twins are in
// ops/nn/vector_runs.h.
#pragma once
#include <stdint.h>

namespace mote {

// Neighbouring places of the output, all channels. The loops keep it on the stack as it is.
struct VectorTiles {
  const int8_t* first;  // inputs of the first place of a pair, and of the second: each `runs` runs
  const int8_t* second;
  int32_t runs;           // of 16 * kSteps bytes, at least 1,
  int32_t pitch;          // from the begin of one to that of the next
  const int32_t* packed;  // by vector_layer() (ops/nn/vector_layer.h)
  int32_t channels;       // at least 1
  int32_t left;           // of ExactVectorOutput: 24 - shift
  int8_t* output;         // of the first place; that of the next lies behind it
  int32_t pairs;          // at least 1; of places, or of one each
  int32_t step;           // from a pair's inputs to the next's
  int32_t group;          // bytes that four channels take in `packed`
};

// A load reaches 7 bits far to either side: where the steps of a run reach further, the loops take
// inputs so many bytes behind their begin.
template <int kSteps>
constexpr int32_t kReachBack = kSteps > 8 ? 64 : 0;

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)
constexpr bool kHasTiles = true;

// clang-format off
// From r0, the VectorTiles, to the stack: first 0, second 4, runs 8, pitch 12, packed 16, channels
// 20, left 24 (then what is left of the channels), output 28, pairs 32, step 36, group 40; then r7,
// which gcc may hold a frame in.
#define MOTE_TAKE_TILES                    \
  "push {r7}\n"                            \
  "ldmia r0, {r1-r6, r8-r12}\n"            \
  "push {r1-r6, r8-r12}\n"                 \
  "vdup.32 q5, r8\n"                       \
  "mov r7, r9\n"

#define MOTE_LEAVE_TILES                   \
  "add sp, sp, #44\n"                      \
  "pop {r7}\n"

// 16 inputs of a place in `x`, of another in `z`, by four rows of weights; what loads them, if any.
#define MOTE_STEP_OF_TWO(load_x, x, load_z, z) \
  load_x                                   \
  "vldrw.u32 q2, [r5], #16\n"              \
  "vmladava.s8 r0, " x ", q2\n"            \
  load_z                                   \
  "vmladava.s8 r8, " z ", q2\n"            \
  "vldrw.u32 q3, [r5], #16\n"              \
  "vmladava.s8 r2, " x ", q3\n"            \
  "vmladava.s8 r10, " z ", q3\n"           \
  "vldrw.u32 q2, [r5], #16\n"              \
  "vmladava.s8 r4, " x ", q2\n"            \
  "vmladava.s8 r12, " z ", q2\n"           \
  "vldrw.u32 q3, [r5], #16\n"              \
  "vmladava.s8 r6, " x ", q3\n"            \
  "vmladava.s8 lr, " z ", q3\n"            \
  ".set mote_at, mote_at + 16\n"
#define MOTE_LOAD(x, from) "vldrb.u8 " x ", [" from ", #mote_at]\n"
#define MOTE_STEPS_OF_TWO                  \
  ".set mote_at, -%c[back]\n"              \
  ".rept %c[steps]\n"                      \
  MOTE_STEP_OF_TWO(MOTE_LOAD("q0", "r1"), "q0", MOTE_LOAD("q1", "r9"), "q1") \
  ".endr\n"

// The same of one run, whose first inputs stay in q6 and q7, by exact rules the first place's second
// in q4, too.
#define MOTE_HOLD_INPUTS                   \
  ".set mote_at, -%c[back]\n"              \
  MOTE_LOAD("q6", "r1")                    \
  MOTE_LOAD("q7", "r9")                    \
  ".if %c[rounded] == 0 && %c[steps] > 1\n" \
  ".set mote_at, mote_at + 16\n"           \
  MOTE_LOAD("q4", "r1")                    \
  ".endif\n"
#define MOTE_STEPS_OF_HELD                 \
  ".set mote_at, -%c[back]\n"              \
  MOTE_STEP_OF_TWO("", "q6", "", "q7")     \
  ".set mote_left, %c[steps] - 1\n"        \
  ".if %c[rounded] == 0 && %c[steps] > 1\n" \
  MOTE_STEP_OF_TWO("", "q4", MOTE_LOAD("q1", "r9"), "q1") \
  ".set mote_left, mote_left - 1\n"        \
  ".endif\n"                               \
  ".rept mote_left\n"                      \
  MOTE_STEP_OF_TWO(MOTE_LOAD("q0", "r1"), "q0", MOTE_LOAD("q1", "r9"), "q1") \
  ".endr\n"

// 16 inputs of a place in q0 by four rows of weights at r3 and four at r5.
#define MOTE_STEPS_OF_ONE                  \
  ".set mote_at, -%c[back]\n"              \
  ".rept %c[steps]\n"                      \
  "vldrb.u8 q0, [r1, #mote_at]\n"          \
  "vldrw.u32 q1, [r3], #16\n"              \
  "vmladava.s8 r0, q0, q1\n"               \
  "vldrw.u32 q2, [r5], #16\n"              \
  "vmladava.s8 r8, q0, q2\n"               \
  "vldrw.u32 q1, [r3], #16\n"              \
  "vmladava.s8 r2, q0, q1\n"               \
  "vldrw.u32 q2, [r5], #16\n"              \
  "vmladava.s8 r10, q0, q2\n"              \
  "vldrw.u32 q1, [r3], #16\n"              \
  "vmladava.s8 r4, q0, q1\n"               \
  "vldrw.u32 q2, [r5], #16\n"              \
  "vmladava.s8 r12, q0, q2\n"              \
  "vldrw.u32 q1, [r3], #16\n"              \
  "vmladava.s8 r6, q0, q1\n"               \
  "vldrw.u32 q2, [r5], #16\n"              \
  "vmladava.s8 lr, q0, q2\n"               \
  ".set mote_at, mote_at + 16\n"           \
  ".endr\n"

#define MOTE_SUMS_TO_VECTORS               \
  "vmov q0[2], q0[0], r0, r4\n"            \
  "vmov q1[2], q1[0], r8, r12\n"           \
  "vmov q0[3], q0[1], r2, r6\n"            \
  "vmov q1[3], q1[1], r10, lr\n"

// Sums in `vectors` become outputs by the numbers at `from`: ExactVectorOutput, or with `rounded`
// RoundedVectorOutput (ops/nn/vector_output.h).
#define MOTE_VECTOR_OUTPUTS(from, vectors) \
  "vldrw.u32 q2, [" from "], #16\n"        \
  "vldrw.u32 q3, [" from "], #16\n"        \
  ".irp sums, " vectors "\n"               \
  ".if %c[rounded]\n"                      \
  "vqrdmulh.s32 \\sums, \\sums, q2\n"      \
  "vshr.s32 q4, \\sums, #31\n"             \
  "vadd.i32 \\sums, \\sums, q3\n"          \
  "vadd.i32 \\sums, \\sums, q4\n"          \
  ".else\n"                                \
  "vqdmulh.s32 \\sums, \\sums, q2\n"         \
  "vadd.i32 \\sums, \\sums, q3\n"          \
  ".endif\n"                               \
  ".endr\n"                                \
  ".if %c[rounded]\n"                      \
  "vldrw.u32 q5, [" from "], #16\n"        \
  ".endif\n"                               \
  ".irp sums, " vectors "\n"               \
  "vqshl.s32 \\sums, \\sums, q5\n"         \
  "vshr.s32 \\sums, \\sums, #24\n"         \
  ".endr\n"

#define MOTE_TILE_CLOBBERS                                                                 \
  "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1",   \
      "q2", "q3", "q4", "q5", "cc", "memory"
// clang-format on

// All registers are taken: the sums are those with even numbers, as the instruction wants them; r1
// and r9 inputs, r5 `packed`, r7 and r3 outputs, which a store wants low, r11 what is left of the
// channels. Inputs are one run. kWhole: channels are a multiple of four.
template <int kSteps, bool kRounded, bool kWhole>
inline __attribute__((noinline)) void run_2x4(const VectorTiles& all) {
  register const VectorTiles* tiles __asm__("r0") = &all;
  __asm__ volatile(
      MOTE_TAKE_TILES
      "ldrd r1, r9, [sp]\n"
      "1:\n"  // a pair
      "ldrd r5, r11, [sp, #16]\n"
      "add r3, r7, r11\n"
      MOTE_HOLD_INPUTS
      "2:\n"  // four channels
      "ldmia r5, {r0, r2, r4, r6}\n"
      "ldmia r5!, {r8, r10, r12, lr}\n"
      MOTE_STEPS_OF_HELD
      MOTE_SUMS_TO_VECTORS
      MOTE_VECTOR_OUTPUTS("r5", "q0, q1")
      ".if %c[whole]\n"
      "vstrb.32 q0, [r7], #4\n"
      "vstrb.32 q1, [r3], #4\n"
      ".else\n"
      "vctp.32 r11\n"
      "vpstt\n"
      "vstrbt.32 q0, [r7], #4\n"
      "vstrbt.32 q1, [r3], #4\n"
      ".endif\n"
      "subs r11, r11, #4\n"
      "bgt 2b\n"
      "add r7, r3, r11\n"  // the last four may have been fewer
      "ldrd r0, r2, [sp, #32]\n"
      "add r1, r1, r2\n"
      "add r9, r9, r2\n"
      "subs r0, r0, #1\n"
      "str r0, [sp, #32]\n"
      "bne 1b\n"
      MOTE_LEAVE_TILES
      : "+r"(tiles)
      : [steps] "i"(kSteps), [back] "i"(kReachBack<kSteps>), [rounded] "i"(kRounded),
        [whole] "i"(kWhole)
      : "q6", "q7", MOTE_TILE_CLOBBERS);
}

// The same of any number of runs: r7 is the first place's output, r3 the runs that are left, r11
// the pitch. With kRuns, so many as one row of instructions, r3 is the second's output.
template <int kSteps, int kRuns, bool kRounded, bool kWhole>
inline __attribute__((noinline)) void runs_2x4(const VectorTiles& all) {
  register const VectorTiles* tiles __asm__("r0") = &all;
  __asm__ volatile(
      MOTE_TAKE_TILES
      "1:\n"  // a pair
      "ldrd r5, r0, [sp, #16]\n"
      "str r0, [sp, #24]\n"
      ".if %c[runs]\n"
      "ldr r11, [sp, #12]\n"
      "add r3, r7, r0\n"
      ".endif\n"
      "2:\n"  // four channels
      "ldrd r1, r9, [sp]\n"
      ".if %c[runs]\n"
      "ldmia r5, {r0, r2, r4, r6}\n"
      "ldmia r5!, {r8, r10, r12, lr}\n"
      MOTE_STEPS_OF_TWO
      ".rept %c[runs] - 1\n"
      "add r1, r1, r11\n"
      "add r9, r9, r11\n"
      MOTE_STEPS_OF_TWO
      ".endr\n"
      ".else\n"
      "ldrd r3, r11, [sp, #8]\n"
      "ldmia r5, {r0, r2, r4, r6}\n"
      "ldmia r5!, {r8, r10, r12, lr}\n"
      "3:\n"
      MOTE_STEPS_OF_TWO
      "add r1, r1, r11\n"
      "add r9, r9, r11\n"
      "subs r3, r3, #1\n"
      "bne 3b\n"
      ".endif\n"
      MOTE_SUMS_TO_VECTORS
      MOTE_VECTOR_OUTPUTS("r5", "q0, q1")
      "ldrd r0, r2, [sp, #20]\n"
      ".if %c[runs] == 0\n"
      "add r3, r7, r0\n"
      ".endif\n"
      ".if %c[whole]\n"
      "vstrb.32 q0, [r7], #4\n"
      "vstrb.32 q1, [r3], #4\n"
      ".else\n"
      "vctp.32 r2\n"
      "vpstt\n"
      "vstrbt.32 q0, [r7], #4\n"
      "vstrbt.32 q1, [r3], #4\n"
      ".endif\n"
      "subs r2, r2, #4\n"
      "str r2, [sp, #24]\n"
      "bgt 2b\n"
      "add r7, r3, r2\n"  // the last four may have been fewer
      "ldrd r1, r3, [sp]\n"
      "ldrd r0, r2, [sp, #32]\n"
      "add r1, r1, r2\n"
      "add r3, r3, r2\n"
      "strd r1, r3, [sp]\n"
      "subs r0, r0, #1\n"
      "str r0, [sp, #32]\n"
      "bne 1b\n"
      MOTE_LEAVE_TILES
      : "+r"(tiles)
      : [steps] "i"(kSteps), [runs] "i"(kRuns), [back] "i"(kReachBack<kSteps>),
        [rounded] "i"(kRounded), [whole] "i"(kWhole)
      : MOTE_TILE_CLOBBERS);
}

// One place at a time, `pairs` in all, a step from one to the next: r3 and r5 are `packed` of two
// groups of channels, or of a last one twice. kWhole: channels are a multiple of eight.
template <int kSteps, bool kRounded, bool kWhole, bool kOneRun>
inline __attribute__((noinline)) void runs_1x8(const VectorTiles& all) {
  register const VectorTiles* tiles __asm__("r0") = &all;
  __asm__ volatile(
      MOTE_TAKE_TILES
      "1:\n"  // a place
      "ldrd r5, r2, [sp, #16]\n"
      "str r2, [sp, #24]\n"
      "2:\n"  // eight channels
      "ldr r0, [sp, #40]\n"
      "mov r3, r5\n"
      ".if %c[whole]\n"
      "add r5, r5, r0\n"
      ".else\n"
      "cmp r2, #4\n"
      "it gt\n"
      "addgt r5, r5, r0\n"
      ".endif\n"
      "ldr r1, [sp]\n"
      "ldmia r3!, {r0, r2, r4, r6}\n"
      "ldmia r5!, {r8, r10, r12, lr}\n"
      ".if %c[one_run]\n"
      MOTE_STEPS_OF_ONE
      ".else\n"
      "ldrd r9, r11, [sp, #8]\n"
      "3:\n"
      MOTE_STEPS_OF_ONE
      "add r1, r1, r11\n"
      "subs r9, r9, #1\n"
      "bne 3b\n"
      ".endif\n"
      MOTE_SUMS_TO_VECTORS
      MOTE_VECTOR_OUTPUTS("r3", "q0")
      MOTE_VECTOR_OUTPUTS("r5", "q1")
      "ldr r2, [sp, #24]\n"
      ".if %c[whole]\n"
      "vstrb.32 q0, [r7], #4\n"
      "vstrb.32 q1, [r7], #4\n"
      "subs r2, r2, #8\n"
      ".else\n"
      "vctp.32 r2\n"
      "vpst\n"
      "vstrbt.32 q0, [r7], #4\n"
      "subs r2, r2, #4\n"
      "ble 4f\n"
      "vctp.32 r2\n"
      "vpst\n"
      "vstrbt.32 q1, [r7], #4\n"
      "subs r2, r2, #4\n"
      ".endif\n"
      "str r2, [sp, #24]\n"
      "bgt 2b\n"
      "4:\n"
      "add r7, r7, r2\n"  // the last four may have been fewer
      "ldr r1, [sp]\n"
      "ldrd r0, r2, [sp, #32]\n"
      "add r1, r1, r2\n"
      "str r1, [sp]\n"
      "subs r0, r0, #1\n"
      "str r0, [sp, #32]\n"
      "bne 1b\n"
      MOTE_LEAVE_TILES
      : "+r"(tiles)
      : [steps] "i"(kSteps), [back] "i"(kReachBack<kSteps>), [rounded] "i"(kRounded),
        [whole] "i"(kWhole), [one_run] "i"(kOneRun)
      : MOTE_TILE_CLOBBERS);
}

#undef MOTE_TAKE_TILES
#undef MOTE_LEAVE_TILES
#undef MOTE_STEP_OF_TWO
#undef MOTE_LOAD
#undef MOTE_STEPS_OF_TWO
#undef MOTE_HOLD_INPUTS
#undef MOTE_STEPS_OF_HELD
#undef MOTE_STEPS_OF_ONE
#undef MOTE_SUMS_TO_VECTORS
#undef MOTE_VECTOR_OUTPUTS
#undef MOTE_TILE_CLOBBERS

#else
constexpr bool kHasTiles = false;
template <int kSteps, bool kRounded, bool kWhole>
void run_2x4(const VectorTiles& all);
template <int kSteps, int kRuns, bool kRounded, bool kWhole>
void runs_2x4(const VectorTiles& all);
template <int kSteps, bool kRounded, bool kWhole, bool kOneRun>
void runs_1x8(const VectorTiles& all);
#endif

}  // namespace mote
