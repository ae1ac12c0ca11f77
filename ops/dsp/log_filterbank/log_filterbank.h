// SPDX-License-Identifier: Apache-2.0
// log_filterbank: a frame of sound to the logarithm of its energy in overlapping frequency bands
// (mel bands, or single bins for a spectrogram). In: frame [frame_length] int16 counts or float32.
// Out: [filters] Q16 int32 or float32.
//
//   v[i] = x[i] - c x[i-1] (x[-1] = x[0]), times window[i]; X = DFT of v and zeros, fft_length
//   points E[f] = sum over bins k of weight[f][k] |X[k]|^2 / fft_length out[f] = log2(E[f]) gain +
//   offset, limited to [minimum, maximum]
// Source: the usual MFE/MFCC front end (HTK book, 5.4-5.6); gain and offset make it ln or a share
// of a decibel range.
#pragma once
#include "core/block_floating.h"
#include "core/fft.h"
#include "core/fixed_point.h"
#include "core/float_math.h"

namespace mote {

struct LogFilterbankParams {
  int32_t frame_length;  // at most fft_length
  int32_t fft_length;    // power of two, 4 .. 8192
  int32_t fft_bits;      // log2(fft_length)
  int32_t filters;
  int32_t pre_emphasis;  // c in Q14, 0 .. 16384
  int32_t gain;          // Q16, per octave of energy
  int32_t offset;        // Q16
  int32_t minimum;       // Q16
  int32_t maximum;       // Q16
};
template <class Visitor>
void for_each_field(const LogFilterbankParams& p, Visitor& field) {
  field("frame_length", p.frame_length);
  field("fft_length", p.fft_length);
  field("fft_bits", p.fft_bits);
  field("filters", p.filters);
  field("pre_emphasis", p.pre_emphasis);
  field("gain", p.gain);
  field("offset", p.offset);
  field("minimum", p.minimum);
  field("maximum", p.maximum);
}

struct LogFilterbankF32Params {
  int32_t frame_length, fft_length, filters;
  float pre_emphasis, gain, offset, minimum, maximum;
};
template <class Visitor>
void for_each_field(const LogFilterbankF32Params& p, Visitor& field) {
  field("frame_length", p.frame_length);
  field("fft_length", p.fft_length);
  field("filters", p.filters);
  field("pre_emphasis", p.pre_emphasis);
  field("gain", p.gain);
  field("offset", p.offset);
  field("minimum", p.minimum);
  field("maximum", p.maximum);
}

// Pre-emphasis in Q14: |v| <= 2^15 (2^14 + 2^14) = 2^30; the window (Q15) halves it: |frame| <=
// 2^29 with 13 bits of fraction. Zeros follow. Returns the shift that brought the block to 30 bits.
inline int log_filterbank_load(const LogFilterbankParams& p, const int16_t* x,
                               const int16_t* window, int32_t* frame) {
  int32_t before = x[0];
  for (int32_t i = 0; i < p.frame_length; ++i) {
    frame[i] = mul_high_s32_s16(x[i] * 16384 - p.pre_emphasis * before, window[i]);
    before = x[i];
  }
  memset(frame + p.frame_length, 0,
         static_cast<size_t>(p.fft_length - p.frame_length) * sizeof *frame);
  return normalise_block_s32(frame, p.frame_length, 30);
}

// |X|^2 2^-16, in place: power[k] takes the eight bytes of bin k. The bins' squares sum to less
// than 2^60 (Parseval).
inline void log_filterbank_power(int32_t* bins, int32_t count) {
  for (int32_t k = 0; k < count; ++k) {
    const int64_t re = bins[2 * k], im = bins[2 * k + 1];
    const uint64_t power = static_cast<uint64_t>(re * re + im * im) >> 16;
    memcpy(bins + 2 * k, &power, sizeof power);
  }
}

// log2 of the energy of one filter in Q16, weights in Q14: below 2^60 2^-16 2^14 in 64 bits.
inline int32_t log_filterbank_energy(const int32_t* bins, int32_t first, int32_t count,
                                     const int16_t* weights, int32_t exponent) {
  uint64_t energy = 0;
  for (int32_t i = 0; i < count; ++i) {
    uint64_t power;
    memcpy(&power, bins + 2 * (first + i), sizeof power);
    energy += power * static_cast<uint32_t>(weights[i]);
  }
  return energy == 0 ? INT32_MIN / 2 : static_cast<int32_t>(log2_q16(energy)) + exponent * 65536;
}

// ranges [filters][2]: first bin, count; weights: those of all filters one after another. scratch:
// int32[fft_length + 2]. X carries 2^(13 + shift) / fft_length, so |X|^2 / fft_length = energy
// 2^(16 - 14 - 26 - 2 shift) fft_length.
MOTE_INLINE void log_filterbank_s16(const LogFilterbankParams& p, const int16_t* frame,
                                    const int16_t* window, const int16_t* twiddles,
                                    const int16_t* ranges, const int16_t* weights, int32_t* out,
                                    int32_t* scratch) {
  const int shift = log_filterbank_load(p, frame, window, scratch);
  fft_real_s32(scratch, static_cast<uint32_t>(p.fft_length), twiddles);
  log_filterbank_power(scratch, p.fft_length / 2 + 1);
  const int32_t exponent = p.fft_bits - 24 - 2 * shift;
  for (int32_t f = 0; f < p.filters; ++f) {
    const int32_t octaves =
        log_filterbank_energy(scratch, ranges[2 * f], ranges[2 * f + 1], weights, exponent);
    weights += ranges[2 * f + 1];
    const int64_t scaled = ((static_cast<int64_t>(octaves) * p.gain + 32768) >> 16) + p.offset;
    out[f] = clamp_s32(saturate_s32(scaled), p.minimum, p.maximum);
  }
}

// The least energy that has a logarithm, in square units.
inline constexpr float kLogFilterbankFloorF32 = 1e-18f;

inline void log_filterbank_load(const LogFilterbankF32Params& p, const float* x,
                                const float* window, float* frame) {
  float before = x[0];
  for (int32_t i = 0; i < p.frame_length; ++i) {
    frame[i] = (x[i] - p.pre_emphasis * before) * window[i];
    before = x[i];
  }
  memset(frame + p.frame_length, 0,
         static_cast<size_t>(p.fft_length - p.frame_length) * sizeof *frame);
}

// As log_filterbank_s16; scratch: float[fft_length + 2].
MOTE_INLINE void log_filterbank_f32(const LogFilterbankF32Params& p, const float* frame,
                                    const float* window, const float* twiddles,
                                    const int16_t* ranges, const float* weights, float* out,
                                    float* scratch) {
  log_filterbank_load(p, frame, window, scratch);
  fft_real_f32(scratch, static_cast<uint32_t>(p.fft_length), twiddles);
  const float per_sample = 1.0f / static_cast<float>(p.fft_length);
  for (int32_t f = 0; f < p.filters; ++f) {
    const float* bin = scratch + 2 * ranges[2 * f];
    float energy = 0;
    for (int32_t i = 0; i < ranges[2 * f + 1]; ++i, bin += 2)
      energy += (bin[0] * bin[0] + bin[1] * bin[1]) * *weights++;
    energy = energy * per_sample;
    if (energy < kLogFilterbankFloorF32) energy = kLogFilterbankFloorF32;
    const float y = log2_f32(energy) * p.gain + p.offset;
    out[f] = y < p.minimum ? p.minimum : (y > p.maximum ? p.maximum : y);
  }
}

}  // namespace mote
