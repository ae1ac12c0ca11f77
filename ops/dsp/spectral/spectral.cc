// SPDX-License-Identifier: Apache-2.0
// Host half of spectral: window [length, axes] -> [axes * (3 + bands + 2 * peaks)]. See spectral.h.
#include "ops/dsp/spectral/spectral.h"

#include <bit>
#include <cmath>

#include "core/twiddles.h"
#include "ops/dsp/signal_types.h"
#include "ops/registry.h"

namespace mote {
namespace {

// (first, last + 1) of every band: those given, or each bin but the first (the average is gone).
std::vector<int16_t> bands(const NodeView& node, int32_t fft_length) {
  const std::vector<int64_t>& given = node.integers("bands");
  std::vector<int16_t> pairs;
  if (given.empty()) {
    for (int32_t k = 1; k <= fft_length / 2; ++k) {
      pairs.push_back(int16_t(k));
      pairs.push_back(int16_t(k + 1));
    }
    return pairs;
  }
  if (given.size() % 2 != 0) node.refuse("wrong-bands", "bands are pairs of bins: first, last + 1");
  for (size_t i = 0; i < given.size(); i += 2) {
    if (given[i] < 0 || given[i] >= given[i + 1] || given[i + 1] > fft_length / 2 + 1)
      node.refuse("wrong-bands", "band " + std::to_string(i / 2) +
                                     " is empty or beyond the last bin, " +
                                     std::to_string(fft_length / 2));
    pairs.push_back(int16_t(given[i]));
    pairs.push_back(int16_t(given[i + 1]));
  }
  return pairs;
}

SpectralParams params_of(const NodeView& node) {
  const WindowShape window = window_shape(node);
  const int32_t fft_length = require_fft_length(node, node.integer("fft_length"));
  const int32_t hop = flag(node, "do_fft_overlap") ? fft_length / 2 : fft_length;
  return {window.length,
          window.axes,
          fft_length,
          std::countr_zero(uint32_t(fft_length)),
          hop,
          int32_t(bands(node, fft_length).size() / 2),
          flag(node, "do_log")};
}

// What the features can hold: frequencies in Q16, bins apart.
void require_rate(const NodeView& node, double rate_hz, int32_t fft_length) {
  if (!(rate_hz > 0)) node.refuse("wrong-rate", "peaks need the rate of their window, rate_hz");
  if (node.input(0).type == ElementType::f32) return;
  if (rate_hz > 65535 || rate_hz * 65536 < fft_length)
    node.refuse("wrong-rate",
                "the frequencies of peaks at " + std::to_string(rate_hz) +
                    " Hz do not fit the fixed-point features",
                "choose arithmetic = \"float\"");
}

// Of each axis, in the samples' unit.
const std::vector<double>& peak_thresholds(const NodeView& node, int32_t axes) {
  const std::vector<double>& thresholds = node.numbers("peak_thresholds");
  if (int64_t(thresholds.size()) != axes)
    node.refuse("wrong-threshold", "peak_thresholds has one threshold for each axis");
  for (double threshold : thresholds) {
    if (!(threshold >= 0)) node.refuse("wrong-threshold", "a threshold of peaks is at least 0");
    if (threshold >= 32768 && node.input(0).type == ElementType::s16)
      node.refuse("wrong-threshold", "no peak reaches " + std::to_string(threshold) + " counts",
                  "lower the threshold of peaks");
  }
  return thresholds;
}

// Thresholds in Q16; 1 at least, so that an amplitude of zero is no peak.
std::vector<int32_t> thresholds_q16(const std::vector<double>& thresholds) {
  std::vector<int32_t> out;
  for (double threshold : thresholds)
    out.push_back(std::max(1, int32_t(std::min(std::round(threshold * 65536), 2147483647.0))));
  return out;
}

void add_thresholds(const NodeView& node, int32_t axes, KernelCall& call) {
  const std::vector<double>& given = peak_thresholds(node, axes);
  if (node.input(0).type == ElementType::s16)
    call.constant("thresholds", ElementType::s32, thresholds_q16(given));
  else
    call.constant("thresholds", ElementType::f32, std::vector<float>(given.begin(), given.end()));
}

SpectralPeaksParams peaks_params_of(const NodeView& node) {
  const SpectralParams p = params_of(node);
  const int64_t peaks = node.integer("peaks");
  if (peaks < 0 || peaks > p.fft_length / 4)
    node.refuse("too-many-peaks",
                std::to_string(peaks) + " peaks: a frame of " + std::to_string(p.fft_length) +
                    " samples has at most " + std::to_string(p.fft_length / 4),
                "ask for fewer peaks or choose a larger fft_length");
  const double rate_hz = node.number("rate_hz");
  if (peaks > 0) {
    require_rate(node, rate_hz, p.fft_length);
    peak_thresholds(node, p.axes);
  }
  return {p.length,
          p.axes,
          p.fft_length,
          p.fft_bits,
          p.hop,
          p.bands,
          p.do_log,
          int32_t(peaks),
          peaks > 0 && rate_hz <= 65535 ? uint32_t(std::llround(rate_hz * 65536)) : 0,
          float(rate_hz)};
}

Inference infer(const NodeView& node) {
  const SpectralPeaksParams p = peaks_params_of(node);
  if (!p.do_log && node.input(0).type == ElementType::s16)
    node.refuse("wrong-attribute", "linear power does not fit the fixed-point features",
                "keep do_log, or choose arithmetic = \"float\"");
  return {{features_of(node.input(0), {p.axes * (3 + p.bands + 2 * p.peaks)})}, {}};
}

// The kernel without peaks has no parameters of peaks: who asks for none pays for none.
KernelCall kernel_of(const SpectralPeaksParams& p, bool is_float) {
  const char* header = "ops/dsp/spectral/spectral.h";
  const Kernel plain = is_float ? MOTE_KERNEL(spectral_f32) : MOTE_KERNEL(spectral_s16);
  const Kernel peaks = is_float ? MOTE_KERNEL(spectral_peaks_f32) : MOTE_KERNEL(spectral_peaks_s16);
  return p.peaks == 0 ? make_kernel_call(header, plain, "SpectralParams", without_peaks(p))
                      : make_kernel_call(header, peaks, "SpectralPeaksParams", p);
}

KernelCall lower(const NodeView& node) {
  const SpectralPeaksParams p = peaks_params_of(node);
  const size_t twiddles = size_t(twiddle_count(p.fft_length));
  const int64_t bins = p.fft_length / 2 + 1;
  const bool is_float = node.input(0).type == ElementType::f32;
  KernelCall call = kernel_of(p, is_float).input(0);
  if (is_float) {
    std::vector<float> table(twiddles);
    fill_twiddles_f32(p.fft_length, table.data());
    call.constant("twiddles", ElementType::f32, table);
  } else {
    std::vector<int16_t> table(twiddles);
    fill_twiddles_q15(p.fft_length, table.data());
    call.constant("twiddles", ElementType::s16, table);
  }
  call.constant("bands", ElementType::s16, bands(node, p.fft_length));
  if (p.peaks > 0) add_thresholds(node, p.axes, call);
  return call.output().scratch(is_float ? 4 * (bins + p.fft_length + 2)
                                        : 8 * bins + 4 * (p.fft_length + 2));
}

// Moments, and a real transform of n points a frame: 4 products a butterfly, n/4 log2(n/2)
// butterflies, n/4 to separate.
int64_t macs(const NodeView& node) {
  const SpectralParams p = params_of(node);
  const int64_t frames = (p.length + p.hop - 1) / p.hop;
  const int64_t per_frame = int64_t(p.fft_length) * (p.fft_bits + 1);
  return p.axes * (5 * int64_t(p.length) + frames * per_frame);
}

}  // namespace

const OpDef spectral_op{
    .name = "spectral",
    .room = "dsp",
    .summary =
        "rms, skewness, kurtosis, log power in frequency bands and spectral peaks of each "
        "axis of a window",
    .attributes = {{"fft_length", 16, "samples in a frame, a power of two"},
                   {"do_fft_overlap", 1, "frames overlap by half"},
                   {"do_log", 1, "log10 of the power; 0 only for float"},
                   {"bands", std::vector<int64_t>{},
                    "pairs of bins (first, last + 1); empty: every bin but 0"},
                   {"peaks", 0, "loudest peaks of each axis, a frequency and an amplitude each"},
                   {"peak_thresholds", std::vector<double>{},
                    "least amplitude of a peak, one for each axis, in the samples' unit"},
                   {"rate_hz", 0.0, "samples a second of the window; peaks need it"}},
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
