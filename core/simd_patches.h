// SPDX-License-Identifier: Apache-2.0
// The loops of depthwise kernels up to 3 by 3 for cores with vectors. Four rows of an image are
// interleaved so that a word holds four rows of a channel; four such words are a patch of 4 by 4.
// It gives 2 by 2 outputs by one product with each of four sets of weights, the kernel at its four
// places: 7 instructions for 36 products; or, where windows lie two columns apart, one of four
// neighbours: 10 for 36. In: rows of an image; PatchRows. Out: blocks of words; outputs. The plain
// twin of the second is in ops/nn/depthwise_conv_2d/depthwise_patches_mve.h.
#pragma once
#include <stdint.h>

#include "core/simd_mve.h"

namespace mote {

// Four rows of an image, 16 channels of each pixel: from rows[i] on, pitches[i] from pixel to
// pixel.
struct FourRows {
  const int8_t* rows[4];
  int32_t pitches[4];
  int8_t* to;
  int32_t pixels;    // at least 1
  int32_t channels;  // at most 16; of those beyond there will be anything
};
constexpr int32_t kPatchColumn = 4 * kVector;  // bytes of a column of four rows

// Some channels of some bands of outputs: two rows, or one where windows lie apart. Four outputs
// at a time; the first four of a row may meet the second.
struct PatchBands {
  int32_t columns[4];   // of a patch, as seen from two columns behind the begin of the first
  int32_t places[4];    // of four outputs, from the first
  const int8_t* words;  // of the first band
  int8_t* output;
  int32_t bands;          // at least 1
  int32_t fours;          // of a band, without a first one that meets the second; at least 1
  int32_t last_overlap;   // bytes of output that the last band has in common with that before
  int32_t to_next;        // bytes from the last patch of a band to the first of the next
  int32_t skipped;        // bytes of output between the end of a band's first row and the next band
  int32_t channels;       // at least 1
  const int32_t* packed;  // moves on; of each: bias, columns of weights, numbers of the rule
  int32_t step;           // bytes from four outputs to the next four
  int32_t left;           // of ExactVectorOutput
  int32_t first_back;     // bytes of words that the first four have in common with the second
  int32_t first_step;     // bytes of output from the first four to the second
};

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)
constexpr bool kHasPatches = true;

// 14 instructions for 64 bytes. The stack: r7, which gcc may hold a frame in.
inline __attribute__((noinline)) void interleave_rows(const FourRows& from) {
  register const FourRows* all __asm__("r0") = &from;
  __asm__ volatile(
      "push {r7}\n"
      "ldmia r0!, {r1-r8}\n"
      "ldmia r0, {r9, r10, r11}\n"
      "vctp.8 r11\n"
      "dls lr, r10\n"
      "1:\n"
      "vpstttt\n"
      "vldrbt.u8 q0, [r1]\n"
      "vldrbt.u8 q1, [r2]\n"
      "vldrbt.u8 q2, [r3]\n"
      "vldrbt.u8 q3, [r4]\n"
      "add r1, r1, r5\n"
      "add r2, r2, r6\n"
      "add r3, r3, r7\n"
      "add r4, r4, r8\n"
      "vst40.8 {q0, q1, q2, q3}, [r9]\n"
      "vst41.8 {q0, q1, q2, q3}, [r9]\n"
      "vst42.8 {q0, q1, q2, q3}, [r9]\n"
      "vst43.8 {q0, q1, q2, q3}, [r9]!\n"
      "le lr, 1b\n"
      "pop {r7}\n"
      : "+r"(all)
      :
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "lr", "q0", "q1", "q2", "q3",
        "cc", "memory");
}

// clang-format off
// Four outputs: r1 where they go, r2 bias, q1 to q4 the weights at four places of a patch, or q1 at
// the first, q5 the addresses of columns, q6 the places of the outputs. ExactVectorOutput: q7
// multipliers, r5 offset, r7 left; RoundedVectorOutput: r11 multiplier, r5 addend, r7 left.
#define MOTE_FOUR_OUTPUTS                  \
  ".if %c[apart]\n"                        \
  ".irp sum, r4, r6, r8, r10\n"            \
  "vldrw.u32 q0, [q5, #128]!\n"            \
  "vmladav.s8 \\sum, q0, q1\n"            \
  ".endr\n"                                \
  ".else\n"                                \
  "vldrw.u32 q0, [q5, #128]!\n"            \
  "vmladav.s8 r4, q0, q1\n"                \
  "vmladav.s8 r6, q0, q2\n"                \
  "vmladav.s8 r8, q0, q3\n"                \
  "vmladav.s8 r10, q0, q4\n"               \
  ".endif\n"                               \
  "vmov q0[2], q0[0], r4, r8\n"            \
  "vmov q0[3], q0[1], r6, r10\n"           \
  "vadd.i32 q0, q0, r2\n"                  \
  ".if %c[rounded]\n"                      \
  "vqrdmulh.s32 q0, q0, r11\n"             \
  "vshr.s32 q7, q0, #31\n"                 \
  "vadd.i32 q0, q0, q7\n"                  \
  "vadd.i32 q0, q0, r5\n"                  \
  ".else\n"                                \
  "vqdmlash.s32 q0, q7, r5\n"              \
  ".endif\n"                               \
  "vqshl.s32 q0, r7\n"                     \
  "vshr.s32 q0, q0, #24\n"                 \
  "vstrb.32 q0, [r1, q6]\n"
// clang-format on

// r0 the bands that are left, r3 `packed`, r9 `step`, r12 the PatchBands: columns 0, places 16,
// words 32, output 36, bands 40, fours 44, last_overlap 48, to_next 52, skipped 56, channels 60,
// packed 64, step 68, left 72, first_back 76, first_step 80. kMeet: the first four of a row meet
// the second. The stack: r7, which gcc may hold a frame in.
template <bool kApart, bool kRounded, bool kMeet>
inline __attribute__((noinline)) void patch_outputs(PatchBands& bands) {
  register PatchBands* all __asm__("r0") = &bands;
  __asm__ volatile(
      "push {r7}\n"
      "mov r12, r0\n"
      "vldrw.u32 q6, [r12, #16]\n"
      "ldrd r3, r9, [r12, #64]\n"
      "ldr r7, [r12, #72]\n"
      "1:\n"  // a channel
      "ldr r2, [r3], #4\n"
      "vldrw.u32 q1, [r3], #16\n"
      ".if %c[apart] == 0\n"
      "mov r4, #0\n"
      "vmov q2, q1\n"
      "vshlc q2, r4, #32\n"    // a column to the right
      "vshl.i32 q3, q1, #8\n"  // a row down
      "vshl.i32 q4, q2, #8\n"
      ".endif\n"
      "ldrd r4, r5, [r3], #8\n"
      ".if %c[rounded]\n"
      "mov r11, r4\n"
      "ldr r7, [r3], #4\n"
      ".else\n"
      "vdup.32 q7, r4\n"
      ".endif\n"
      "ldrd r0, r1, [r12, #32]\n"
      "add r4, r0, #4\n"
      "add r6, r1, #1\n"
      "strd r4, r6, [r12, #32]\n"
      "vldrw.u32 q5, [r12]\n"
      "vadd.i32 q5, q5, r0\n"
      "ldr r0, [r12, #40]\n"
      "2:\n"  // a band
      "ldrd r4, r6, [r12, #44]\n"
      "dls lr, r4\n"
      "subs r0, r0, #1\n"
      "it eq\n"
      "subeq r1, r1, r6\n"
      ".if %c[meet]\n" MOTE_FOUR_OUTPUTS
      "ldrd r4, r6, [r12, #76]\n"
      "vsub.i32 q5, q5, r4\n"
      "add r1, r1, r6\n"
      ".endif\n"
      "3:\n" MOTE_FOUR_OUTPUTS
      "add r1, r1, r9\n"
      "le lr, 3b\n"
      "ldrd r4, r6, [r12, #52]\n"
      "vadd.i32 q5, q5, r4\n"
      "add r1, r1, r6\n"
      "cmp r0, #0\n"
      "bgt 2b\n"
      "ldr r4, [r12, #60]\n"
      "subs r4, r4, #1\n"
      "str r4, [r12, #60]\n"
      "bgt 1b\n"
      "str r3, [r12, #64]\n"
      "pop {r7}\n"
      : "+r"(all)
      : [apart] "i"(kApart), [rounded] "i"(kRounded), [meet] "i"(kMeet)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",
        "q3", "q4", "q5", "q6", "q7", "cc", "memory");
}
#undef MOTE_FOUR_OUTPUTS

#else
constexpr bool kHasPatches = false;
template <bool kApart, bool kRounded, bool kMeet>
void patch_outputs(PatchBands& bands);

inline void interleave_rows(const FourRows& from) {
  int8_t* to = from.to;
  for (int32_t x = 0; x < from.pixels; ++x, to += kPatchColumn)
    for (int32_t c = 0; c < kVector; ++c)
      for (int32_t r = 0; r < 4; ++r)
        to[4 * c + r] = c < from.channels ? from.rows[r][x * from.pitches[r] + c] : 0;
}
#endif

}  // namespace mote
