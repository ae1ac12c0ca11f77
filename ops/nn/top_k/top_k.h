// SPDX-License-Identifier: Apache-2.0
// top_k: the k largest (or smallest) numbers of each row, best first; of equal ones the one with
// the lower index first. In: x [rows, length]. Out: values [rows, k], their indices [rows, k].
#pragma once
#include <stdint.h>

#include "core/target.h"

namespace mote {

struct TopKParams {
  int32_t rows;
  int32_t length;
  int32_t k;  // 1 .. length
  bool smallest;
};
template <class Visitor>
void for_each_field(const TopKParams& p, Visitor& field) {
  field("rows", p.rows);
  field("length", p.length);
  field("k", p.k);
  field("smallest", p.smallest);
}

// Insertion into the list of the best so far: length * k steps at most. The order of ties is that
// of LiteRT's TOPK_V2 (tensorflow/lite/kernels/topk_v2.cc). Outputs may not overlap x.
template <class T>
MOTE_INLINE void top_k_rows(const TopKParams& p, const T* x, T* values, int32_t* indices) {
  for (int32_t row = 0; row < p.rows; ++row, x += p.length, values += p.k, indices += p.k) {
    int32_t found = 0;
    for (int32_t i = 0; i < p.length; ++i) {
      int32_t at = found;
      while (at > 0 && (p.smallest ? x[i] < values[at - 1] : x[i] > values[at - 1])) --at;
      if (at == p.k) continue;
      if (found < p.k) ++found;
      for (int32_t j = found - 1; j > at; --j) {
        values[j] = values[j - 1];
        indices[j] = indices[j - 1];
      }
      values[at] = x[i];
      indices[at] = i;
    }
  }
}

MOTE_INLINE void top_k_f32(const TopKParams& p, const float* x, float* y, int32_t* indices) {
  top_k_rows(p, x, y, indices);
}
MOTE_INLINE void top_k_s8(const TopKParams& p, const int8_t* x, int8_t* y, int32_t* indices) {
  top_k_rows(p, x, y, indices);
}
MOTE_INLINE void top_k_s16(const TopKParams& p, const int16_t* x, int16_t* y, int32_t* indices) {
  top_k_rows(p, x, y, indices);
}
MOTE_INLINE void top_k_s32(const TopKParams& p, const int32_t* x, int32_t* y, int32_t* indices) {
  top_k_rows(p, x, y, indices);
}
MOTE_INLINE void top_k_s64(const TopKParams& p, const int64_t* x, int64_t* y, int32_t* indices) {
  top_k_rows(p, x, y, indices);
}

}  // namespace mote
