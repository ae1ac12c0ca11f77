// SPDX-License-Identifier: Apache-2.0
// Two sums in one 32-bit word, for cores that have no vector instructions but multiply 32 bits:
// a word x = x0 + 2^16 x1, times w, is x0 w + 2^16 x1 w modulo 2^32. As long as the lower sum stays
// in int16, adding such products adds both. A run is that many taps; then its word is split: with
// 2^15 added, so that the lower half is never below zero,
//   T = sum of the words, F = sum of (word >> 16): F is the sum of the x1 w,
//   T - 2^16 F that of the x0 w and 2^15 a run, all modulo 2^32.
// In: what T and F begin with, words. Out: T, F. Here what the loops in core/simd_lane_*.h share.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

constexpr uint32_t kLaneHalf = 1u << 15;
// Of ops/nn/clamped_output.h: those of nearly all layers stand in instructions.
constexpr int32_t kMostLowBits = 14, kLeastLowBits = 13;

struct LaneSums {
  uint32_t all;  // T
  int32_t high;  // F

  MOTE_INLINE int32_t low_sum() const { return (int32_t)(all - ((uint32_t)high << 16)); }
  MOTE_INLINE void add_run(uint32_t word) {
    all += word;
    high += (int32_t)word >> 16;
  }
};

// ClampedOutput (ops/nn/clamped_output.h) of the sum in r0 where outputs end at -128 and 127. r3
// high, r4 low, r5 span, r6 offset of the multiplier; with signs two more registers.
// clang-format off
#define MOTE_LANE_OUTPUT(temporary, zero, negative)        \
  "cmp r0, r5\n"                                           \
  "bls 11f\n"                                              \
  "asrs r0, r0, #31\n"                                     \
  "movs " #temporary ", #127\n"                            \
  "eors r0, " #temporary "\n"                              \
  "b 13f\n"                                                \
  "11:\n"                                                  \
  "movs " #temporary ", r0\n"                              \
  "muls " #temporary ", r4\n"                              \
  "lsrs " #temporary ", " #temporary ", %[low_bits]\n"     \
  ".if %c[signs]\n"                                        \
  "cmp r0, " #zero "\n"                                    \
  "bhs 12f\n"                                              \
  "add " #temporary ", " #negative "\n"                    \
  "12:\n"                                                  \
  ".endif\n"                                               \
  "muls r0, r3\n"                                          \
  "adds r0, r0, " #temporary "\n"                          \
  "adds r0, r0, r6\n"                                      \
  "lsrs r0, r0, #24\n"                                     \
  "13:\n"
// clang-format on

}  // namespace mote
