// SPDX-License-Identifier: Apache-2.0
// gather_nd: slices of x, each at the place that a tuple of indices names. In: x [batches,
// extents.., bytes], tuples [batches, tuples, depth]. Out: y [batches, tuples, bytes].
#pragma once
#include "ops/nn/gather/gather.h"
#include "ops/nn/strided_copy.h"

namespace mote {

struct GatherNdParams {
  int32_t batches;
  int32_t batch_bytes;  // of x
  int32_t tuples;
  int32_t depth;  // numbers in a tuple, at most 8
  int32_t bytes;  // of a slice
  bool from_last;
  int32_t extents[kMostLoops];
  int32_t strides[kMostLoops];  // bytes
};
template <class Visitor>
void for_each_field(const GatherNdParams& p, Visitor& field) {
  field("batches", p.batches);
  field("batch_bytes", p.batch_bytes);
  field("tuples", p.tuples);
  field("depth", p.depth);
  field("bytes", p.bytes);
  field("from_last", p.from_last);
  field("extents", p.extents);
  field("strides", p.strides);
}

// Where a tuple points, in bytes. `Params` has depth, extents, strides and from_last.
template <class Params>
MOTE_INLINE int32_t tuple_offset(const Params& p, const int32_t* tuple) {
  int32_t offset = 0;
  for (int32_t d = 0; d < p.depth; ++d)
    offset += limited_index(tuple[d], p.extents[d], p.from_last) * p.strides[d];
  return offset;
}

// y may not overlap an input. For indices within range: TFLM's GatherNd
// (tensorflow/lite/micro/kernels/gather_nd.cc).
MOTE_INLINE void gather_nd(const GatherNdParams& p, const uint8_t* x, const int32_t* indices,
                           uint8_t* y) {
  for (int32_t b = 0; b < p.batches; ++b, x += p.batch_bytes) {
    for (int32_t t = 0; t < p.tuples; ++t, indices += p.depth, y += p.bytes)
      memcpy(y, x + tuple_offset(p, indices), (size_t)p.bytes);
  }
}

}  // namespace mote
