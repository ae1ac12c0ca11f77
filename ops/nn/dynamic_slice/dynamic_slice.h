// SPDX-License-Identifier: Apache-2.0
// dynamic_slice: a part of x of fixed size that begins where computed indices say. In: x, start
// [rank]. Out: y, dense.
#pragma once
#include "core/fixed_point.h"
#include "ops/nn/strided_copy.h"

namespace mote {

// The lattices of strided_copy in bytes, and how the start moves one of them.
struct DynamicSliceParams {
  int32_t rank;
  int32_t limits[kMostLoops];         // of the start: extent - size
  int32_t start_strides[kMostLoops];  // bytes
  int32_t run;
  int32_t dims[kMostLoops];
  int32_t in_strides[kMostLoops];
  int32_t out_strides[kMostLoops];
};
template <class Visitor>
void for_each_field(const DynamicSliceParams& p, Visitor& field) {
  field("rank", p.rank);
  field("limits", p.limits);
  field("start_strides", p.start_strides);
  field("run", p.run);
  field("dims", p.dims);
  field("in_strides", p.in_strides);
  field("out_strides", p.out_strides);
}

// The byte where the part begins; a start outside is limited such that the part fits.
template <class Params>
MOTE_INLINE int32_t start_offset(const Params& p, const int32_t* start) {
  int32_t offset = 0;
  for (int32_t d = 0; d < p.rank; ++d)
    offset += clamp<int32_t>(start[d], 0, p.limits[d]) * p.start_strides[d];
  return offset;
}

// y may not overlap an input.
MOTE_INLINE void dynamic_slice(const DynamicSliceParams& p, const uint8_t* x, const int32_t* start,
                               uint8_t* y) {
  strided_copy_from<1>(p, start_offset(p, start), 0, x, y);
}

}  // namespace mote
