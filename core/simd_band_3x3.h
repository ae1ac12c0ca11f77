// SPDX-License-Identifier: Apache-2.0
// Windows of 3x3 of one channel, two rows of outputs at a time, for cores with the DSP instructions
// of Armv7E-M: two columns of both share what they load, 24 multiplications for 36 products. In: a
// Band3x3. Out: its outputs. The plain twin is band_outputs() of
// ops/nn/depthwise_conv_2d/depthwise_bands_3x3.h.
#pragma once
#include <stdint.h>

#include "core/wrapping.h"

namespace mote {

// Of a column of four rows and four channels: of each channel a word of two numbers, twice.
constexpr int32_t kBandColumn = 8;  // words

// The order is that of the loop's stack.
struct Band3x3 {
  int32_t column_step, row_step;  // bytes from an output to the next; no row below: 0
  const uint32_t* end;            // of the columns where pairs of outputs begin
  int32_t is_odd;                 // whether one output is left
  const uint32_t* first;          // column, from the channel's words on
  int8_t* output;
  // Bias; of each column of weights w0, w1 and w1, w2, 256 times; multiplier, offset, negative of
  // ExactOutput (ops/nn/folded_output.h).
  const uint32_t* packed;
};

#if defined(__ARM_FEATURE_DSP) && defined(__OPTIMIZE__)
constexpr bool kHasBand3x3 = true;

// Four channels of a column's two last rows; those before move up.
MOTE_INLINE void move_column(uint32_t third, uint32_t fourth, uint32_t* column) {
  uint32_t low, pair, before;
  __asm__ volatile(
      "pkhbt %[low], %[third], %[fourth], lsl #16\n"
      "pkhtb %[fourth], %[fourth], %[third], asr #16\n"
      "ldr %[before], [%[column], #4]\n"
      "sxtb16 %[pair], %[low]\n"
      "strd %[before], %[pair], [%[column]]\n"
      "ldr %[before], [%[column], #12]\n"
      "sxtb16 %[pair], %[low], ror #8\n"
      "strd %[before], %[pair], [%[column], #8]\n"
      "ldr %[before], [%[column], #20]\n"
      "sxtb16 %[pair], %[fourth]\n"
      "strd %[before], %[pair], [%[column], #16]\n"
      "ldr %[before], [%[column], #28]\n"
      "sxtb16 %[pair], %[fourth], ror #8\n"
      "strd %[before], %[pair], [%[column], #24]\n"
      : [fourth] "+r"(fourth), [low] "=&r"(low), [pair] "=&r"(pair), [before] "=&r"(before)
      : [third] "r"(third), [column] "r"(column)
      : "memory");
}

// All four rows.
MOTE_INLINE void fill_column(const uint32_t (&rows)[4], uint32_t* column) {
  uint32_t a = rows[0], c = rows[2], low, pair, next;
  __asm__ volatile(
      "pkhbt %[low], %[a], %[b], lsl #16\n"
      "pkhtb %[a], %[b], %[a], asr #16\n"
      "pkhbt %[next], %[c], %[d], lsl #16\n"
      "pkhtb %[c], %[d], %[c], asr #16\n"
      "sxtb16 %[pair], %[low]\n"
      "sxtb16 %[low], %[low], ror #8\n"
      "str %[pair], [%[column]]\n"
      "sxtb16 %[pair], %[next]\n"
      "sxtb16 %[next], %[next], ror #8\n"
      "str %[pair], [%[column], #4]\n"
      "strd %[low], %[next], [%[column], #8]\n"
      "sxtb16 %[low], %[a]\n"
      "sxtb16 %[next], %[c]\n"
      "strd %[low], %[next], [%[column], #16]\n"
      "sxtb16 %[low], %[a], ror #8\n"
      "sxtb16 %[next], %[c], ror #8\n"
      "strd %[low], %[next], [%[column], #24]\n"
      : [a] "+r"(a), [c] "+r"(c), [low] "=&r"(low), [pair] "=&r"(pair), [next] "=&r"(next)
      : [b] "r"(rows[1]), [d] "r"(rows[3]), [column] "r"(column)
      : "memory");
}

// clang-format off
// A column of inputs r10, r11, the rows 0, 1 and 2, 3, meets a column of weights: sums of the upper
// and the lower row of outputs.
#define MOTE_UPPER(sum, w01, w12, from)          \
  "smlad " #sum ", r10, " #w01 ", " #from "\n"   \
  "smlabt " #sum ", r11, " #w12 ", " #sum "\n"
#define MOTE_LOWER(sum, w01, w12, from)          \
  "smlatb " #sum ", r10, " #w01 ", " #from "\n"  \
  "smlad " #sum ", r11, " #w12 ", " #sum "\n"
#define MOTE_FIRST_COLUMN(w01, w12)              \
  MOTE_UPPER(r6, w01, w12, r6) MOTE_LOWER(r7, w01, w12, r7)
#define MOTE_SECOND_COLUMN(w01, w12)             \
  MOTE_UPPER(r8, w01, w12, r8) MOTE_LOWER(r9, w01, w12, r9)
#define MOTE_BEGIN_SECOND_COLUMN                 \
  MOTE_UPPER(r8, r0, r1, r6) MOTE_LOWER(r9, r0, r1, r6)
#define MOTE_BEGIN_FIRST_COLUMN                  \
  MOTE_LOWER(r7, r2, r3, r6) MOTE_UPPER(r6, r2, r3, r6)
#define MOTE_OUTPUT(sum)                         \
  "smmla " #sum ", " #sum ", r10, r11\n"         \
  "ssat " #sum ", #8, " #sum ", asr %[shift]\n"
#define MOTE_WITHOUT_NEGATIVE(sum)               \
  "and r11, r10, " #sum ", asr #31\n"            \
  "sub " #sum ", " #sum ", r11\n"
// The upper row last: a band of one row has both in one place.
#define MOTE_STORE_COLUMN(upper, lower)          \
  "strb " #lower ", [lr, r11]\n"                 \
  "strb " #upper ", [lr]\n"                      \
  "add lr, lr, r10\n"
// clang-format on

// All registers are taken: r0-r5 are the weights, r6-r9 sums, r12 the column, lr the output. The
// stack: bias, multiplier, offset, negative, then Band3x3's first four, then r7, which gcc may hold
// a frame in.
template <bool kSigns, int kShift>
inline __attribute__((noinline)) void band_3x3(const Band3x3& all) {
  register const Band3x3* band __asm__("r0") = &all;
  __asm__ volatile(
      "push {r7}\n"
      "ldmia r0, {r1-r4, r8, r9, r12}\n"
      "push {r1-r4}\n"
      "mov lr, r9\n"
      "ldr r6, [r12], #4\n"
      "ldmia r12!, {r0-r5}\n"
      "ldmia r12, {r7, r10, r11}\n"
      "push {r6, r7, r10, r11}\n"
      "mov r12, r8\n"
      "ldr r11, [sp, #24]\n"
      "cmp r12, r11\n"
      "beq 2f\n"
      "1:\n"  // two columns of outputs
      "ldr r6, [sp]\n"
      "ldrd r10, r11, [r12, #32]\n" MOTE_BEGIN_SECOND_COLUMN MOTE_BEGIN_FIRST_COLUMN
      "ldrd r10, r11, [r12, #64]\n" MOTE_FIRST_COLUMN(r4, r5) MOTE_SECOND_COLUMN(r2, r3)
      "ldrd r10, r11, [r12, #96]\n" MOTE_SECOND_COLUMN(r4, r5)
      "ldrd r10, r11, [r12], #64\n" MOTE_FIRST_COLUMN(r0, r1)
      ".if %c[signs]\n"
      "ldr r10, [sp, #12]\n" MOTE_WITHOUT_NEGATIVE(r6) MOTE_WITHOUT_NEGATIVE(r7)
      MOTE_WITHOUT_NEGATIVE(r8) MOTE_WITHOUT_NEGATIVE(r9)
      ".endif\n"
      "ldrd r10, r11, [sp, #4]\n" MOTE_OUTPUT(r6) MOTE_OUTPUT(r7)
      MOTE_OUTPUT(r8) MOTE_OUTPUT(r9)
      "ldrd r10, r11, [sp, #16]\n" MOTE_STORE_COLUMN(r6, r7) MOTE_STORE_COLUMN(r8, r9)
      "ldr r10, [sp, #24]\n"
      "cmp r12, r10\n"
      "bne 1b\n"
      "2:\n"
      "ldr r10, [sp, #28]\n"
      "cmp r10, #0\n"
      "beq 3f\n"
      "ldr r6, [sp]\n"  // a last column
      "ldrd r10, r11, [r12, #32]\n" MOTE_BEGIN_FIRST_COLUMN
      "ldrd r10, r11, [r12, #64]\n" MOTE_FIRST_COLUMN(r4, r5)
      "ldrd r10, r11, [r12]\n" MOTE_FIRST_COLUMN(r0, r1)
      ".if %c[signs]\n"
      "ldr r10, [sp, #12]\n" MOTE_WITHOUT_NEGATIVE(r6) MOTE_WITHOUT_NEGATIVE(r7)
      ".endif\n"
      "ldrd r10, r11, [sp, #4]\n" MOTE_OUTPUT(r6) MOTE_OUTPUT(r7)
      "ldrd r10, r11, [sp, #16]\n" MOTE_STORE_COLUMN(r6, r7)
      "3:\n"
      "add sp, sp, #32\n"
      "pop {r7}\n"
      : "+r"(band)
      : [signs] "i"(kSigns), [shift] "i"(kShift)
      : "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#undef MOTE_UPPER
#undef MOTE_LOWER
#undef MOTE_FIRST_COLUMN
#undef MOTE_SECOND_COLUMN
#undef MOTE_BEGIN_SECOND_COLUMN
#undef MOTE_BEGIN_FIRST_COLUMN
#undef MOTE_OUTPUT
#undef MOTE_WITHOUT_NEGATIVE
#undef MOTE_STORE_COLUMN
#else
constexpr bool kHasBand3x3 = false;
MOTE_INLINE uint32_t pair_of_bytes(uint32_t low, uint32_t high, int32_t byte) {
  return (uint16_t)(int8_t)(low >> (8 * byte)) | (uint32_t)(uint16_t)(int8_t)(high >> (8 * byte))
                                                     << 16;
}
MOTE_INLINE void move_column(uint32_t third, uint32_t fourth, uint32_t* column) {
  for (int32_t c = 0; c < 4; ++c) {
    column[2 * c] = column[2 * c + 1];
    column[2 * c + 1] = pair_of_bytes(third, fourth, c);
  }
}
MOTE_INLINE void fill_column(const uint32_t (&rows)[4], uint32_t* column) {
  for (int32_t c = 0; c < 4; ++c) {
    column[2 * c] = pair_of_bytes(rows[0], rows[1], c);
    column[2 * c + 1] = pair_of_bytes(rows[2], rows[3], c);
  }
}
template <bool kSigns, int kShift>
void band_3x3(const Band3x3& all);
#endif

}  // namespace mote
