// SPDX-License-Identifier: Apache-2.0
// cmvn: cepstral mean and variance normalisation over a sliding neighbourhood of frames inside one
// window. In: [frames, coefficients] Q16 int32 or float32. Out: the same shape.
//   out[t][c] = (in[t][c] - mean) / (deviation + 2^-16), over frames max(0, t - reach) ..
//   min(frames - 1, t + reach)
// With a gate, quiet frames (in[t][0] < max over the window of in[.][0] - gate; coefficient 0 of
// cepstra is the mean log energy) are not counted, and come out as 0: how long the silence around a
// word is then changes nothing.
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
  int32_t gate;   // Q16, at most 2^26; 0: every frame counts
};
template <class Visitor>
void for_each_field(const CmvnParams& p, Visitor& field) {
  field("frames", p.frames);
  field("coefficients", p.coefficients);
  field("reach", p.reach);
  field("gate", p.gate);
}

struct CmvnF32Params {
  int32_t frames, coefficients, reach;
  float gate;
};
template <class Visitor>
void for_each_field(const CmvnF32Params& p, Visitor& field) {
  field("frames", p.frames);
  field("coefficients", p.coefficients);
  field("reach", p.reach);
  field("gate", p.gate);
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

// The least coefficient 0 of a frame that counts; bounded inputs lie above -2^25, so that without a
// gate all do.
inline int32_t cmvn_threshold(const CmvnParams& p, const int32_t* in) {
  int32_t loudest = -(1 << 25);
  for (int32_t t = 0; t < p.frames; ++t) {
    const int32_t x = cmvn_bounded(in[t * p.coefficients]);
    if (x > loudest) loudest = x;
  }
  return p.gate > 0 ? loudest - p.gate : -(1 << 25);
}

inline bool cmvn_counts(const CmvnParams& p, const int32_t* in, int32_t t, int32_t threshold) {
  return cmvn_bounded(in[t * p.coefficients]) >= threshold;
}

// Coefficient c of all frames.
inline void cmvn_column(const CmvnParams& p, const int32_t* in, int32_t c, int32_t* out) {
  const int32_t threshold = cmvn_threshold(p, in);
  CmvnSums sums = {0, 0};
  int32_t end = 0, begin = 0, n = 0;
  for (int32_t t = 0; t < p.frames; ++t) {
    for (; end < p.frames && end <= t + p.reach; ++end) {
      if (!cmvn_counts(p, in, end, threshold)) continue;
      cmvn_add(&sums, cmvn_bounded(in[end * p.coefficients + c]));
      ++n;
    }
    for (; begin < t - p.reach; ++begin) {
      if (!cmvn_counts(p, in, begin, threshold)) continue;
      cmvn_remove(&sums, cmvn_bounded(in[begin * p.coefficients + c]));
      --n;
    }
    const int32_t x = cmvn_bounded(in[t * p.coefficients + c]);
    out[t * p.coefficients + c] =
        cmvn_counts(p, in, t, threshold) ? cmvn_normalised(x, sums, n) : 0;
  }
}

// out must not overlap in.
MOTE_INLINE void cmvn_s32(const CmvnParams& p, const int32_t* in, int32_t* out) {
  for (int32_t c = 0; c < p.coefficients; ++c) cmvn_column(p, in, c, out);
}

inline bool cmvn_counts(const CmvnF32Params& p, const float* in, int32_t t, float loudest) {
  return p.gate <= 0 || in[t * p.coefficients] >= loudest - p.gate;
}

// Frames [begin, end) of the neighbourhood of t, and the loudest frame of the window.
struct CmvnNeighbours {
  int32_t t, begin, end;
  float loudest;
};

// Coefficient c of frame t, which counts; summed from the oldest frame: mean first, then squares
// about it.
inline float cmvn_normalised(const CmvnF32Params& p, const float* in, int32_t c,
                             const CmvnNeighbours& near) {
  float n = 0, sum = 0, squares = 0;
  for (int32_t i = near.begin; i < near.end; ++i) {
    if (!cmvn_counts(p, in, i, near.loudest)) continue;
    n += 1;
    sum += in[i * p.coefficients + c];
  }
  const float mean = sum / n;
  for (int32_t i = near.begin; i < near.end; ++i) {
    if (!cmvn_counts(p, in, i, near.loudest)) continue;
    const float d = in[i * p.coefficients + c] - mean;
    squares += d * d;
  }
  return (in[near.t * p.coefficients + c] - mean) / (sqrt_f32(squares / n) + 1.52587890625e-5f);
}

MOTE_INLINE void cmvn_f32(const CmvnF32Params& p, const float* in, float* out) {
  float loudest = in[0];
  for (int32_t t = 1; t < p.frames; ++t)
    if (in[t * p.coefficients] > loudest) loudest = in[t * p.coefficients];
  for (int32_t t = 0; t < p.frames; ++t) {
    const CmvnNeighbours near = {t, t > p.reach ? t - p.reach : 0,
                                 t + p.reach + 1 < p.frames ? t + p.reach + 1 : p.frames, loudest};
    const bool counts = cmvn_counts(p, in, t, loudest);
    for (int32_t c = 0; c < p.coefficients; ++c)
      out[t * p.coefficients + c] = counts ? cmvn_normalised(p, in, c, near) : 0;
  }
}

}  // namespace mote
