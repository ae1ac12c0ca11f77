// SPDX-License-Identifier: Apache-2.0
// filter_bank_sqrt: the rounded square root of each unsigned 64-bit sum, shifted down by the bits
// that auto_scale had shifted up. In: uint64 and one int32. Out: uint32. The rule
// is TFLM's SignalFilterBankSquareRoot (signal/src/square_root_64.cc): sums below 2^32 take the
// 16-bit root, which stops at 65535.
#pragma once
#include <stdint.h>

#include "core/fixed_math.h"
#include "core/target.h"

namespace mote {

struct FilterBankSqrtParams {
  int32_t count;
};
template <class Visitor>
void for_each_field(const FilterBankSqrtParams& p, Visitor& field) {
  field("count", p.count);
}

// sqrt(x) rounded to nearest, at most 65535 for x < 2^32 and at most 2^32 - 1. With s = floor(sqrt
// x), the next integer is nearer where x - s^2 > s.
MOTE_INLINE uint32_t rounded_sqrt_u64(uint64_t x) {
  const uint32_t root = sqrt_u64(x);
  const uint64_t rest = x - (uint64_t)root * root;
  const uint32_t largest = (x >> 32) == 0 ? 0xFFFFu : 0xFFFFFFFFu;
  return rest > root && root < largest ? root + 1 : root;
}

// x, y [count], bits [1], 0 .. 31.
MOTE_INLINE void filter_bank_sqrt_u64(const FilterBankSqrtParams& p, const uint64_t* x,
                                      const int32_t* bits, uint32_t* y) {
  const int32_t shift = *bits & 31;
  for (int32_t i = 0; i < p.count; ++i) y[i] = rounded_sqrt_u64(x[i]) >> shift;
}

}  // namespace mote
