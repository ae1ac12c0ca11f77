// SPDX-License-Identifier: Apache-2.0
// The loop of matrix times vector for cores with vectors: one row of inputs by eight rows of
// weights at a time, 17 instructions for 128 products and 20 for eight outputs. In: VectorRow. Out:
// the outputs. The plain twin is in ops/nn/fully_connected/fully_connected_mve.h.
#pragma once
#include <stdint.h>

#include "core/simd_tiles.h"

namespace mote {

// All outputs of a row of inputs.
struct VectorRow {
  const int8_t* input;    // `runs` runs of 16 * kSteps bytes, one behind the other
  int32_t runs;           // at least 1
  const int32_t* packed;  // by row_layer() (ops/nn/vector_layer.h)
  int8_t* output;
  int32_t outputs;  // at least 1
  int32_t left;     // of ExactVectorOutput: 24 - shift
};

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

// clang-format off
#define MOTE_STEPS_OF_EIGHT                \
  ".set mote_at, -%c[back]\n"              \
  ".rept %c[steps]\n"                      \
  "vldrb.u8 q0, [r1, #mote_at]\n"          \
  ".irp sum, r0, r2, r4, r6\n"             \
  "vldrw.u32 q1, [r5], #16\n"              \
  "vmladava.s8 \\sum, q0, q1\n"            \
  ".endr\n"                                \
  ".irp sum, r8, r10, r12, lr\n"           \
  "vldrw.u32 q1, [r5], #16\n"              \
  "vmladava.s8 \\sum, q0, q1\n"            \
  ".endr\n"                                \
  ".set mote_at, mote_at + 16\n"           \
  ".endr\n"

// Eight sums in q0 and q1 become outputs in q1, a halfword each: ExactVectorOutput, or with
// `rounded` RoundedVectorOutput (ops/nn/vector_output.h).
#define MOTE_EIGHT_OUTPUTS                 \
  "vldrw.u32 q2, [r5], #16\n"              \
  "vldrw.u32 q3, [r5], #16\n"              \
  ".if %c[rounded]\n"                      \
  "vqrdmulh.s32 q0, q0, q2\n"              \
  "vqrdmulh.s32 q1, q1, q3\n"              \
  "vshr.s32 q2, q0, #31\n"                 \
  "vshr.s32 q3, q1, #31\n"                 \
  "vadd.i32 q0, q0, q2\n"                  \
  "vadd.i32 q1, q1, q3\n"                  \
  ".else\n"                                \
  "vqdmulh.s32 q0, q0, q2\n"               \
  "vqdmulh.s32 q1, q1, q3\n"               \
  ".endif\n"                               \
  "vldrw.u32 q2, [r5], #16\n"              \
  "vldrw.u32 q3, [r5], #16\n"              \
  "vadd.i32 q0, q0, q2\n"                  \
  "vadd.i32 q1, q1, q3\n"                  \
  ".if %c[rounded]\n"                      \
  "vldrw.u32 q2, [r5], #16\n"              \
  "vldrw.u32 q3, [r5], #16\n"              \
  "vqshl.s32 q0, q0, q2\n"                 \
  "vqshl.s32 q1, q1, q3\n"                 \
  ".else\n"                                \
  "vqshl.s32 q0, q0, q5\n"                 \
  "vqshl.s32 q1, q1, q5\n"                 \
  ".endif\n"                               \
  "vsri.32 q1, q0, #16\n"                  \
  "vshr.s16 q1, q1, #8\n"
// clang-format on

// The sums are the registers with even numbers, of outputs 0, 2, 4, 6, then 1, 3, 5, 7; r1 inputs,
// r5 `packed`, r7 output, r3 outputs that are left, r9 and r11 runs. kWhole: outputs are a multiple
// of eight. The stack: r7, which gcc may hold a frame in, and input.
template <int kSteps, bool kRounded, bool kWhole, bool kOneRun>
inline __attribute__((noinline)) void row_of_outputs(const VectorRow& all) {
  register const VectorRow* row __asm__("r0") = &all;
  __asm__ volatile(
      "push {r7}\n"
      "ldmia r0, {r1, r2, r5, r7, r8, r9}\n"
      "mov r3, r8\n"
      "mov r11, r2\n"
      "vdup.32 q5, r9\n"
      "push {r1}\n"
      "1:\n"  // eight outputs
      "ldmia r5!, {r0, r2, r4, r6, r8, r10, r12, lr}\n"
      ".if %c[one_run]\n" MOTE_STEPS_OF_EIGHT
      ".else\n"
      "mov r9, r11\n"
      "2:\n" MOTE_STEPS_OF_EIGHT
      "add r1, r1, #16 * %c[steps]\n"
      "subs r9, r9, #1\n"
      "bne 2b\n"
      "ldr r1, [sp]\n"
      ".endif\n"
      "vmov q0[2], q0[0], r0, r4\n"
      "vmov q1[2], q1[0], r8, r12\n"
      "vmov q0[3], q0[1], r2, r6\n"
      "vmov q1[3], q1[1], r10, lr\n" MOTE_EIGHT_OUTPUTS
      ".if %c[whole]\n"
      "vstrb.16 q1, [r7], #8\n"
      ".else\n"
      "vctp.16 r3\n"
      "vpst\n"
      "vstrbt.16 q1, [r7], #8\n"
      ".endif\n"
      "subs r3, r3, #8\n"
      "bgt 1b\n"
      "add sp, sp, #4\n"
      "pop {r7}\n"
      : "+r"(row)
      : [steps] "i"(kSteps), [back] "i"(kReachBack<kSteps>), [rounded] "i"(kRounded),
        [whole] "i"(kWhole), [one_run] "i"(kOneRun)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",
        "q3", "q5", "cc", "memory");
}
#undef MOTE_STEPS_OF_EIGHT
#undef MOTE_EIGHT_OUTPUTS

#else
template <int kSteps, bool kRounded, bool kWhole, bool kOneRun>
void row_of_outputs(const VectorRow& all);
#endif

}  // namespace mote
