// SPDX-License-Identifier: Apache-2.0
// cmvn: cepstral mean and variance normalisation over a sliding neighbourhood of frames inside one
// window. In: [frames, coefficients] Q16 int32 or float32. Out: the same shape.
//   out[t][c] = (in[t][c] - mean) / (deviation + 2^-16), over frames max(0, t - reach) ..
//   min(frames - 1, t + reach)
// Source: speechpy's cmvnw, but the neighbourhood is cut at the window's ends instead of mirrored
// there.
#pragma once
#include "core/fixed_math.h"
#include "core/fixed_point.h"
#include "core/float_math.h"

namespace mote {

struct CmvnParams {
  int32_t frames;  // 1 .. 4096
  int32_t coefficients;
  int32_t reach;  // frames on either side
};
template <class Visitor>
void for_each_field(const CmvnParams& p, Visitor& field) {
  field("frames", p.frames);
  field("coefficients", p.coefficients);
  field("reach", p.reach);
}

// Inputs are limited to |x| < 2^25 (512 in Q16: log energies and their cepstra stay below), so that
// squares of up to 4096 frames sum below 2^62.
inline int32_t cmvn_bounded(int32_t x) { return clamp_s32(x, 1 - (1 << 25), (1 << 25) - 1); }

// Sums over the neighbourhood; exact, so frames may enter and leave in any order.
struct CmvnSums {
  int64_t sum;
  uint64_t squares;
};
inline void cmvn_add(CmvnSums* s, int32_t x) {
  s->sum += x;
  s->squares += static_cast<uint64_t>(static_cast<int64_t>(x) * x);
}
inline void cmvn_remove(CmvnSums* s, int32_t x) {
  s->sum -= x;
  s->squares -= static_cast<uint64_t>(static_cast<int64_t>(x) * x);
}

// With sum = n mean + rest, |rest| <= n / 2: the centred squares are squares - n mean^2 - 2 mean
// rest.
inline int32_t cmvn_normalised(int32_t x, const CmvnSums& s, int32_t n) {
  const int64_t mean = div_rounding_s64_s32(s.sum, n);
  const int64_t rest = s.sum - mean * n;
  const int64_t centred = static_cast<int64_t>(s.squares) - mean * mean * n - 2 * mean * rest;
  const uint64_t variance = div_u64_u32(static_cast<uint64_t>(centred), static_cast<uint32_t>(n));
  const int32_t deviation = static_cast<int32_t>(sqrt_u64(variance)) + 1;
  return saturate_s32(div_rounding_s64_s32((x - mean) * 65536, deviation));
}

// out must not overlap in.
MOTE_INLINE void cmvn_s32(const CmvnParams& p, const int32_t* in, int32_t* out) {
  for (int32_t c = 0; c < p.coefficients; ++c) {
    CmvnSums sums = {0, 0};
    int32_t end = 0, begin = 0;
    for (int32_t t = 0; t < p.frames; ++t) {
      for (; end < p.frames && end <= t + p.reach; ++end)
        cmvn_add(&sums, cmvn_bounded(in[end * p.coefficients + c]));
      for (; begin < t - p.reach; ++begin)
        cmvn_remove(&sums, cmvn_bounded(in[begin * p.coefficients + c]));
      const int32_t x = cmvn_bounded(in[t * p.coefficients + c]);
      out[t * p.coefficients + c] = cmvn_normalised(x, sums, end - begin);
    }
  }
}

// One column of the neighbourhood [begin, end), summed from its oldest frame: mean first, then
// squares about it.
inline float cmvn_normalised(const float* column, int32_t stride, int32_t t, int32_t begin,
                             int32_t end) {
  const float n = static_cast<float>(end - begin);
  float sum = 0, squares = 0;
  for (int32_t i = begin; i < end; ++i) sum += column[i * stride];
  const float mean = sum / n;
  for (int32_t i = begin; i < end; ++i) {
    const float d = column[i * stride] - mean;
    squares += d * d;
  }
  return (column[t * stride] - mean) / (sqrt_f32(squares / n) + 1.52587890625e-5f);
}

MOTE_INLINE void cmvn_f32(const CmvnParams& p, const float* in, float* out) {
  for (int32_t c = 0; c < p.coefficients; ++c) {
    for (int32_t t = 0; t < p.frames; ++t) {
      const int32_t begin = t > p.reach ? t - p.reach : 0;
      const int32_t end = t + p.reach + 1 < p.frames ? t + p.reach + 1 : p.frames;
      out[t * p.coefficients + c] = cmvn_normalised(in + c, p.coefficients, t, begin, end);
    }
  }
}

}  // namespace mote
