// SPDX-License-Identifier: Apache-2.0
// spectral: what a vibration looks like - rms, skewness and kurtosis of each axis, the power in
// frequency bands and, where asked for, the loudest peaks (spectral_peaks.h). In: window [length,
// axes] of int16 counts or float32. Out: [axes * (3 + bands + 2 * peaks)] Q16 int32 or float32.
//
// The average is taken off first. Frames of fft_length samples (the last one followed by zeros)
// every `hop` samples; P[k] = max over frames of |X[k]|^2 / fft_length; a band is the sum of P over
// its bins, as log10. That is the "spectral analysis" block (version 4, FFT) of Edge Impulse's SDK:
// welch_max_hold without a window function.
#pragma once
#include "core/fft.h"
#include "core/fixed_point.h"
#include "ops/dsp/moments.h"
#include "ops/dsp/spectral/spectral_peaks.h"

namespace mote {

struct SpectralParams {
  int32_t length;  // samples in the window, 1 .. 65535
  int32_t axes;
  int32_t fft_length;  // power of two, 4 .. 8192
  int32_t fft_bits;    // log2(fft_length)
  int32_t hop;
  int32_t bands;
  bool
      do_log;  // float only: the fixed form is always in decades, linear power does not fit 32 bits
};
template <class Visitor>
void for_each_field(const SpectralParams& p, Visitor& field) {
  field("length", p.length);
  field("axes", p.axes);
  field("fft_length", p.fft_length);
  field("fft_bits", p.fft_bits);
  field("hop", p.hop);
  field("bands", p.bands);
  field("do_log", p.do_log);
}

struct SpectralPeaksParams {
  int32_t length;  // as SpectralParams, down to do_log
  int32_t axes;
  int32_t fft_length;
  int32_t fft_bits;
  int32_t hop;
  int32_t bands;
  bool do_log;
  int32_t peaks;      // 1 .. fft_length / 4: as many as fit
  uint32_t rate_q16;  // as PeakSearch
  float rate_hz;
};
template <class Visitor>
void for_each_field(const SpectralPeaksParams& p, Visitor& field) {
  field("length", p.length);
  field("axes", p.axes);
  field("fft_length", p.fft_length);
  field("fft_bits", p.fft_bits);
  field("hop", p.hop);
  field("bands", p.bands);
  field("do_log", p.do_log);
  field("peaks", p.peaks);
  field("rate_q16", p.rate_q16);
  field("rate_hz", p.rate_hz);
}

inline SpectralParams without_peaks(const SpectralPeaksParams& p) {
  return {p.length, p.axes, p.fft_length, p.fft_bits, p.hop, p.bands, p.do_log};
}
inline PeakSearch peak_search(const SpectralPeaksParams& p) {
  return {p.peaks, p.fft_bits, p.rate_q16, p.rate_hz};
}

// The least power that is told apart, in counts^2: 2^-16. White noise of the converter's own
// rounding is 2^-3.6.
inline constexpr int32_t kSpectralFloorLog2 = -16;
inline constexpr float kSpectralFloorF32 = 1e-12f;

// 10^x = 2^y: x from y, both Q16, |y| < 2^24.
inline int32_t log10_of_log2_q16(int32_t y) {
  return static_cast<int32_t>(
      (static_cast<int64_t>(y) * 1292913986 + (static_cast<int64_t>(1) << 31)) >> 32);
}

// One frame: deviations from the average with 30 bits, zeros after the end of the window.
inline void spectral_load(AxisS16 x, AxisDeviation deviation, int32_t begin, int32_t fft_length,
                          int32_t* frame) {
  const int shift = 30 - deviation.bits;
  for (int32_t i = 0; i < fft_length; ++i) {
    const int32_t at = begin + i;
    frame[i] = at < x.length ? (x[at] * 16384 - deviation.average_q14) * (1 << shift) : 0;
  }
}

// held[k] = max(held[k], |X[k]|^2); |re|, |im| <= 2^30.5, so a square sum fits 62 bits.
inline void spectral_hold(const int32_t* bins, int32_t count, uint64_t* held) {
  for (int32_t k = 0; k < count; ++k) {
    const int64_t re = bins[2 * k], im = bins[2 * k + 1];
    const uint64_t power = static_cast<uint64_t>(re * re) + static_cast<uint64_t>(im * im);
    if (power > held[k]) held[k] = power;
  }
}

// Frames are scaled by 2^(14 + shift) and the transform by 1 / fft_length: P = held fft_length /
// 2^(28 + 2 shift). Adding bands saturates: different frames may fill different bins.
inline int32_t spectral_band_q16(const uint64_t* held, int32_t first, int32_t last,
                                 int32_t exponent) {
  uint64_t sum = 0;
  for (int32_t k = first; k < last; ++k) sum = sum + held[k] < sum ? UINT64_MAX : sum + held[k];
  const int32_t floor_q16 = kSpectralFloorLog2 * 65536;
  int32_t log2_power = static_cast<int32_t>(log2_q16(sum)) + exponent * 65536;
  if (sum == 0 || log2_power < floor_q16) log2_power = floor_q16;
  return log10_of_log2_q16(log2_power);
}

// Statistics and bands of one axis; scratch holds the power of its bins afterwards, as
// spectral_hold left it. Returns the bits of its largest deviation.
MOTE_INLINE int spectral_axis_s16(const SpectralParams& p, AxisS16 x, const int16_t* twiddles,
                                  const int16_t* bands, int32_t* out, uint64_t* scratch) {
  const int32_t bins = p.fft_length / 2 + 1;
  uint64_t* held = scratch;
  int32_t* frame = reinterpret_cast<int32_t*>(scratch + bins);
  const AxisSums sums = axis_sums(x);
  const AxisDeviation deviation = axis_deviation(sums, p.length);
  AxisStatistics shape;
  axis_shape(x, deviation, &shape);
  *out++ = stdev_q16(sums, p.length);
  *out++ = shape.skewness;
  *out++ = shape.kurtosis;
  memset(held, 0, static_cast<size_t>(bins) * sizeof *held);
  for (int32_t begin = 0; begin < p.length; begin += p.hop) {
    spectral_load(x, deviation, begin, p.fft_length, frame);
    fft_real_s32(frame, static_cast<uint32_t>(p.fft_length), twiddles);
    spectral_hold(frame, bins, held);
  }
  const int32_t exponent = p.fft_bits - 28 - 2 * (30 - deviation.bits);
  for (int32_t b = 0; b < p.bands; ++b) {
    *out++ = spectral_band_q16(held, bands[2 * b], bands[2 * b + 1], exponent);
  }
  return deviation.bits;
}

// bands[2 b], bands[2 b + 1]: first bin of band b and the one after its last. scratch:
// uint64[fft_length / 2 + 1], then int32[fft_length + 2]. out must not overlap window.
MOTE_INLINE void spectral_s16(const SpectralParams& p, const int16_t* window,
                              const int16_t* twiddles, const int16_t* bands, int32_t* out,
                              uint64_t* scratch) {
  for (int32_t a = 0; a < p.axes; ++a) {
    const AxisS16 x = {window + a, p.length, p.axes};
    spectral_axis_s16(p, x, twiddles, bands, out + a * (3 + p.bands), scratch);
  }
}

// As spectral_s16, and the peaks of each axis behind its bands. thresholds: of each axis, Q16, at
// least 1.
MOTE_INLINE void spectral_peaks_s16(const SpectralPeaksParams& p, const int16_t* window,
                                    const int16_t* twiddles, const int16_t* bands,
                                    const int32_t* thresholds, int32_t* out, uint64_t* scratch) {
  for (int32_t a = 0; a < p.axes; ++a) {
    const AxisS16 x = {window + a, p.length, p.axes};
    const int bits = spectral_axis_s16(without_peaks(p), x, twiddles, bands, out, scratch);
    find_peaks(peak_search(p), scratch, bits, thresholds[a], out + 3 + p.bands);
    out += 3 + p.bands + 2 * p.peaks;
  }
}

inline void spectral_load(AxisF32 x, float average, int32_t begin, int32_t fft_length,
                          float* frame) {
  for (int32_t i = 0; i < fft_length; ++i) {
    const int32_t at = begin + i;
    frame[i] = at < x.length ? x[at] - average : 0.0f;
  }
}

inline void spectral_hold(const float* bins, int32_t count, float scale, float* held) {
  for (int32_t k = 0; k < count; ++k) {
    const float power = (bins[2 * k] * bins[2 * k] + bins[2 * k + 1] * bins[2 * k + 1]) * scale;
    if (power > held[k]) held[k] = power;
  }
}

inline float spectral_band_f32(const float* held, int32_t first, int32_t last, bool do_log) {
  float sum = 0;
  for (int32_t k = first; k < last; ++k) sum += held[k];
  if (!do_log) return sum;
  return log10_f32(sum < kSpectralFloorF32 ? kSpectralFloorF32 : sum);
}

// Statistics and bands of one axis; scratch holds the power of its bins afterwards.
MOTE_INLINE void spectral_axis_f32(const SpectralParams& p, AxisF32 x, const float* twiddles,
                                   const int16_t* bands, float* out, float* scratch) {
  const int32_t bins = p.fft_length / 2 + 1;
  float* frame = scratch + bins;
  const AxisStatisticsF32 statistics = axis_statistics(x);
  *out++ = statistics.stdev;
  *out++ = statistics.skewness;
  *out++ = statistics.kurtosis;
  memset(scratch, 0, static_cast<size_t>(bins) * sizeof *scratch);
  for (int32_t begin = 0; begin < p.length; begin += p.hop) {
    spectral_load(x, statistics.average, begin, p.fft_length, frame);
    fft_real_f32(frame, static_cast<uint32_t>(p.fft_length), twiddles);
    spectral_hold(frame, bins, 1.0f / static_cast<float>(p.fft_length), scratch);
  }
  for (int32_t b = 0; b < p.bands; ++b) {
    *out++ = spectral_band_f32(scratch, bands[2 * b], bands[2 * b + 1], p.do_log);
  }
}

// scratch: float[fft_length / 2 + 1], then float[fft_length + 2].
MOTE_INLINE void spectral_f32(const SpectralParams& p, const float* window, const float* twiddles,
                              const int16_t* bands, float* out, float* scratch) {
  for (int32_t a = 0; a < p.axes; ++a) {
    const AxisF32 x = {window + a, p.length, p.axes};
    spectral_axis_f32(p, x, twiddles, bands, out + a * (3 + p.bands), scratch);
  }
}

// thresholds: of each axis, in the samples' unit.
MOTE_INLINE void spectral_peaks_f32(const SpectralPeaksParams& p, const float* window,
                                    const float* twiddles, const int16_t* bands,
                                    const float* thresholds, float* out, float* scratch) {
  for (int32_t a = 0; a < p.axes; ++a) {
    const AxisF32 x = {window + a, p.length, p.axes};
    spectral_axis_f32(without_peaks(p), x, twiddles, bands, out, scratch);
    find_peaks(peak_search(p), scratch, thresholds[a], out + 3 + p.bands);
    out += 3 + p.bands + 2 * p.peaks;
  }
}

}  // namespace mote
