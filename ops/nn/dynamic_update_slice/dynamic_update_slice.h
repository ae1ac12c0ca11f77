// SPDX-License-Identifier: Apache-2.0
// dynamic_update_slice: y = x with a part replaced by the update, where computed indices say. In:
// x, update, start [rank]. Out: y.
#pragma once
#include "ops/nn/dynamic_slice/dynamic_slice.h"

namespace mote {

struct DynamicUpdateSliceParams {
  int32_t bytes;  // of x
  int32_t rank;
  int32_t limits[kMostLoops];         // of the start: extent - size
  int32_t start_strides[kMostLoops];  // bytes
  int32_t run;
  int32_t dims[kMostLoops];
  int32_t in_strides[kMostLoops];
  int32_t out_strides[kMostLoops];
};
template <class Visitor>
void for_each_field(const DynamicUpdateSliceParams& p, Visitor& field) {
  field("bytes", p.bytes);
  field("rank", p.rank);
  field("limits", p.limits);
  field("start_strides", p.start_strides);
  field("run", p.run);
  field("dims", p.dims);
  field("in_strides", p.in_strides);
  field("out_strides", p.out_strides);
}

// The start is limited such that the update fits: the rule of TFLM
// (tensorflow/lite/micro/kernels/dynamic_update_slice.cc). y may not overlap an input.
MOTE_INLINE void dynamic_update_slice(const DynamicUpdateSliceParams& p, const uint8_t* x,
                                      const uint8_t* update, const int32_t* start, uint8_t* y) {
  memcpy(y, x, (size_t)p.bytes);
  strided_copy_from<1>(p, 0, start_offset(p, start), update, y);
}

}  // namespace mote
