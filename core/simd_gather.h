// SPDX-License-Identifier: Apache-2.0
// Small windows of an image side by side, for cores with vectors: each vector of a window is one
// load from 16 addresses, or 8 of two bytes, instead of a copy a row. In: where the bytes of a
// window lie, as seen from its first. Out: windows of whole vectors.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_point.h"

namespace mote {

struct GatheredWindows {
  const int8_t* from;    // the first window
  int32_t step;          // from one to the next
  const uint32_t* taps;  // of each vector 16 bytes, or 8 halfwords
  int8_t* to;
  int32_t count;  // at least 1
};

// Vectors of a window whose taps stay in registers.
constexpr int32_t kMostGatheredVectors = 6;

#if defined(__ARM_FEATURE_MVE) && defined(__OPTIMIZE__)

// kUnit: bytes of a tap, 1 or 2; of 2, all lie at even addresses. 2 instructions a vector, 2 a
// window.
template <int kVectors, int kUnit>
MOTE_INLINE void gather_taps(const GatheredWindows& all) {
  const int8_t* from = all.from;
  const uint32_t* taps = all.taps;
  int8_t* to = all.to;
  // clang-format off
  __asm__ volatile(
      ".set mote_left, %c[vectors]\n"
      ".irp vector, q2, q3, q4, q5, q6, q7\n"
      ".if mote_left > 0\n"
      "vldrw.u32 \\vector, [%[taps]], #16\n"
      ".endif\n"
      ".set mote_left, mote_left - 1\n"
      ".endr\n"
      "dls lr, %[count]\n"
      "1:\n"
      ".set mote_left, %c[vectors]\n"
      ".irp vector, q2, q3, q4, q5, q6, q7\n"
      ".if mote_left > 0\n"
      ".if %c[unit] == 1\n"
      "vldrb.u8 q0, [%[from], \\vector]\n"
      ".else\n"
      "vldrh.u16 q0, [%[from], \\vector]\n"
      ".endif\n"
      "vstrb.8 q0, [%[to]], #16\n"
      ".endif\n"
      ".set mote_left, mote_left - 1\n"
      ".endr\n"
      "add %[from], %[step]\n"
      "le lr, 1b\n"
      : [from] "+r"(from), [taps] "+r"(taps), [to] "+r"(to)
      : [count] "r"(all.count), [step] "r"(all.step), [vectors] "i"(kVectors), [unit] "i"(kUnit)
      : "lr", "q0", "q2", "q3", "q4", "q5", "q6", "q7", "memory");
  // clang-format on
}

#else

template <int kVectors, int kUnit>
MOTE_INLINE void gather_taps(const GatheredWindows& all) {
  const int8_t* from = all.from;
  int8_t* to = all.to;
  for (int32_t left = all.count; left > 0; --left, from += all.step)
    for (int32_t i = 0; i < 16 / kUnit * kVectors; ++i, to += kUnit) {
      const int32_t in_word = 4 / kUnit, bits = 8 * kUnit;
      const uint32_t tap = all.taps[i / in_word] >> (i % in_word * bits) & ((1u << bits) - 1);
      memcpy(to, from + tap, kUnit);
    }
}

#endif

}  // namespace mote
