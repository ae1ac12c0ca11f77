// SPDX-License-Identifier: Apache-2.0
// where: y = condition ? a : b, broadcast. In: bytes that are 0 for false, two tensors of any one
// element type, moved as they are. Out: their type.
#pragma once
#include "ops/nn/broadcast.h"

namespace mote {

struct WhereParams {
  int32_t sizes[kBroadcastRank];
  int32_t condition_strides[kBroadcastRank];
  int32_t a_strides[kBroadcastRank];
  int32_t b_strides[kBroadcastRank];
};
template <class Visitor>
void for_each_field(const WhereParams& p, Visitor& field) {
  field("sizes", p.sizes);
  field("condition_strides", p.condition_strides);
  field("a_strides", p.a_strides);
  field("b_strides", p.b_strides);
}

MOTE_INLINE int32_t broadcast_offset(const int32_t* index, const int32_t* strides) {
  int32_t offset = 0;
  for (int32_t d = 0; d < kBroadcastRank - 1; ++d) offset += index[d] * strides[d];
  return offset;
}

// y does not overlap the operands.
template <class T>
MOTE_INLINE void where_each(const WhereParams& p, const uint8_t* condition, const T* a, const T* b,
                            T* y) {
  constexpr int32_t kLast = kBroadcastRank - 1;
  int32_t index[kLast] = {};
  for (bool more = true; more;) {
    const uint8_t* const from = condition + broadcast_offset(index, p.condition_strides);
    const T* const from_a = a + broadcast_offset(index, p.a_strides);
    const T* const from_b = b + broadcast_offset(index, p.b_strides);
    for (int32_t i = 0; i < p.sizes[kLast]; ++i)
      *y++ = from[i * p.condition_strides[kLast]] != 0 ? from_a[i * p.a_strides[kLast]]
                                                       : from_b[i * p.b_strides[kLast]];
    more = false;
    for (int32_t d = kLast - 1; d >= 0 && !more; --d) {
      more = ++index[d] < p.sizes[d];
      if (!more) index[d] = 0;
    }
  }
}

}  // namespace mote
