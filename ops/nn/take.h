// SPDX-License-Identifier: Apache-2.0
// take: numbers from places that a table names for each dimension, unchanged. What mirrored and
// repeated padding and resizing to the nearest number become. In: x, the tables. Out: y, dense.
#pragma once
#include "ops/nn/strided_copy.h"

namespace mote {

// In units (elements): the next `run` of y are those of x at sum_d offsets[tables[d] + i_d], the
// last i_d running fastest. Loops that are not needed come first, with dims 1 and an offset of 0.
struct TakeParams {
  int32_t run;
  int32_t dims[kMostLoops];
  int32_t tables[kMostLoops];
};
template <class Visitor>
void for_each_field(const TakeParams& p, Visitor& field) {
  field("run", p.run);
  field("dims", p.dims);
  field("tables", p.tables);
}

// y may not overlap x. The sums are places in x: the host made the tables.
template <int32_t kUnit>
MOTE_INLINE void take_units(const TakeParams& p, const uint8_t* x, const int32_t* offsets,
                            uint8_t* y) {
  int32_t at[kMostLoops] = {};
  const int32_t* last = offsets + p.tables[kMostLoops - 1];
  for (;;) {
    int32_t base = 0;
    for (int32_t d = 0; d < kMostLoops - 1; ++d) base += offsets[p.tables[d] + at[d]];
    for (int32_t i = 0; i < p.dims[kMostLoops - 1]; ++i, y += p.run * kUnit)
      copy_run<kUnit>(y, x + (base + last[i]) * kUnit, p.run);
    int32_t d = kMostLoops - 2;
    for (; d >= 0 && ++at[d] == p.dims[d]; --d) at[d] = 0;
    if (d < 0) return;
  }
}

MOTE_INLINE void take_1(const TakeParams& p, const uint8_t* x, const int32_t* t, uint8_t* y) {
  take_units<1>(p, x, t, y);
}
MOTE_INLINE void take_2(const TakeParams& p, const uint8_t* x, const int32_t* t, uint8_t* y) {
  take_units<2>(p, x, t, y);
}
MOTE_INLINE void take_4(const TakeParams& p, const uint8_t* x, const int32_t* t, uint8_t* y) {
  take_units<4>(p, x, t, y);
}
MOTE_INLINE void take_8(const TakeParams& p, const uint8_t* x, const int32_t* t, uint8_t* y) {
  take_units<8>(p, x, t, y);
}

}  // namespace mote
