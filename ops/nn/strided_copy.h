// SPDX-License-Identifier: Apache-2.0
// strided_copy: numbers from one lattice of addresses to another, unchanged. The one loop nest of
// transpose, slice, reverse, broadcast_to, tile and pad: they differ in their strides only. In: x.
// Out: y. The host (movement.h) joins dimensions that lie side by side and makes the innermost run.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/target.h"

namespace mote {

constexpr int32_t kMostLoops = 8;

// All in units (elements): y[out_offset + sum i_d out_strides[d] + r] = x[in_offset + sum i_d
// in_strides[d] + r], 0 <= i_d < dims[d], 0 <= r < run. Loops that are not needed come first and
// have dims 1. Strides may be negative or 0.
struct StridedCopyParams {
  int32_t in_offset;
  int32_t out_offset;
  int32_t run;
  int32_t dims[kMostLoops];
  int32_t in_strides[kMostLoops];
  int32_t out_strides[kMostLoops];
};
template <class Visitor>
void for_each_field(const StridedCopyParams& p, Visitor& field) {
  field("in_offset", p.in_offset);
  field("out_offset", p.out_offset);
  field("run", p.run);
  field("dims", p.dims);
  field("in_strides", p.in_strides);
  field("out_strides", p.out_strides);
}

// One element of kUnit bytes; tensors are aligned to their elements.
template <int32_t kUnit>
MOTE_INLINE void copy_element(uint8_t* y, const uint8_t* x) {
  memcpy(__builtin_assume_aligned(y, kUnit), __builtin_assume_aligned(x, kUnit), (size_t)kUnit);
}

template <int32_t kUnit>
MOTE_INLINE void copy_run(uint8_t* y, const uint8_t* x, int32_t run) {
  if (run == 1)
    copy_element<kUnit>(y, x);
  else
    memcpy(y, x, (size_t)(run * kUnit));
}

// `Loops` has the fields of StridedCopyParams; `in` and `out` are where its lattices begin. y may
// not overlap x. Offsets stay within int32: the host holds tensors to 2^31 bytes.
template <int32_t kUnit, class Loops>
MOTE_INLINE void strided_copy_from(const Loops& p, int32_t in, int32_t out, const uint8_t* x,
                                   uint8_t* y) {
  int32_t at[kMostLoops] = {};
  for (;;) {
    int32_t from = in, to = out;
    for (int32_t i = 0; i < p.dims[kMostLoops - 1]; ++i) {
      copy_run<kUnit>(y + to * kUnit, x + from * kUnit, p.run);
      from += p.in_strides[kMostLoops - 1];
      to += p.out_strides[kMostLoops - 1];
    }
    int32_t d = kMostLoops - 2;
    for (; d >= 0; --d) {
      in += p.in_strides[d];
      out += p.out_strides[d];
      if (++at[d] < p.dims[d]) break;
      in -= p.in_strides[d] * p.dims[d];
      out -= p.out_strides[d] * p.dims[d];
      at[d] = 0;
    }
    if (d < 0) return;
  }
}

// Elements of 1, 2, 4 and 8 bytes.
MOTE_INLINE void strided_copy_1(const StridedCopyParams& p, const uint8_t* x, uint8_t* y) {
  strided_copy_from<1>(p, p.in_offset, p.out_offset, x, y);
}
MOTE_INLINE void strided_copy_2(const StridedCopyParams& p, const uint8_t* x, uint8_t* y) {
  strided_copy_from<2>(p, p.in_offset, p.out_offset, x, y);
}
MOTE_INLINE void strided_copy_4(const StridedCopyParams& p, const uint8_t* x, uint8_t* y) {
  strided_copy_from<4>(p, p.in_offset, p.out_offset, x, y);
}
MOTE_INLINE void strided_copy_8(const StridedCopyParams& p, const uint8_t* x, uint8_t* y) {
  strided_copy_from<8>(p, p.in_offset, p.out_offset, x, y);
}

}  // namespace mote
