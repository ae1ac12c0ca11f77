// SPDX-License-Identifier: Apache-2.0
// Which numbers a reduction brings together: up to three dimensions that stay and three that go,
// each with the distance of its neighbours in x. Dimensions of size 1 and neighbours of one kind
// are merged by the host (reduce_axes.h), so three of each serve every input of six dimensions.
// Shapes: x as the strides say, y [kept[0], kept[1], kept[2]]; y may not overlap x.
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

struct ReduceParams {
  int32_t kept[3];
  int32_t kept_stride[3];
  int32_t reduced[3];
  int32_t reduced_stride[3];
};
// The parameters of every reduction begin with these fields.
template <class P, class Visitor>
void reduce_fields(const P& p, Visitor& field) {
  field("kept", p.kept);
  field("kept_stride", p.kept_stride);
  field("reduced", p.reduced);
  field("reduced_stride", p.reduced_stride);
}
template <class Visitor>
void for_each_field(const ReduceParams& p, Visitor& field) {
  reduce_fields(p, field);
}

// use(x) for every number that belongs to one output, in the order in which they lie in x.
template <class P, class T, class Use>
MOTE_INLINE void for_each_reduced(const P& p, const T* x, Use use) {
  for (int32_t a = 0; a < p.reduced[0]; ++a)
    for (int32_t b = 0; b < p.reduced[1]; ++b) {
      const T* row = x + a * p.reduced_stride[0] + b * p.reduced_stride[1];
      for (int32_t c = 0; c < p.reduced[2]; ++c) use(row[c * p.reduced_stride[2]]);
    }
}

// y = one(first number of that output), for every output in order.
template <class P, class T, class Y, class One>
MOTE_INLINE void for_each_kept(const P& p, const T* x, Y* y, One one) {
  for (int32_t a = 0; a < p.kept[0]; ++a)
    for (int32_t b = 0; b < p.kept[1]; ++b)
      for (int32_t c = 0; c < p.kept[2]; ++c)
        *y++ = one(x + a * p.kept_stride[0] + b * p.kept_stride[1] + c * p.kept_stride[2]);
}

}  // namespace mote
