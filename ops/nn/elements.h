// SPDX-License-Identifier: Apache-2.0
// What gather_elements and scatter_elements walk over: one index for each element, which replaces
// the element's place along one dimension. And how scattered numbers meet: reductions.
#pragma once
#include "ops/nn/gather/gather.h"
#include "ops/nn/strided_copy.h"

namespace mote {

struct ElementsParams {
  int32_t total;   // elements of the larger tensor, which the indices point into
  int32_t bytes;   // of an element
  int32_t extent;  // of the dimension that is indexed
  int32_t axis_stride;
  bool from_last;
  int32_t dims[kMostLoops];     // of the indices; leading ones are 1
  int32_t strides[kMostLoops];  // of the larger tensor, in elements; 0 along the axis
};
template <class Visitor>
void for_each_field(const ElementsParams& p, Visitor& field) {
  field("total", p.total);
  field("bytes", p.bytes);
  field("extent", p.extent);
  field("axis_stride", p.axis_stride);
  field("from_last", p.from_last);
  field("dims", p.dims);
  field("strides", p.strides);
}

// visit(n, place): the n-th index points to element `place` of the larger tensor.
template <class Visit>
MOTE_INLINE void for_each_element(const ElementsParams& p, const int32_t* indices, Visit visit) {
  int32_t at[kMostLoops] = {};
  int32_t base = 0;
  for (int32_t n = 0;; ++n) {
    visit(n, base + limited_index(indices[n], p.extent, p.from_last) * p.axis_stride);
    int32_t d = kMostLoops - 1;
    for (; d >= 0; --d) {
      base += p.strides[d];
      if (++at[d] < p.dims[d]) break;
      base -= p.strides[d] * p.dims[d];
      at[d] = 0;
    }
    if (d < 0) return;
  }
}

// How a scattered number meets the one that is there.
enum Reduction : int32_t { kReductionAdd, kReductionMul, kReductionMax, kReductionMin };

// Integers wrap, as two's complement does.
MOTE_INLINE float wrapped_sum(float a, float b) { return a + b; }
MOTE_INLINE float wrapped_product(float a, float b) { return a * b; }
MOTE_INLINE int8_t wrapped_sum(int8_t a, int8_t b) { return (int8_t)(uint8_t)(a + b); }
MOTE_INLINE int8_t wrapped_product(int8_t a, int8_t b) { return (int8_t)(uint8_t)(a * b); }
MOTE_INLINE int32_t wrapped_sum(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a + (uint32_t)b);
}
MOTE_INLINE int32_t wrapped_product(int32_t a, int32_t b) {
  return (int32_t)((uint32_t)a * (uint32_t)b);
}
MOTE_INLINE int64_t wrapped_sum(int64_t a, int64_t b) {
  return (int64_t)((uint64_t)a + (uint64_t)b);
}
MOTE_INLINE int64_t wrapped_product(int64_t a, int64_t b) {
  return (int64_t)((uint64_t)a * (uint64_t)b);
}

template <class T>
MOTE_INLINE T reduced(int32_t reduction, T a, T b) {
  if (reduction == kReductionAdd) return wrapped_sum(a, b);
  if (reduction == kReductionMul) return wrapped_product(a, b);
  if (reduction == kReductionMax) return b > a ? b : a;
  return b < a ? b : a;
}

}  // namespace mote
