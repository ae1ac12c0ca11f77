// SPDX-License-Identifier: Apache-2.0
// scatter_elements: y = data, then y with its place along `axis` replaced by indices[i, j, ...]
// meets updates[i, j, ...], in the order of the indices. In: data, indices, updates. Out: y.
#pragma once
#include "ops/nn/elements.h"

namespace mote {

// The last update of a place stays. y may not overlap an input.
MOTE_INLINE void scatter_elements(const ElementsParams& p, const uint8_t* data,
                                  const int32_t* indices, const uint8_t* updates, uint8_t* y) {
  memcpy(y, data, (size_t)(p.total * p.bytes));
  for_each_element(p, indices, [&](int32_t n, int32_t place) {
    memcpy(y + place * p.bytes, updates + n * p.bytes, (size_t)p.bytes);
  });
}

struct ScatterElementsReduceParams {
  int32_t reduction;  // enum Reduction
  int32_t total;
  int32_t bytes;
  int32_t extent;
  int32_t axis_stride;
  bool from_last;
  int32_t dims[kMostLoops];
  int32_t strides[kMostLoops];
};
template <class Visitor>
void for_each_field(const ScatterElementsReduceParams& p, Visitor& field) {
  field("reduction", p.reduction);
  field("total", p.total);
  field("bytes", p.bytes);
  field("extent", p.extent);
  field("axis_stride", p.axis_stride);
  field("from_last", p.from_last);
  field("dims", p.dims);
  field("strides", p.strides);
}

MOTE_INLINE ElementsParams elements_of(const ScatterElementsReduceParams& p) {
  ElementsParams e{p.total, p.bytes, p.extent, p.axis_stride, p.from_last, {}, {}};
  for (int32_t d = 0; d < kMostLoops; ++d) {
    e.dims[d] = p.dims[d];
    e.strides[d] = p.strides[d];
  }
  return e;
}

template <class T>
MOTE_INLINE void scatter_elements_reduce(const ScatterElementsReduceParams& p, const T* data,
                                         const int32_t* indices, const T* updates, T* y) {
  memcpy(y, data, (size_t)p.total * sizeof(T));
  for_each_element(elements_of(p), indices, [&](int32_t n, int32_t place) {
    y[place] = reduced(p.reduction, y[place], updates[n]);
  });
}
MOTE_INLINE void scatter_elements_f32(const ScatterElementsReduceParams& p, const float* data,
                                      const int32_t* indices, const float* updates, float* y) {
  scatter_elements_reduce(p, data, indices, updates, y);
}
MOTE_INLINE void scatter_elements_s8(const ScatterElementsReduceParams& p, const int8_t* data,
                                     const int32_t* indices, const int8_t* updates, int8_t* y) {
  scatter_elements_reduce(p, data, indices, updates, y);
}
MOTE_INLINE void scatter_elements_s32(const ScatterElementsReduceParams& p, const int32_t* data,
                                      const int32_t* indices, const int32_t* updates, int32_t* y) {
  scatter_elements_reduce(p, data, indices, updates, y);
}
MOTE_INLINE void scatter_elements_s64(const ScatterElementsReduceParams& p, const int64_t* data,
                                      const int32_t* indices, const int64_t* updates, int64_t* y) {
  scatter_elements_reduce(p, data, indices, updates, y);
}

}  // namespace mote
