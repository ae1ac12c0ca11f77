// SPDX-License-Identifier: Apache-2.0
// pad: one number everywhere, and the input inside. In: x, dense. Out: y, dense. The other modes
// (reflect, symmetric, edge, wrap) are a take (ops/nn/take.h).
#pragma once
#include "ops/nn/strided_copy.h"

namespace mote {

// The lattices of strided_copy, and what lies around them.
struct PadParams {
  int32_t count;  // elements of y
  int64_t value;  // the low bytes are the element that pads
  int32_t in_offset;
  int32_t out_offset;
  int32_t run;
  int32_t dims[kMostLoops];
  int32_t in_strides[kMostLoops];
  int32_t out_strides[kMostLoops];
};
template <class Visitor>
void for_each_field(const PadParams& p, Visitor& field) {
  field("count", p.count);
  field("value", p.value);
  field("in_offset", p.in_offset);
  field("out_offset", p.out_offset);
  field("run", p.run);
  field("dims", p.dims);
  field("in_strides", p.in_strides);
  field("out_strides", p.out_strides);
}

// y may not overlap x.
template <int32_t kUnit>
MOTE_INLINE void pad_units(const PadParams& p, const uint8_t* x, uint8_t* y) {
  for (int32_t i = 0; i < p.count; ++i)
    memcpy(__builtin_assume_aligned(y + i * kUnit, kUnit), &p.value, (size_t)kUnit);
  strided_copy_from<kUnit>(p, p.in_offset, p.out_offset, x, y);
}

MOTE_INLINE void pad_1(const PadParams& p, const uint8_t* x, uint8_t* y) { pad_units<1>(p, x, y); }
MOTE_INLINE void pad_2(const PadParams& p, const uint8_t* x, uint8_t* y) { pad_units<2>(p, x, y); }
MOTE_INLINE void pad_4(const PadParams& p, const uint8_t* x, uint8_t* y) { pad_units<4>(p, x, y); }
MOTE_INLINE void pad_8(const PadParams& p, const uint8_t* x, uint8_t* y) { pad_units<8>(p, x, y); }

}  // namespace mote
