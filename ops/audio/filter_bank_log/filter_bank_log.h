// SPDX-License-Identifier: Apache-2.0
// filter_bank_log: scale * ln(x << correction_bits), at most 32767; 0 where the shifted number is
// below 2. In: uint32. Out: int16. The rule is TFLM's SignalFilterBankLog
// (signal/src/filter_bank_log.cc, log.cc): log2 by 128 chords with a table of their defects.
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"
#include "core/target.h"

namespace mote {

struct FilterBankLogParams {
  int32_t count;
  uint32_t output_scale;
  int32_t correction_bits;  // 0 .. 31
};
template <class Visitor>
void for_each_field(const FilterBankLogParams& p, Visitor& field) {
  field("count", p.count);
  field("output_scale", p.output_scale);
  field("correction_bits", p.correction_bits);
}

// (The slope within a chord is divided by 2^16 though it has 9 bits: so does TFLM.)
// log2(x) in Q16, x >= 1; defects [129] = 2^16 (log2(1 + i/128) - i/128), at most 5641. A
// difference of two times 9 bits stays below 2^18.
MOTE_INLINE uint32_t log2_by_chords(uint32_t x, const int16_t* defects) {
  const int32_t whole = 31 - leading_zeros_u32(x);
  const uint32_t rest = x - ((uint32_t)1 << whole);
  const auto fraction = (int32_t)(whole < 16 ? rest << (16 - whole) : rest >> (whole - 16));
  const int32_t segment = fraction >> 9;
  const int32_t slope = defects[segment + 1] - defects[segment];
  const int32_t inside = (slope * (fraction - (segment << 9))) >> 16;
  return ((uint32_t)whole << 16) + (uint32_t)(fraction + defects[segment] + inside);
}

// x, y [count]. 45426 is ln 2 in Q16; log2 < 2^21. The product with the scale wraps at 2^32.
MOTE_INLINE void filter_bank_log_u32(const FilterBankLogParams& p, const uint32_t* x,
                                     const int16_t* defects, int16_t* y) {
  for (int32_t i = 0; i < p.count; ++i) {
    const uint32_t shifted = x[i] << p.correction_bits;
    uint32_t scaled = 0;
    if (shifted > 1) {
      const auto natural =
          (uint32_t)(((uint64_t)45426 * log2_by_chords(shifted, defects) + 32768) >> 16);
      scaled = (p.output_scale * natural + 32768) >> 16;
    }
    y[i] = (int16_t)(scaled < 32767 ? scaled : 32767);
  }
}

}  // namespace mote
