// SPDX-License-Identifier: Apache-2.0
// Host half of log_filterbank: frame [samples] or [samples, 1] -> [filters]. Makes its tables. See
// log_filterbank.h.
#include "ops/dsp/log_filterbank/log_filterbank.h"

#include <bit>
#include <cmath>

#include "core/twiddles.h"
#include "ops/dsp/log_filterbank/mel.h"
#include "ops/dsp/signal_types.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr double kOctavesOfDb = 3.010299956639812;  // 10 log10(2)

// What out = log2(E) gain + offset must be, with E in square counts or square units.
struct Scaling {
  double gain, offset, minimum, maximum;
};

bool is_float(const NodeView& node) { return node.input(0).type == ElementType::f32; }

// "ln": the natural logarithm of the energy, not below that of 2^-16. "decibel_share": 0 at
// noise_floor_db below full scale, 1 at 12 dB above it (Edge Impulse's range); counts are full
// scale at 2^15, physical values at 1. "decibel_range": decibels, top_db of them one unit.
Scaling scaling(const NodeView& node) {
  const std::string& kind = node.text("scaling");
  if (kind == "ln") {
    const double ln2 = 0.6931471805599453;
    return {ln2, 0, is_float(node) ? -41 : -16 * ln2, 1000};
  }
  if (kind == "decibel_range") {
    const double top_db = node.number("top_db"), gain = kOctavesOfDb / top_db;
    if (!(top_db >= 1 && top_db <= 200)) node.refuse("wrong-range", "top_db must lie in 1 .. 200");
    return {gain, 0, (is_float(node) ? -60 : -16) * gain, 1000};
  }
  if (kind != "decibel_share")
    node.refuse("wrong-scaling", "scaling '" + kind + "' is unknown",
                "use ln, decibel_share or decibel_range");
  const double floor_db = node.number("noise_floor_db"), range_db = 12 - floor_db;
  if (range_db < 1) node.refuse("wrong-floor", "noise_floor_db must be below 11");
  const double full_scale_octaves = is_float(node) ? 0 : 30;
  return {kOctavesOfDb / range_db, (-full_scale_octaves * kOctavesOfDb - floor_db) / range_db, 0,
          1};
}

struct Frame {
  int32_t length, fft_length;
};
Frame frame_of(const NodeView& node) {
  require_samples(node);
  const auto length = int32_t(node.input(0).elements());
  const int32_t fft_length = require_fft_length(node, node.integer("fft_length"));
  if (length > fft_length)
    node.refuse("frame-too-long",
                "a frame of " + std::to_string(length) + " samples does not fit fft_length " +
                    std::to_string(fft_length),
                "choose fft_length " + std::to_string(std::bit_ceil(uint32_t(length))) +
                    " or a shorter frame");
  return {length, fft_length};
}

std::vector<Filter> filters(const NodeView& node) {
  const int32_t fft_length = frame_of(node).fft_length;
  const int64_t count = node.integer("num_filters");
  if (count == 0) return bin_filters(fft_length);
  const double rate_hz = node.number("rate_hz"), low_hz = node.number("low_frequency");
  const double high_hz =
      node.number("high_frequency") == 0 ? rate_hz / 2 : node.number("high_frequency");
  if (count < 0 || count > 512 || low_hz < 0 || low_hz >= high_hz || high_hz > rate_hz / 2)
    node.refuse("wrong-filters",
                "filters must be 1 .. 512 and lie in 0 .. " + std::to_string(rate_hz / 2) + " Hz");
  std::vector<Filter> all = mel_filters({int32_t(count), low_hz, high_hz}, fft_length, rate_hz);
  for (size_t f = 0; f < all.size(); ++f)
    if (all[f].weights.empty())
      node.refuse("empty-filter",
                  "mel filter " + std::to_string(f) + " of " + std::to_string(count) +
                      " lies between two bins of " + std::to_string(rate_hz / fft_length) + " Hz",
                  "use fewer filters or a larger fft_length");
  return all;
}

std::vector<int16_t> ranges(const std::vector<Filter>& all) {
  std::vector<int16_t> pairs;
  for (const Filter& filter : all) {
    pairs.push_back(int16_t(filter.first));
    pairs.push_back(int16_t(filter.weights.size()));
  }
  return pairs;
}

template <class T, class Round>
std::vector<T> rounded(const std::vector<double>& values, Round round) {
  std::vector<T> out;
  for (double v : values) out.push_back(round(v));
  return out;
}

std::vector<double> weights(const std::vector<Filter>& all) {
  std::vector<double> joined;
  for (const Filter& filter : all)
    joined.insert(joined.end(), filter.weights.begin(), filter.weights.end());
  return joined;
}

std::vector<double> window(const NodeView& node) {
  const std::string& name = node.text("window_function");
  if (name != "hann" && name != "hamming" && name != "rectangular")
    node.refuse("wrong-window-function", "window_function '" + name + "' is unknown",
                "use hann, hamming or rectangular");
  return window_function(name, frame_of(node).length);
}

double pre_emphasis(const NodeView& node) {
  const double c = node.number("pre_emphasis");
  if (c < 0 || c > 1) node.refuse("wrong-pre-emphasis", "pre_emphasis must lie in 0 .. 1");
  return c;
}

Inference infer(const NodeView& node) {
  scaling(node);
  window(node);
  pre_emphasis(node);
  return {{features_of(node.input(0), {int32_t(filters(node).size())})}, {}};
}

KernelCall lower_f32(const NodeView& node) {
  const std::vector<Filter> all = filters(node);
  const Frame frame = frame_of(node);
  const Scaling s = scaling(node);
  const LogFilterbankF32Params params{
      frame.length,  frame.fft_length, int32_t(all.size()), float(pre_emphasis(node)),
      float(s.gain), float(s.offset),  float(s.minimum),    float(s.maximum)};
  const auto to_f32 = [](double v) { return float(v); };
  std::vector<float> twiddles(size_t(twiddle_count(frame.fft_length)));
  fill_twiddles_f32(frame.fft_length, twiddles.data());
  return make_kernel_call("ops/dsp/log_filterbank/log_filterbank.h",
                          MOTE_KERNEL(log_filterbank_f32), "LogFilterbankF32Params", params)
      .input(0)
      .constant("window", ElementType::f32, rounded<float>(window(node), to_f32))
      .constant("twiddles", ElementType::f32, twiddles)
      .constant("ranges", ElementType::s16, ranges(all))
      .constant("weights", ElementType::f32, rounded<float>(weights(all), to_f32))
      .output()
      .scratch(4 * (frame.fft_length + 2));
}

int32_t q16(double x) { return int32_t(std::llround(x * 65536)); }

KernelCall lower_s16(const NodeView& node) {
  const std::vector<Filter> all = filters(node);
  const Frame frame = frame_of(node);
  const Scaling s = scaling(node);
  const LogFilterbankParams params{frame.length,
                                   frame.fft_length,
                                   std::countr_zero(uint32_t(frame.fft_length)),
                                   int32_t(all.size()),
                                   int32_t(std::llround(pre_emphasis(node) * 16384)),
                                   q16(s.gain),
                                   q16(s.offset),
                                   q16(s.minimum),
                                   q16(s.maximum)};
  const auto to_q15 = [](double v) {
    return int16_t(std::min<long long>(32767, std::llround(v * 32768)));
  };
  const auto to_q14 = [](double v) { return int16_t(std::llround(v * 16384)); };
  std::vector<int16_t> twiddles(size_t(twiddle_count(frame.fft_length)));
  fill_twiddles_q15(frame.fft_length, twiddles.data());
  return make_kernel_call("ops/dsp/log_filterbank/log_filterbank.h",
                          MOTE_KERNEL(log_filterbank_s16), "LogFilterbankParams", params)
      .input(0)
      .constant("window", ElementType::s16, rounded<int16_t>(window(node), to_q15))
      .constant("twiddles", ElementType::s16, twiddles)
      .constant("ranges", ElementType::s16, ranges(all))
      .constant("weights", ElementType::s16, rounded<int16_t>(weights(all), to_q14))
      .output()
      .scratch(4 * (frame.fft_length + 2));
}

KernelCall lower(const NodeView& node) {
  return is_float(node) ? lower_f32(node) : lower_s16(node);
}

int64_t macs(const NodeView& node) {
  const Frame frame = frame_of(node);
  const int64_t bits = std::countr_zero(uint32_t(frame.fft_length));
  return 2 * frame.length + frame.fft_length * (bits + 1) + frame.fft_length +
         int64_t(weights(filters(node)).size());
}

}  // namespace

const OpDef log_filterbank_op{
    .name = "log_filterbank",
    .room = "dsp",
    .summary = "log energy of a frame in mel bands, or in each bin of its transform",
    .attributes = {{"fft_length", {}, "a power of two, not less than the frame"},
                   {"num_filters", 0, "mel bands; 0: one output a bin"},
                   {"low_frequency", 0.0, "lower edge of the mel bands in Hz"},
                   {"high_frequency", 0.0, "upper edge in Hz; 0: half the rate"},
                   {"rate_hz", {}, "samples a second"},
                   {"window_function", std::string("hann"), "hann, hamming or rectangular"},
                   {"pre_emphasis", 0.0, "c of x[i] - c x[i-1]"},
                   {"scaling", std::string("ln"),
                    "ln; decibel_share: 0 .. 1 over a decibel range; decibel_range: top_db "
                    "decibels are 1"},
                   {"top_db", 60.0, "decibel_range: decibels in one unit"},
                   {"noise_floor_db", -52.0, "decibel_share: where 0 lies, below full scale"}},
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
