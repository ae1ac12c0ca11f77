// SPDX-License-Identifier: Apache-2.0
// Peaks of a power spectrum, for spectral: its loudest local maxima, as pairs of frequency in Hz
// and amplitude in the samples' unit, loudest first. In: the power of each bin, 0 .. fft_length
// / 2. Out: 2 * count numbers, Q16 int32 or float32.
//
// A peak is a bin with more power P than both its neighbours; a plateau is one peak, at its lowest
// bin. The first bin and the last (0 Hz and half the rate) have one neighbour and are none. Bin k
// lies at k rate / fft_length; its amplitude 2 |X[k]| / fft_length = 2 sqrt(P / fft_length) is that
// of a tone with whole periods in the frame. Of equal powers the lower frequency comes first; an
// amplitude below the threshold is no peak; where peaks are fewer, the pairs left are zeros. From
// the "spectral analysis" block (version 1, find_peaks_in_fft) of Edge Impulse: its parameters,
// amplitudes and threshold. Its spectrum is that of one frame, its frequencies are high by
// fft_length / (fft_length - 2), its plateaus are the library's. A frame that reaches beyond the
// window (the last one, with overlap) is cut off there: side lobes of loud tones can be peaks too.
#pragma once
#include <stdint.h>
#include <string.h>

#include "core/fixed_math.h"
#include "core/float_math.h"

namespace mote {

struct PeakSearch {
  int32_t count;      // of pairs
  int32_t fft_bits;   // log2(fft_length), 2 .. 13
  uint32_t rate_q16;  // samples a second, for the fixed form
  float rate_hz;      // and for the float form
};

// Whether a peak begins at bin k of 1 .. last - 1. A plateau is walked from its lowest bin only.
template <class Power>
inline bool is_spectral_peak(const Power* held, int32_t k, int32_t last) {
  if (held[k] <= held[k - 1]) return false;
  int32_t after = k + 1;
  while (after < last && held[after] == held[k]) ++after;
  return held[after] < held[k];
}

// The bin of the loudest peak that comes after the peak `previous` (0: of all); 0 if there is none.
template <class Power>
inline int32_t next_spectral_peak(const Power* held, int32_t last, int32_t previous) {
  int32_t best = 0;
  for (int32_t k = 1; k < last; ++k) {
    if (previous != 0 && (held[k] > held[previous] || (held[k] == held[previous] && k <= previous)))
      continue;
    if (best != 0 && held[k] <= held[best]) continue;
    if (is_spectral_peak(held, k, last)) best = k;
  }
  return best;
}

// Q16, to nearest. k < 2^12 and the rate < 2^32, so the product is below 2^44; k / fft_length <
// 1/2.
inline int32_t peak_frequency_q16(const PeakSearch& search, int32_t k) {
  const uint64_t scaled = static_cast<uint64_t>(static_cast<uint32_t>(k)) * search.rate_q16;
  return static_cast<int32_t>((scaled + (1u << (search.fft_bits - 1))) >> search.fft_bits);
}

// held = (|X| 2^(14 + shift) / fft_length)^2, shift = 30 - deviation_bits (0 .. 30): the amplitude
// in Q16 is sqrt(held) 2^(3 - shift), to nearest. The root is below 2^31. Saturates at 32768
// counts, which only square waves of full scale reach.
inline int32_t peak_amplitude_q16(uint64_t held, int deviation_bits) {
  const int64_t root_q3 = static_cast<int64_t>(sqrt_u64(held)) * 8;
  return saturate_s32(shift_right_rounding_s64(root_q3, 30 - deviation_bits));
}

// held as spectral_axis_s16 leaves it, with the bits that it returns; threshold in Q16, at least 1.
inline void find_peaks(const PeakSearch& search, const uint64_t* held, int deviation_bits,
                       int32_t threshold, int32_t* out) {
  memset(out, 0, static_cast<size_t>(2 * search.count) * sizeof *out);
  int32_t bin = 0;
  for (int32_t i = 0; i < search.count; ++i) {
    bin = next_spectral_peak(held, (1 << search.fft_bits) / 2, bin);
    if (bin == 0) return;
    const int32_t amplitude = peak_amplitude_q16(held[bin], deviation_bits);
    if (amplitude < threshold) return;
    out[2 * i] = peak_frequency_q16(search, bin);
    out[2 * i + 1] = amplitude;
  }
}

// held[k] = P[k]; threshold in the samples' unit. Quotients by the fft_length are exact.
inline void find_peaks(const PeakSearch& search, const float* held, float threshold, float* out) {
  const float per_bin = 1.0f / static_cast<float>(1 << search.fft_bits);
  memset(out, 0, static_cast<size_t>(2 * search.count) * sizeof *out);
  int32_t bin = 0;
  for (int32_t i = 0; i < search.count; ++i) {
    bin = next_spectral_peak(held, (1 << search.fft_bits) / 2, bin);
    if (bin == 0) return;
    const float amplitude = 2.0f * sqrt_f32(held[bin] * per_bin);
    if (amplitude < threshold) return;
    out[2 * i] = static_cast<float>(bin) * search.rate_hz * per_bin;
    out[2 * i + 1] = amplitude;
  }
}

}  // namespace mote
