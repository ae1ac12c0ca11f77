// SPDX-License-Identifier: Apache-2.0
// scatter_nd: y = data, then the slice at each tuple's place meets its update, in the order of the
// tuples. In: data, tuples [tuples, depth], updates [tuples, run]. Out: y.
#pragma once
#include "ops/nn/elements.h"
#include "ops/nn/gather_nd/gather_nd.h"

namespace mote {

struct ScatterNdParams {
  int32_t reduction;  // enum Reduction; not looked at by scatter_nd
  int32_t total;      // elements of data
  int32_t tuples;
  int32_t depth;
  int32_t run;    // elements of a slice
  int32_t bytes;  // of an element
  bool from_last;
  int32_t extents[kMostLoops];
  int32_t strides[kMostLoops];  // elements
};
template <class Visitor>
void for_each_field(const ScatterNdParams& p, Visitor& field) {
  field("reduction", p.reduction);
  field("total", p.total);
  field("tuples", p.tuples);
  field("depth", p.depth);
  field("run", p.run);
  field("bytes", p.bytes);
  field("from_last", p.from_last);
  field("extents", p.extents);
  field("strides", p.strides);
}

// The last update of a place stays. y may not overlap an input.
MOTE_INLINE void scatter_nd(const ScatterNdParams& p, const uint8_t* data, const int32_t* indices,
                            const uint8_t* updates, uint8_t* y) {
  memcpy(y, data, (size_t)(p.total * p.bytes));
  const int32_t slice = p.run * p.bytes;
  for (int32_t t = 0; t < p.tuples; ++t, indices += p.depth, updates += slice)
    memcpy(y + tuple_offset(p, indices) * p.bytes, updates, (size_t)slice);
}

template <class T>
MOTE_INLINE void scatter_nd_reduce(const ScatterNdParams& p, const T* data, const int32_t* indices,
                                   const T* updates, T* y) {
  memcpy(y, data, (size_t)p.total * sizeof(T));
  for (int32_t t = 0; t < p.tuples; ++t, indices += p.depth) {
    T* to = y + tuple_offset(p, indices);
    for (int32_t i = 0; i < p.run; ++i, ++to) *to = reduced(p.reduction, *to, *updates++);
  }
}
MOTE_INLINE void scatter_nd_f32(const ScatterNdParams& p, const float* data, const int32_t* indices,
                                const float* updates, float* y) {
  scatter_nd_reduce(p, data, indices, updates, y);
}
MOTE_INLINE void scatter_nd_s8(const ScatterNdParams& p, const int8_t* data, const int32_t* indices,
                               const int8_t* updates, int8_t* y) {
  scatter_nd_reduce(p, data, indices, updates, y);
}
MOTE_INLINE void scatter_nd_s32(const ScatterNdParams& p, const int32_t* data,
                                const int32_t* indices, const int32_t* updates, int32_t* y) {
  scatter_nd_reduce(p, data, indices, updates, y);
}
MOTE_INLINE void scatter_nd_s64(const ScatterNdParams& p, const int64_t* data,
                                const int32_t* indices, const int64_t* updates, int64_t* y) {
  scatter_nd_reduce(p, data, indices, updates, y);
}

}  // namespace mote
