// SPDX-License-Identifier: Apache-2.0
// Host half of spectral: window [length, axes] -> [axes * (3 + bands)]. See spectral.h.
#include "ops/dsp/spectral/spectral.h"

#include <bit>

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

Inference infer(const NodeView& node) {
  const SpectralParams p = params_of(node);
  if (!p.do_log && node.input(0).type == ElementType::s16)
    node.refuse("wrong-attribute", "linear power does not fit the fixed-point features",
                "keep do_log, or choose arithmetic = \"float\"");
  return {{features_of(node.input(0), {p.axes * (3 + p.bands)})}, {}};
}

KernelCall lower(const NodeView& node) {
  const SpectralParams p = params_of(node);
  const size_t twiddles = size_t(twiddle_count(p.fft_length));
  const int64_t bins = p.fft_length / 2 + 1;
  const char* header = "ops/dsp/spectral/spectral.h";
  if (node.input(0).type == ElementType::f32) {
    std::vector<float> table(twiddles);
    fill_twiddles_f32(p.fft_length, table.data());
    return make_kernel_call(header, MOTE_KERNEL(spectral_f32), "SpectralParams", p)
        .input(0)
        .constant("twiddles", ElementType::f32, table)
        .constant("bands", ElementType::s16, bands(node, p.fft_length))
        .output()
        .scratch(4 * (bins + p.fft_length + 2));
  }
  std::vector<int16_t> table(twiddles);
  fill_twiddles_q15(p.fft_length, table.data());
  return make_kernel_call(header, MOTE_KERNEL(spectral_s16), "SpectralParams", p)
      .input(0)
      .constant("twiddles", ElementType::s16, table)
      .constant("bands", ElementType::s16, bands(node, p.fft_length))
      .output()
      .scratch(8 * bins + 4 * (p.fft_length + 2));
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
    .summary = "rms, skewness, kurtosis and log power in frequency bands of each axis of a window",
    .attributes = {{"fft_length", 16, "samples in a frame, a power of two"},
                   {"do_fft_overlap", 1, "frames overlap by half"},
                   {"do_log", 1, "log10 of the power; 0 only for float"},
                   {"bands", std::vector<int64_t>{},
                    "pairs of bins (first, last + 1); empty: every bin but 0"}},
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
