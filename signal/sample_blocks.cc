// SPDX-License-Identifier: Apache-2.0
// Blocks that work on the samples of a window: raw, flatten, spectral, envelope. In: a
// BlockRequest. Out: features. Names and defaults of parameters follow Edge Impulse's blocks
// (underscores for hyphens) where there is one.
#include <bit>
#include <cmath>

#include "signal/blocks.h"

namespace mote {
namespace {

// `filter` and `cutoff_hz` are the defaults of filter_type and filter_cutoff.
std::vector<ParameterSpec> conditioning(const std::string& filter = "none",
                                        double cutoff_hz = 3.0) {
  return common_parameters() +
         std::vector<ParameterSpec>{
             {"input_decimation_ratio",
              int64_t(1),
              1,
              500,
              {},
              "keep one sample of so many, after a low-pass"},
             {"filter_type", filter, 0, 0, {"none", "low", "high", "band"}, "Butterworth filter"},
             {"filter_cutoff", cutoff_hz, 0, 1e6, {}, "-3 dB frequency in Hz"},
             {"filter_upper_cutoff", 0.0, 0, 1e6, {}, "upper -3 dB frequency of a band-pass in Hz"},
             {"filter_order", int64_t(6), 1, 8, {}, "order of the filter"}};
}

ValueId add_filter(BlockRequest& request, const std::string& step, Attributes attributes) {
  attributes["rate_hz"] = request.window.rate_hz;
  return request.graph.add_node(iir_op, node_name(request, step), {request.samples},
                                std::move(attributes));
}

// Keeps one row in as many as `parameter` says; the window and its rate follow. False, with an
// error, if the window does not come out whole.
bool add_gate(BlockRequest& request, const std::string& parameter) {
  const int64_t ratio = request.parameters.integer(parameter);
  WindowSpec& window = request.window;
  if (window.length % ratio != 0 || window.stride % ratio != 0) {
    request.parameters.error("window-not-divisible", parameter,
                             "the window of " + std::to_string(window.length) +
                                 " samples and its stride of " + std::to_string(window.stride) +
                                 " are not multiples of the decimation ratio " +
                                 std::to_string(ratio),
                             "choose a window length and stride that are");
    return false;
  }
  request.samples = request.graph.add_node(decimate_op, node_name(request, parameter),
                                           {request.samples}, {{"ratio", ratio}});
  window = {window.length / ratio, window.stride / ratio, window.rate_hz / double(ratio)};
  return true;
}

// Low-pass at 0.8 of the new Nyquist frequency, then the gate.
bool add_decimation(BlockRequest& request) {
  const int64_t ratio = request.parameters.integer("input_decimation_ratio");
  if (ratio == 1) return true;
  request.samples = add_filter(request, "antialias",
                               {{"filter_type", std::string("low")},
                                {"filter_cutoff", 0.4 * request.window.rate_hz / double(ratio)},
                                {"filter_order", int64_t(6)}});
  return add_gate(request, "input_decimation_ratio");
}

bool add_conditioning(BlockRequest& request) {
  const Parameters& p = request.parameters;
  if (!add_decimation(request)) return false;
  if (p.text("filter_type") == "none") return true;
  request.samples = add_filter(request, "filter",
                               {{"filter_type", p.text("filter_type")},
                                {"filter_cutoff", p.number("filter_cutoff")},
                                {"filter_upper_cutoff", p.number("filter_upper_cutoff")},
                                {"filter_order", p.integer("filter_order")}});
  return true;
}

ValueId add_window(const BlockRequest& request) {
  return request.graph.add_node(
      framer_op, node_name(request, "window"), {request.samples},
      {{"length", request.window.length}, {"stride", request.window.stride}});
}

ValueId build_raw(BlockRequest request) {
  return add_conditioning(request) ? add_window(request) : -1;
}

ValueId build_flatten(BlockRequest request) {
  if (!add_conditioning(request)) return -1;
  Attributes attributes;
  for (const char* name : {"average", "minimum", "maximum", "rms", "stdev", "skewness", "kurtosis"})
    attributes[name] = request.parameters.integer(name);
  const ValueId window = add_window(request);
  return request.graph.add_node(flatten_op, request.spec.name, {window}, attributes);
}

// The bands less their mean, over their deviation: nothing of the level is left.
ValueId add_normalised(const BlockRequest& request, ValueId energies, int64_t bands) {
  Graph& graph = request.graph;
  const ValueId column = graph.add_node(reshape_op, node_name(request, "column"), {energies},
                                        {{"shape", std::vector<int64_t>{bands, 1}}});
  const ValueId normalised = graph.add_node(cmvn_op, node_name(request, "normalised"), {column},
                                            {{"win_size", 2 * bands + 1}});
  return graph.add_node(reshape_op, node_name(request, "bands"), {normalised},
                        {{"shape", std::vector<int64_t>{bands}}});
}

// Log energy of the window in bands: [bands].
ValueId add_envelope_spectrum(const BlockRequest& request) {
  const Parameters& p = request.parameters;
  if (request.graph.value(request.samples).shape.at(0) != 1) {
    p.error("one-axis", "spectrum_bands", "the spectrum of an envelope is that of one axis",
            "name it: axes = [\"...\"]; add a block for each further axis");
    return -1;
  }
  const int64_t bands = p.integer("spectrum_bands");
  const auto fft_length = int64_t(std::bit_ceil(uint64_t(request.window.length)));
  const ValueId energies = request.graph.add_node(log_filterbank_op, node_name(request, "spectrum"),
                                                  {add_window(request)},
                                                  {{"fft_length", std::max<int64_t>(4, fft_length)},
                                                   {"rate_hz", request.window.rate_hz},
                                                   {"num_filters", bands},
                                                   {"low_frequency", p.number("spectrum_low")},
                                                   {"high_frequency", p.number("spectrum_high")}});
  return p.flag("normalise") ? add_normalised(request, energies, bands) : energies;
}

// Magnitude, then a second-order low-pass: the loudness of the band over time.
ValueId build_envelope(BlockRequest request) {
  if (!add_conditioning(request)) return -1;
  const Parameters& p = request.parameters;
  request.samples =
      request.graph.add_node(rectify_op, node_name(request, "magnitude"), {request.samples});
  request.samples = add_filter(request, "smooth",
                               {{"filter_type", std::string("low")},
                                {"filter_cutoff", p.number("envelope_cutoff")},
                                {"filter_order", int64_t(2)}});
  if (p.integer("envelope_decimation_ratio") > 1 && !add_gate(request, "envelope_decimation_ratio"))
    return -1;
  return p.integer("spectrum_bands") == 0 ? add_window(request) : add_envelope_spectrum(request);
}

// Bins of the bands: between the edges given; else each bin that the filter passes, without bin 0
// (the average is gone).
std::vector<int64_t> spectral_bands(const BlockRequest& request) {
  const Parameters& p = request.parameters;
  const int64_t last = p.integer("fft_length") / 2;
  const double bins_per_hz = double(p.integer("fft_length")) / request.window.rate_hz;
  std::vector<int64_t> bands;
  const std::vector<double> edges = p.numbers("spectral_power_edges");
  for (size_t i = 0; i + 1 < edges.size(); ++i) {
    const auto first = int64_t(std::ceil(edges[i] * bins_per_hz));
    const auto beyond = std::min(int64_t(std::ceil(edges[i + 1] * bins_per_hz)), last + 1);
    if (first >= beyond)
      p.error("empty-band", "spectral_power_edges",
              "no frequency bin lies between " + std::to_string(edges[i]) + " and " +
                  std::to_string(edges[i + 1]) + " Hz: bins are " +
                  std::to_string(1 / bins_per_hz) + " Hz apart, up to " +
                  std::to_string(request.window.rate_hz / 2) + " Hz",
              "choose wider bands or a larger fft_length");
    bands.insert(bands.end(), {first, beyond});
  }
  if (!edges.empty()) return bands;
  const std::string& filter = p.text("filter_type");
  const double lower = p.number("filter_cutoff") * bins_per_hz;
  const double upper =
      (filter == "band" ? p.number("filter_upper_cutoff") : p.number("filter_cutoff")) *
      bins_per_hz;
  const int64_t begin = filter == "high" || filter == "band"
                            ? std::max<int64_t>(1, int64_t(std::ceil(lower - 0.5)))
                            : 1;
  const int64_t end =
      filter == "low" || filter == "band" ? std::min(last, int64_t(upper + 0.5)) : last;
  for (int64_t k = begin; k <= end; ++k) bands.insert(bands.end(), {k, k + 1});
  if (bands.empty())
    p.error("no-features", "filter_cutoff", "the filter passes no frequency bin",
            "use a larger fft_length");
  return bands;
}

// What the operator is told of peaks: nothing, unless there are some. The threshold is in the
// axis's unit in both arithmetics; the fixed one compares counts.
Attributes peak_attributes(const BlockRequest& request) {
  const Parameters& p = request.parameters;
  const bool fixed = p.text("arithmetic") == "fixed";
  if (p.integer("spectral_peaks_count") == 0) return {};
  std::vector<double> thresholds;
  for (double scale : request.scales)
    thresholds.push_back(p.number("spectral_peaks_threshold") / (fixed ? scale : 1));
  return {{"peaks", p.integer("spectral_peaks_count")},
          {"peak_thresholds", thresholds},
          {"rate_hz", request.window.rate_hz}};
}

ValueId build_spectral(BlockRequest request) {
  if (!add_conditioning(request)) return -1;
  const Parameters& p = request.parameters;
  const std::vector<int64_t> bands = spectral_bands(request);
  for (size_t i = 0; i + 1 < bands.size(); i += 2)
    if (bands[i] >= bands[i + 1]) return -1;
  if (bands.empty()) return -1;
  Attributes attributes = peak_attributes(request);
  for (const char* name : {"fft_length", "do_fft_overlap", "do_log"})
    attributes[name] = p.integer(name);
  attributes["bands"] = bands;
  return request.graph.add_node(spectral_op, request.spec.name, {add_window(request)}, attributes);
}

std::vector<ParameterSpec> flatten_parameters() {
  return conditioning() + std::vector<ParameterSpec>{
                              flag_parameter("average", 1, "the mean of each axis"),
                              flag_parameter("minimum", 1, "the smallest sample"),
                              flag_parameter("maximum", 1, "the largest sample"),
                              flag_parameter("rms", 1, "root of the mean square"),
                              flag_parameter("stdev", 1, "standard deviation"),
                              flag_parameter("skewness", 1, "third standardised moment"),
                              flag_parameter("kurtosis", 1, "fourth standardised moment less 3")};
}

std::vector<ParameterSpec> envelope_parameters() {
  return conditioning("high", 3.0) +
         std::vector<ParameterSpec>{
             {"envelope_cutoff", 5.0, 0, 1e6, {}, "-3 dB frequency of the smoothing in Hz"},
             {"envelope_decimation_ratio", int64_t(1), 1, 1000, {}, "keep one value of so many"},
             {"spectrum_bands",
              int64_t(0),
              0,
              512,
              {},
              "mel bands of the envelope's spectrum; 0: the envelope itself"},
             {"spectrum_low", 0.0, 0, 1e6, {}, "lower edge of the bands in Hz"},
             {"spectrum_high", 0.0, 0, 1e6, {}, "upper edge in Hz; 0: half the envelope's rate"},
             flag_parameter("normalise", 1, "bands less their mean, over their deviation")};
}

std::vector<ParameterSpec> spectral_parameters() {
  return conditioning() +
         std::vector<ParameterSpec>{
             {"fft_length", int64_t(16), 4, 8192, {}, "samples in a frame, a power of two"},
             flag_parameter("do_log", 1, "log10 of the power; 0 only for float"),
             flag_parameter("do_fft_overlap", 1, "frames overlap by half"),
             {"spectral_power_edges",
              std::vector<double>{},
              0,
              1e6,
              {},
              "edges of frequency bands in Hz; empty: one feature a bin"},
             {"spectral_peaks_count",
              int64_t(0),
              0,
              2048,
              {},
              "loudest peaks of the spectrum: a frequency in Hz and an amplitude each"},
             {"spectral_peaks_threshold",
              0.1,
              0,
              1e6,
              {},
              "least amplitude of a peak, in the axis's unit after scale_axes"}};
}

}  // namespace

std::vector<BlockBuilder> sample_blocks() {
  return {
      {{"raw", "the samples of the window themselves", conditioning()}, build_raw},
      {{"flatten", "statistics of each axis over the window", flatten_parameters()}, build_flatten},
      {{"spectral", "statistics, power in frequency bands and peaks of each axis",
        spectral_parameters()},
       build_spectral},
      {{"envelope", "magnitude of each axis, smoothed and at a lower rate", envelope_parameters()},
       build_envelope},
  };
}

}  // namespace mote
