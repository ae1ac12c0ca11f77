// SPDX-License-Identifier: Apache-2.0
// dct: the first `count` coefficients of an orthonormal DCT-II, cepstra from log energies.
// In: [size] Q16 int32 or float32. Out: [count] of the same.
//   out[k] = sum_i matrix[k][i] in[i], matrix[k][i] = sqrt((k ? 2 : 1) / size) cos(pi k (2 i + 1) /
//   (2 size))
// Source: HTK book 5.6 (MFCC), scipy.fft.dct(type=2, norm="ortho").
#pragma once
#include "core/fixed_math.h"
#include "core/fixed_point.h"

namespace mote {

struct DctParams {
  int32_t size;
  int32_t count;
};
template <class Visitor>
void for_each_field(const DctParams& p, Visitor& field) {
  field("size", p.size);
  field("count", p.count);
}

// matrix in Q15, |entry| <= 1: |sum| <= 2^31 2^15 size < 2^63 for size < 2^17. Rounded half up,
// saturating. No aliasing.
MOTE_INLINE void dct_s32(const DctParams& p, const int32_t* in, const int16_t* matrix,
                         int32_t* out) {
  for (int32_t k = 0; k < p.count; ++k) {
    int64_t sum = 1 << 14;
    for (int32_t i = 0; i < p.size; ++i) sum += static_cast<int64_t>(in[i]) * *matrix++;
    out[k] = saturate_s32(sum >> 15);
  }
}

// Summed from i = 0 upwards.
MOTE_INLINE void dct_f32(const DctParams& p, const float* in, const float* matrix, float* out) {
  for (int32_t k = 0; k < p.count; ++k) {
    float sum = 0;
    for (int32_t i = 0; i < p.size; ++i) sum += in[i] * *matrix++;
    out[k] = sum;
  }
}

}  // namespace mote
