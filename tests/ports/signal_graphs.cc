// SPDX-License-Identifier: Apache-2.0
// Signal blocks and operators of ops/dsp, side by side. See graphs.h.
#include "ops/registry.h"
#include "signal/block.h"
#include "tests/ports/graphs.h"

namespace mote::ports {
namespace {

using Strings = std::vector<std::string>;
constexpr double kRate = 100;

struct Listed {
  const char* block;
  Attributes parameters;
  Strings axes;
  WindowSpec window{kWindowSamples, kWindowSamples / 2, kRate};
};

Attribute word(const char* text) { return std::string(text); }

Attributes filter(const char* type, double cutoff, int64_t order) {
  return {{"filter_type", word(type)}, {"filter_cutoff", cutoff}, {"filter_order", order}};
}

Attributes band(double low, double high, int64_t order) {
  Attributes all = filter("band", low, order);
  all["filter_upper_cutoff"] = high;
  return all;
}

Attributes frames(double length, double stride, Attributes more) {
  more["frame_length"] = length;
  more["frame_stride"] = stride;
  return more;
}

Attributes with(Attributes a, const Attributes& b) {
  a.insert(b.begin(), b.end());
  return a;
}

std::vector<Listed> blocks_of_samples() {
  const WindowSpec whole{kWindowSamples, kWindowSamples, kRate};
  return {
      {"raw", {}, {}, whole},
      {"raw", {{"input_decimation_ratio", 4}, {"scale_axes", 2.5}}, {"z"}},
      {"flatten", {}, {}},
      {"flatten", with(band(3, 20, 4), {{"minimum", 0}, {"kurtosis", 0}}), {"y", "x"}},
      {"spectral", {}, {}},
      {"spectral", with(filter("low", 20, 6), {{"fft_length", 8}, {"do_fft_overlap", 0}}), {"z"}},
      {"spectral",
       with(filter("high", 2, 3),
            {{"fft_length", 32}, {"spectral_power_edges", std::vector<double>{1, 10, 30, 50}}}),
       {},
       whole},
      {"spectral", {{"spectral_peaks_count", 3}}, {}},
      {"spectral",
       {{"fft_length", 64}, {"spectral_peaks_count", 16}, {"spectral_peaks_threshold", 0}},
       {"y"}},
      {"envelope", {}, {}},
      {"envelope", {{"envelope_decimation_ratio", 4}, {"input_decimation_ratio", 2}}, {"x"}},
      {"flatten", {{"resample_hz", 50}}, {}},
      {"spectral", {{"resample_hz", 62.5}, {"spectral_peaks_count", 2}}, {"z", "x"}, whole},
  };
}

std::vector<Listed> blocks_of_frames() {
  const WindowSpec longer{2 * kWindowSamples, kWindowSamples, kRate};
  return {
      {"mfe", frames(.16, .08, {{"num_filters", 4}}), {"x"}},
      {"mfe", frames(.32, .16, {{"num_filters", 8}, {"noise_floor_db", -90.0}}), {"y"}, longer},
      {"mfe", frames(.32, .16, {{"num_filters", 6}, {"top_db", 50.0}}), {"z"}, longer},
      {"mfcc",
       frames(.16, .08,
              {{"num_filters", 5}, {"num_cepstral", 4}, {"win_size", 5}, {"fft_length", 32}}),
       {"y"},
       longer},
      {"mfcc",
       frames(.12, .04,
              {{"num_filters", 4},
               {"num_cepstral", 4},
               {"win_size", 0},
               {"window_function", word("hamming")},
               {"pre_cof", .5}}),
       {"z"}},
      {"spectrogram", frames(.16, .16, {{"window_function", word("rectangular")}}), {"z"}},
      {"spectrogram", frames(.64, .32, {}), {"x"}, longer},
      {"mfe", frames(.16, .08, {{"num_filters", 3}, {"resample_hz", 75}}), {"z"}, longer},
  };
}

void add_blocks(Graph& graph, const char* arithmetic, const std::vector<Listed>& list) {
  Diagnostics diagnostics;
  for (const Listed& listed : list) {
    BlockSpec spec;
    spec.block = listed.block;
    spec.name = listed.block + std::to_string(graph.outputs.size());
    spec.axes = listed.axes;
    spec.parameters = listed.parameters;
    spec.parameters["arithmetic"] = word(arithmetic);
    spec.place = spec.name;
    graph.outputs.push_back(build_block(graph, spec, 0, listed.window, diagnostics));
  }
  diagnostics.stop_if_any();
}

ValueId add_output(Graph& graph, const OpDef& op, ValueId input, Attributes attributes) {
  const std::string name = op.name + "_alone" + std::to_string(graph.outputs.size());
  graph.outputs.push_back(graph.add_node(op, name, {input}, std::move(attributes)));
  return graph.outputs.back();
}

// A few samples at a time, so that not every sample is a decision; observers see every sample.
void add_framed(Graph& graph, const OpDef& op, ValueId input, Attributes attributes) {
  const std::string name = op.name + "_alone" + std::to_string(graph.outputs.size());
  const ValueId samples = graph.add_node(op, name, {input}, std::move(attributes));
  const int64_t stride = 2 * kWindowSamples * graph.value(samples).clock.period.den /
                         graph.value(samples).clock.period.num;
  add_output(graph, framer_op, samples, {{"length", int64_t(3)}, {"stride", stride}});
}

Attributes low_pass(int64_t order) {
  Attributes all = filter("low", 7.5, order);
  all["rate_hz"] = kRate;
  return all;
}

Attributes filterbank(int64_t filters, const char* scaling) {
  return {{"fft_length", int64_t(16)},
          {"num_filters", filters},
          {"rate_hz", kRate},
          {"scaling", word(scaling)},
          {"pre_emphasis", .97}};
}

// What no block asks for: operators directly on `samples`, [axes] at the sample clock.
void add_operators(Graph& graph, ValueId samples) {
  for (const auto& [num, den] : {std::pair{3, 2}, {8, 7}, {7, 1}})
    add_framed(graph, resample_op, samples, {{"num", int64_t(num)}, {"den", int64_t(den)}});
  for (double factor : {-1.75, 300.0, 0.001})
    add_framed(graph, scale_op, samples, {{"factor", factor}});
  for (int64_t order : {1, 8}) add_framed(graph, iir_op, samples, low_pass(order));
  add_framed(graph, rectify_op, samples, {});
  add_framed(graph, decimate_op, samples, {{"ratio", int64_t(5)}});
  add_framed(graph, select_op, samples, {{"indices", std::vector<int64_t>{2, 0, 2}}});
  for (int64_t first : {1, 9})
    add_framed(graph, sliding_window_op, samples,
               {{"axis", int64_t(0)}, {"rows", int64_t(7)}, {"first", first}});
  add_output(graph, framer_op, samples, {{"length", int64_t(1)}, {"stride", int64_t(16)}});
  add_output(graph, framer_op, samples, {{"length", int64_t(5)}, {"stride", int64_t(48)}});
}

void add_frame_operators(Graph& graph, ValueId samples) {
  const ValueId axis =
      graph.add_node(select_op, "one_axis", {samples}, {{"indices", std::vector<int64_t>{1}}});
  const ValueId frame = graph.add_node(framer_op, "one_frame", {axis},
                                       {{"length", int64_t(13)}, {"stride", int64_t(10)}});
  add_output(graph, log_filterbank_op, frame, filterbank(0, "decibel_share"));
  add_output(graph, relative_level_op,
             graph.add_node(log_filterbank_op, "levels", {frame}, filterbank(4, "decibel_range")),
             {});
  const ValueId energies =
      graph.add_node(log_filterbank_op, "energies", {frame}, filterbank(4, "ln"));
  const ValueId cepstra = graph.add_node(dct_op, "cepstra", {energies}, {{"count", int64_t(4)}});
  const ValueId window = graph.add_node(framer_op, "cepstra_window", {cepstra},
                                        {{"length", int64_t(6)}, {"stride", int64_t(2)}});
  add_output(graph, cmvn_op, window, {{"win_size", int64_t(3)}});
}

Graph signals(const char* name, const char* arithmetic, MissingPolicy missing) {
  Graph graph;
  graph.name = name;
  ValueId samples = graph.add_stream(
      "sensor", {{"x", "g", 0.001f}, {"y", "g", 0.001f}, {"z", "dps", 0.07f}}, kRate, missing);
  add_blocks(graph, arithmetic, blocks_of_samples());
  add_blocks(graph, arithmetic, blocks_of_frames());
  if (std::string(arithmetic) == "float")
    samples = graph.add_node(to_float_op, "physical", {samples},
                             {{"scales", std::vector<double>{0.001, 1e-4, 3}}});
  add_operators(graph, samples);
  add_frame_operators(graph, samples);
  return graph;
}

}  // namespace

Graph fixed_signals() { return signals("fixed_signals", "fixed", MissingPolicy::interpolate); }
Graph float_signals() { return signals("float_signals", "float", MissingPolicy::hold); }

}  // namespace mote::ports
