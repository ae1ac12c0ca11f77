// SPDX-License-Identifier: Apache-2.0
// The loop of short runs for cores with vectors: four neighbouring places of the output by two
// channels, 16 outputs packed before they are stored: of one vector of inputs a place 28
// instructions for eight outputs, of four 70. In: FourPlaces. Out: outputs. The plain twin is in
// ops/nn/conv_2d/conv_2d_fours_mve.h.
#pragma once
#include <stdint.h>

namespace mote {

// Places one behind the other, of each one run of 16 * kSteps inputs, all channels in fours.
struct FourPlaces {
  const int8_t* first;        // inputs of the first place
  int32_t pitch;              // from a place's inputs to the next's
  const int32_t* packed;      // by pairs of channels (ops/nn/conv_2d/conv_2d_fours_mve.h)
  const int32_t* packed_end;  // behind all channels
  int8_t* output;
  int32_t fours;    // at least 1; places / 4
  int32_t skipped;  // bytes of output from the end of a place to the next four
  int32_t unused;
  uint8_t places[16];  // where the outputs go: of each place four neighbours
};
// A load reaches so far.
constexpr int32_t kMostStepsOfFours = 8;

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)
constexpr bool kHasFourPlaces = true;

// clang-format off
// 16 inputs of a place in `x` by both channels; of its first vector, which stays in a register; of
// all others but the first place's second, which stays in q7.
#define MOTE_MEET(x, first, second)          \
  "vmladava.s8 " first ", " x ", q0\n"       \
  "vmladava.s8 " second ", " x ", q1\n"
#define MOTE_MEET_PLACE(pointer, held, first, second) \
  ".if mote_step == 0\n"                     \
  "vmladav.s8 " first ", " held ", q0\n"     \
  "vmladav.s8 " second ", " held ", q1\n"    \
  ".else\n"                                  \
  "vldrb.u8 q2, [" pointer ", #16 * mote_step]\n" \
  MOTE_MEET("q2", first, second)             \
  ".endif\n"

// Two channels: weights, of each vector both channels, then biases, multipliers, and offsets and
// left, or addends and shifts; in q1 their outputs at four places as halfwords, the output on top.
#define MOTE_TWO_CHANNELS                    \
  ".set mote_step, 0\n"                      \
  ".rept %c[steps]\n"                        \
  "vldrw.u32 q0, [r5], #16\n"                \
  "vldrw.u32 q1, [r5], #16\n"                \
  ".if mote_step == 1\n"                     \
  MOTE_MEET("q7", "r0", "r8")                \
  ".else\n"                                  \
  MOTE_MEET_PLACE("r1", "q3", "r0", "r8")    \
  ".endif\n"                                 \
  MOTE_MEET_PLACE("r9", "q4", "r2", "r10")   \
  MOTE_MEET_PLACE("r11", "q5", "r4", "r12")  \
  MOTE_MEET_PLACE("r3", "q6", "r6", "lr")    \
  ".set mote_step, mote_step + 1\n"          \
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
  "vadd.i32 q0, q0, r8\n"                    \
  "vadd.i32 q0, q0, q2\n"                    \
  "vshr.s32 q2, q1, #31\n"                   \
  "vadd.i32 q1, q1, r10\n"                   \
  "vadd.i32 q1, q1, q2\n"                    \
  "vqshl.s32 q0, r12\n"                      \
  "vqshl.s32 q1, lr\n"                       \
  ".else\n"                                  \
  "ldmia r5!, {r0, r2, r4, r6, r8, r10, r12}\n" \
  "vadd.i32 q0, q0, r0\n"                    \
  "vadd.i32 q1, q1, r2\n"                    \
  "vqdmulh.s32 q0, q0, r4\n"                 \
  "vqdmulh.s32 q1, q1, r6\n"                 \
  "vadd.i32 q0, q0, r8\n"                    \
  "vadd.i32 q1, q1, r10\n"                   \
  "vqshl.s32 q0, r12\n"                      \
  "vqshl.s32 q1, r12\n"                      \
  ".endif\n"                                 \
  "vsri.32 q1, q0, #16\n"
// clang-format on

// All registers are taken: the sums are those with even numbers; r1, r9, r11 and r3 inputs, of
// which five vectors stay in q3 to q7, r5 `packed`, r7 output. The stack: places 0, two channels'
// outputs 16, first 32, pitch 36, packed 40, its end 44, output 48, fours 52, skipped 56, unused
// 60; then r7, which gcc may hold a frame in.
template <int kSteps, bool kRounded>
inline __attribute__((noinline)) void four_places(const FourPlaces& all) {
  register const FourPlaces* tiles __asm__("r0") = &all;
  __asm__ volatile(
      "push {r7}\n"
      "ldmia r0!, {r1-r6, r8, r9}\n"
      "vldrw.u32 q0, [r0]\n"
      "push {r1-r6, r8, r9}\n"
      "sub sp, sp, #32\n"
      "vstrw.32 q0, [sp]\n"
      "mov r7, r5\n"
      "1:\n"  // four places
      "ldrd r0, r2, [sp, #32]\n"
      "mov r1, r0\n"
      "add r9, r1, r2\n"
      "add r11, r9, r2\n"
      "add r3, r11, r2\n"
      "add r0, r3, r2\n"
      "str r0, [sp, #32]\n"
      "ldr r5, [sp, #40]\n"
      "vldrb.u8 q3, [r1]\n"
      "vldrb.u8 q4, [r9]\n"
      "vldrb.u8 q5, [r11]\n"
      "vldrb.u8 q6, [r3]\n"
      ".if %c[steps] > 1\n"
      "vldrb.u8 q7, [r1, #16]\n"
      ".endif\n"
      "2:\n"  // four channels
      MOTE_TWO_CHANNELS "vstrw.32 q1, [sp, #16]\n" MOTE_TWO_CHANNELS
      "vldrw.u32 q0, [sp, #16]\n"
      "vldrw.u32 q2, [sp]\n"
      "vsri.16 q1, q0, #8\n"
      "vstrb.8 q1, [r7, q2]\n"
      "ldr r0, [sp, #44]\n"
      "add r7, r7, #4\n"
      "cmp r5, r0\n"
      "bne 2b\n"
      "ldrd r0, r2, [sp, #52]\n"
      "add r7, r7, r2\n"
      "subs r0, r0, #1\n"
      "str r0, [sp, #52]\n"
      "bne 1b\n"
      "add sp, sp, #64\n"
      "pop {r7}\n"
      : "+r"(tiles)
      : [steps] "i"(kSteps), [rounded] "i"(kRounded)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",
        "q3", "q4", "q5", "q6", "q7", "cc", "memory");
}
#undef MOTE_MEET
#undef MOTE_MEET_PLACE
#undef MOTE_TWO_CHANNELS

#else
constexpr bool kHasFourPlaces = false;
template <int kSteps, bool kRounded>
void four_places(const FourPlaces& all);
#endif

}  // namespace mote
