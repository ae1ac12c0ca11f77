// SPDX-License-Identifier: Apache-2.0
// The loops of depthwise kernels up to 3 by 3 for cores with vectors. Four rows of an image are
// interleaved so that a word holds four rows of a channel; four such words are a patch of 4 by 4.
// It gives 2 by 2 outputs by one product with each of four sets of weights, the kernel at its four
// places: 5 instructions for 36 products; or, where windows lie two columns apart, one of four
// neighbours: 8 for 36. In: rows of an image; PatchBlock. Out: blocks of words; outputs. The plain
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

// The same of several bands, of which all four rows lie in the image, one behind the other.
struct BandsOfRows {
  int32_t pixels;  // at least 1
  const int8_t* first;
  int32_t row;    // bytes from a row to the next
  int32_t bands;  // at least 1
  int32_t pitch;
  int8_t* to;
  int32_t next;     // bytes from a band's first row to the next band's
  int32_t to_next;  // of blocks of words
  int32_t channels;
};
// Pixels of more vectors are too far apart for a load to step from one to the next.
constexpr int32_t kMostVectorsOfPixel = 7;

// Some channels of a block of bands of outputs, last outputs first: of each store eight, two of
// four outputs each. Four outputs are those of a patch, or of neighbouring windows two columns
// apart; from one patch or window to that before it are two columns.
struct PatchBlock {
  int32_t columns[4];      // of a patch, as seen from its first
  const int8_t* words;     // two columns behind the first of the last patch
  int8_t* output;          // of the block
  int32_t runs;            // at least 1
  const uint16_t* places;  // of each store, where its outputs go: those of both fours in turn
  int32_t stores;          // of a run, at least 1
  int32_t skipped;         // bytes of words from a run to that before it
  int32_t channels;        // at least 1
  const int32_t* packed;   // moves on; of each: bias, columns of weights, numbers of the rule
  int32_t left;            // of ExactVectorOutput
};
// In `places`, where loops may leave outputs out (kSome): of one that nobody needs.
constexpr uint16_t kNoPlace = 0xFFFF;

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

// kVectors: pixels have so many vectors, 9 instructions for 64 bytes; 0: any channels, 14.
template <int kVectors>
inline __attribute__((noinline)) void interleave_bands(const BandsOfRows& from) {
  register const BandsOfRows* all __asm__("r0") = &from;
  __asm__ volatile(
      "push {r7}\n"
      "ldr r1, [r0, #32]\n"
      "vctp.8 r1\n"
      "ldmia r0, {r0, r5-r8, r10-r12}\n"
      "1:\n"  // a band
      "mov r1, r5\n"
      "add r2, r5, r6\n"
      "add r3, r2, r6\n"
      "add r4, r3, r6\n"
      "mov r9, r10\n"
      "add r5, r5, r11\n"
      "add r10, r10, r12\n"
      "dls lr, r0\n"
      "2:\n"
      ".if %c[vectors]\n"
      "vldrb.u8 q0, [r1], #16 * %c[vectors]\n"
      "vldrb.u8 q1, [r2], #16 * %c[vectors]\n"
      "vldrb.u8 q2, [r3], #16 * %c[vectors]\n"
      "vldrb.u8 q3, [r4], #16 * %c[vectors]\n"
      ".else\n"
      "vpstttt\n"
      "vldrbt.u8 q0, [r1]\n"
      "vldrbt.u8 q1, [r2]\n"
      "vldrbt.u8 q2, [r3]\n"
      "vldrbt.u8 q3, [r4]\n"
      "add r1, r1, r8\n"
      "add r2, r2, r8\n"
      "add r3, r3, r8\n"
      "add r4, r4, r8\n"
      ".endif\n"
      "vst40.8 {q0, q1, q2, q3}, [r9]\n"
      "vst41.8 {q0, q1, q2, q3}, [r9]\n"
      "vst42.8 {q0, q1, q2, q3}, [r9]\n"
      "vst43.8 {q0, q1, q2, q3}, [r9]!\n"
      "le lr, 2b\n"
      "subs r7, r7, #1\n"
      "bgt 1b\n"
      "pop {r7}\n"
      : "+r"(all)
      : [vectors] "i"(kVectors)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",
        "q3", "cc", "memory");
}

// clang-format off
// Four sums of a channel in `sums`: q1 to q4 the weights at four places of a patch, or q1 at the
// first; q5 the addresses of columns.
#define MOTE_FOUR_SUMS(sums)                     \
  ".if %c[apart]\n"                              \
  ".irp sum, r4, r6, r8, r10\n"                  \
  "vldrw.u32 " sums ", [q5, #-128]!\n"           \
  "vmladav.s8 \\sum, " sums ", q1\n"             \
  ".endr\n"                                      \
  ".else\n"                                      \
  "vldrw.u32 " sums ", [q5, #-128]!\n"           \
  "vmladav.s8 r4, " sums ", q1\n"                \
  "vmladav.s8 r6, " sums ", q2\n"                \
  "vmladav.s8 r8, " sums ", q3\n"                \
  "vmladav.s8 r10, " sums ", q4\n"               \
  ".endif\n"                                     \
  "vmov " sums "[2], " sums "[0], r4, r8\n"      \
  "vmov " sums "[3], " sums "[1], r6, r10\n"

// Eight outputs: r1 output, r2 bias, r3 places. ExactVectorOutput: q7 multipliers, r5 offset, r7
// left; RoundedVectorOutput: r11 multiplier, r5 addend, r7 left.
#define MOTE_EIGHT_OUTPUTS                       \
  MOTE_FOUR_SUMS("q0")                           \
  MOTE_FOUR_SUMS("q6")                           \
  "vadd.i32 q0, q0, r2\n"                        \
  "vadd.i32 q6, q6, r2\n"                        \
  ".irp sums, q0, q6\n"                          \
  ".if %c[rounded]\n"                            \
  "vqrdmulh.s32 \\sums, \\sums, r11\n"          \
  "vshr.s32 q7, \\sums, #31\n"                  \
  "vadd.i32 \\sums, \\sums, r5\n"               \
  "vadd.i32 \\sums, \\sums, q7\n"               \
  ".else\n"                                      \
  "vqdmlash.s32 \\sums, q7, r5\n"               \
  ".endif\n"                                     \
  ".endr\n"                                      \
  "vqshl.s32 q0, r7\n"                           \
  "vqshl.s32 q6, r7\n"                           \
  "vsri.32 q6, q0, #16\n"                        \
  "vshr.s16 q0, q6, #8\n"                        \
  "vldrh.u16 q6, [r3], #16\n"                    \
  ".if %c[some]\n"                               \
  "vpt.s16 ge, q6, zr\n"                         \
  "vstrbt.16 q0, [r1, q6]\n"                     \
  ".else\n"                                      \
  "vstrb.16 q0, [r1, q6]\n"                      \
  ".endif\n"
// clang-format on

// 25 instructions for eight outputs of patches, 31 of windows apart. r0 the runs that are left, r9
// stores, r12 the PatchBlock: columns 0, words 16, output 20, runs 24, places 28, stores 32,
// skipped 36, channels 40, packed 44, left 48. kSome: outputs without a place are left out. The
// stack: r7, which gcc may hold a frame in.
template <bool kApart, bool kRounded, bool kSome>
inline __attribute__((noinline)) void patch_outputs(PatchBlock& block) {
  register PatchBlock* all __asm__("r0") = &block;
  __asm__ volatile(
      "push {r7}\n"
      "mov r12, r0\n"
      "ldr r9, [r12, #32]\n"
      "ldr r7, [r12, #48]\n"
      "1:\n"  // a channel
      "ldr r3, [r12, #44]\n"
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
      "str r3, [r12, #44]\n"
      "ldrd r0, r1, [r12, #16]\n"
      "add r4, r0, #4\n"
      "add r6, r1, #1\n"
      "strd r4, r6, [r12, #16]\n"
      "vldrw.u32 q5, [r12]\n"
      "vadd.i32 q5, q5, r0\n"
      "ldrd r0, r3, [r12, #24]\n"
      "2:\n"  // a run
      "dls lr, r9\n"
      "3:\n" MOTE_EIGHT_OUTPUTS
      "le lr, 3b\n"
      "ldr r4, [r12, #36]\n"
      "vsub.i32 q5, q5, r4\n"
      "subs r0, r0, #1\n"
      "bgt 2b\n"
      "ldr r4, [r12, #40]\n"
      "subs r4, r4, #1\n"
      "str r4, [r12, #40]\n"
      "bgt 1b\n"
      "pop {r7}\n"
      : "+r"(all)
      : [apart] "i"(kApart), [rounded] "i"(kRounded), [some] "i"(kSome)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",
        "q3", "q4", "q5", "q6", "q7", "cc", "memory");
}
#undef MOTE_FOUR_SUMS
#undef MOTE_EIGHT_OUTPUTS

#else
constexpr bool kHasPatches = false;
template <bool kApart, bool kRounded, bool kSome>
void patch_outputs(PatchBlock& block);

inline void interleave_rows(const FourRows& from) {
  int8_t* to = from.to;
  for (int32_t x = 0; x < from.pixels; ++x, to += kPatchColumn)
    for (int32_t c = 0; c < kVector; ++c)
      for (int32_t r = 0; r < 4; ++r)
        to[4 * c + r] = c < from.channels ? from.rows[r][x * from.pitches[r] + c] : 0;
}

template <int kVectors>
MOTE_SHARED void interleave_bands(const BandsOfRows& all) {
  for (int32_t band = 0; band < all.bands; ++band) {
    FourRows from{{}, {}, all.to + band * all.to_next, all.pixels, all.channels};
    for (int32_t r = 0; r < 4; ++r) {
      from.rows[r] = all.first + band * all.next + r * all.row;
      from.pitches[r] = all.pitch;
    }
    interleave_rows(from);
  }
}
#endif

}  // namespace mote
