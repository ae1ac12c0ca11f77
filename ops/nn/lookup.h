// SPDX-License-Identifier: Apache-2.0
// A function of one int8 number as a table of its 256 values: what logistic and tanh become for
// int8.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

struct LookupParams {
  int32_t count;
};
template <class Visitor>
void for_each_field(const LookupParams& p, Visitor& field) {
  field("count", p.count);
}

// x, y [count], table [256]: the values for -128..127. y may be x.
MOTE_INLINE void lookup_s8(const LookupParams& p, const int8_t* x, const int8_t* table, int8_t* y) {
  for (int32_t i = 0; i < p.count; ++i) y[i] = table[x[i] + 128];
}

}  // namespace mote
