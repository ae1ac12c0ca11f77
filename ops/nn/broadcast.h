// SPDX-License-Identifier: Apache-2.0
// Two tensors element by element, numpy's broadcasting. In: sizes of the output, outermost first,
// and how far each operand moves a step along each of them (0: it repeats). Neighbouring dimensions
// that both operands walk alike are one (broadcast_layer.h), so equal shapes are one loop and a
// bias of the last dimensions is two. Out: y in row-major order.
#pragma once
#include <stdint.h>

#include "core/fixed_point.h"

namespace mote {

constexpr int32_t kBroadcastRank = 6;

struct PairParams {
  int32_t sizes[kBroadcastRank];
  int32_t a_strides[kBroadcastRank];
  int32_t b_strides[kBroadcastRank];
};
template <class Params, class Visitor>
void for_each_walk_field(const Params& p, Visitor& field) {
  field("sizes", p.sizes);
  field("a_strides", p.a_strides);
  field("b_strides", p.b_strides);
}
template <class Visitor>
void for_each_field(const PairParams& p, Visitor& field) {
  for_each_walk_field(p, field);
}

// y[i] = each(a[..], b[..]) for every element of the output, in its order. Sizes of 1 cost nothing
// where the parameters are constants. y may be an operand that is not repeated: its element i is
// read before y[i] is written.
template <class Params, class A, class B, class Y, class Each>
MOTE_INLINE void for_each_pair(const Params& p, const A* a, const B* b, Y* y, Each each) {
  const int32_t* const s = p.sizes;
  const int32_t* const sa = p.a_strides;
  const int32_t* const sb = p.b_strides;
  for (int32_t i0 = 0; i0 < s[0]; ++i0)
    for (int32_t i1 = 0; i1 < s[1]; ++i1)
      for (int32_t i2 = 0; i2 < s[2]; ++i2)
        for (int32_t i3 = 0; i3 < s[3]; ++i3)
          for (int32_t i4 = 0; i4 < s[4]; ++i4) {
            const int32_t at_a = i0 * sa[0] + i1 * sa[1] + i2 * sa[2] + i3 * sa[3] + i4 * sa[4];
            const int32_t at_b = i0 * sb[0] + i1 * sb[1] + i2 * sb[2] + i3 * sb[3] + i4 * sb[4];
            for (int32_t i5 = 0; i5 < s[5]; ++i5)
              *y++ = each(a[at_a + i5 * sa[5]], b[at_b + i5 * sb[5]]);
          }
}

// With the clamp of a fused activation; -FLT_MAX / FLT_MAX for none.
struct PairF32Params {
  int32_t sizes[kBroadcastRank];
  int32_t a_strides[kBroadcastRank];
  int32_t b_strides[kBroadcastRank];
  float output_min;
  float output_max;
};
template <class Visitor>
void for_each_field(const PairF32Params& p, Visitor& field) {
  for_each_walk_field(p, field);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

// The same for int32 without a scale.
struct PairS32Params {
  int32_t sizes[kBroadcastRank];
  int32_t a_strides[kBroadcastRank];
  int32_t b_strides[kBroadcastRank];
  int32_t output_min;
  int32_t output_max;
};
template <class Visitor>
void for_each_field(const PairS32Params& p, Visitor& field) {
  for_each_walk_field(p, field);
  field("output_min", p.output_min);
  field("output_max", p.output_max);
}

}  // namespace mote
