// SPDX-License-Identifier: Apache-2.0
// Blocks of short frames: mfe, mfcc, spectrogram. In: one axis at the sample clock. Out: [frames,
// coefficients] a decision; frames are computed once, as the samples come, and kept between
// windows. Names and defaults of parameters follow Edge Impulse's blocks, with two differences:
// fft_length = 0 is the smallest power of two that holds a frame, and frames pass a window
// function.
#include <bit>
#include <cmath>

#include "signal/blocks.h"

namespace mote {
namespace {

using Specs = std::vector<ParameterSpec>;

Specs frame_parameters(double stride_s) {
  return common_parameters() +
         Specs{{"frame_length", 0.02, 1e-5, 60, {}, "seconds in a frame"},
               {"frame_stride", stride_s, 1e-5, 60, {}, "seconds between frames"},
               {"fft_length",
                int64_t(0),
                0,
                8192,
                {},
                "points of the transform; 0: the least that holds a frame"},
               {"window_function",
                std::string("hann"),
                0,
                0,
                {"hann", "hamming", "rectangular"},
                "applied to frames"}};
}

Specs mel_parameters(int64_t filters) {
  return {{"num_filters", filters, 1, 512, {}, "mel bands"},
          {"low_frequency", 0.0, 0, 1e6, {}, "lower edge of the bands in Hz"},
          {"high_frequency", 0.0, 0, 1e6, {}, "upper edge in Hz; 0: half the rate"}};
}

Specs decibel_parameters() {
  return {{"noise_floor_db",
           -52.0,
           -200,
           0,
           {},
           "what counts as silence, below full scale; features are 0 .. 1 from there to +12 dB"},
          {"top_db",
           0.0,
           0,
           200,
           {},
           "not 0: features are 0 .. 1 over so many decibels up to the window's loudest instead"}};
}

Specs cepstral_parameters() {
  return {{"num_cepstral", int64_t(13), 1, 512, {}, "cepstral coefficients"},
          {"win_size",
           int64_t(101),
           0,
           4095,
           {},
           "frames of mean and variance normalisation, odd; 0: none"},
          {"pre_cof", 0.98, 0, 1, {}, "pre-emphasis"},
          {"pre_shift", int64_t(1), 1, 1, {}, "samples the pre-emphasis looks back"}};
}

// Frames in samples of the stream and in windows.
struct Framing {
  int64_t length, stride, fft_length;
  int64_t per_window, window_stride;
};

int64_t samples_of(double seconds, double rate_hz) {
  return std::max<int64_t>(1, std::llround(seconds * rate_hz));
}

// False, with an error, where the window does not consist of whole frames.
bool find_framing(const BlockRequest& request, Framing* out) {
  const Parameters& p = request.parameters;
  const WindowSpec& window = request.window;
  out->length = samples_of(p.number("frame_length"), window.rate_hz);
  out->stride = samples_of(p.number("frame_stride"), window.rate_hz);
  out->fft_length = p.integer("fft_length");
  if (out->fft_length == 0)
    out->fft_length = std::max<int64_t>(4, int64_t(std::bit_ceil(uint64_t(out->length))));
  if (out->length > window.length) {
    p.error("window-too-short", "frame_length",
            "a frame of " + std::to_string(out->length) + " samples does not fit the window of " +
                std::to_string(window.length),
            "choose a shorter frame or a longer window");
    return false;
  }
  if (window.stride % out->stride != 0) {
    p.error("stride-not-divisible", "frame_stride",
            "the window's stride of " + std::to_string(window.stride) +
                " samples is no multiple of the frames' " + std::to_string(out->stride),
            "choose a frame_stride that divides the window's stride");
    return false;
  }
  out->per_window = (window.length - out->length) / out->stride + 1;
  out->window_stride = window.stride / out->stride;
  return true;
}

bool one_axis(const BlockRequest& request) {
  const int32_t axes = request.graph.value(request.samples).shape.at(0);
  if (axes == 1) return true;
  request.parameters.error("one-axis", "",
                           "this block works on one axis, not on " + std::to_string(axes),
                           "name it: axes = [\"...\"]; add a block for each further axis");
  return false;
}

ValueId add_frames(const BlockRequest& request, const Framing& framing) {
  return request.graph.add_node(framer_op, node_name(request, "frame"), {request.samples},
                                {{"length", framing.length}, {"stride", framing.stride}});
}

ValueId add_frame_window(const BlockRequest& request, const Framing& framing,
                         ValueId frame_features) {
  return request.graph.add_node(
      framer_op, node_name(request, "window"), {frame_features},
      {{"length", framing.per_window}, {"stride", framing.window_stride}});
}

Attributes filterbank_attributes(const BlockRequest& request, const Framing& framing) {
  return {{"fft_length", framing.fft_length},
          {"rate_hz", request.window.rate_hz},
          {"window_function", request.parameters.text("window_function")}};
}

void add_mel(const BlockRequest& request, Attributes& attributes) {
  attributes["num_filters"] = request.parameters.integer("num_filters");
  attributes["low_frequency"] = request.parameters.number("low_frequency");
  attributes["high_frequency"] = request.parameters.number("high_frequency");
}

void add_decibels(const BlockRequest& request, Attributes& attributes) {
  const double top_db = request.parameters.number("top_db");
  attributes["scaling"] = std::string(top_db > 0 ? "decibel_range" : "decibel_share");
  if (top_db > 0)
    attributes["top_db"] = top_db;
  else
    attributes["noise_floor_db"] = request.parameters.number("noise_floor_db");
}

ValueId build_energies(const BlockRequest& request, bool mel) {
  Framing framing;
  if (!one_axis(request) || !find_framing(request, &framing)) return -1;
  Attributes attributes = filterbank_attributes(request, framing);
  if (mel) {
    add_mel(request, attributes);
    attributes["pre_emphasis"] = request.parameters.number("pre_cof");
  }
  add_decibels(request, attributes);
  const ValueId frame = add_frames(request, framing);
  const ValueId energies = request.graph.add_node(log_filterbank_op, node_name(request, "energies"),
                                                  {frame}, std::move(attributes));
  const ValueId window = add_frame_window(request, framing, energies);
  if (request.parameters.number("top_db") == 0) return window;
  return request.graph.add_node(relative_level_op, node_name(request, "levels"), {window}, {});
}

ValueId build_mfe(BlockRequest request) { return build_energies(request, true); }
ValueId build_spectrogram(BlockRequest request) { return build_energies(request, false); }

ValueId build_mfcc(BlockRequest request) {
  Framing framing;
  if (!one_axis(request) || !find_framing(request, &framing)) return -1;
  Graph& graph = request.graph;
  const Parameters& p = request.parameters;
  Attributes attributes = filterbank_attributes(request, framing);
  add_mel(request, attributes);
  attributes["pre_emphasis"] = p.number("pre_cof");
  const ValueId frame = add_frames(request, framing);
  const ValueId energies = graph.add_node(log_filterbank_op, node_name(request, "energies"),
                                          {frame}, std::move(attributes));
  const ValueId cepstra = graph.add_node(dct_op, node_name(request, "cepstra"), {energies},
                                         {{"count", p.integer("num_cepstral")}});
  const ValueId window = add_frame_window(request, framing, cepstra);
  if (p.integer("win_size") == 0) return window;
  return graph.add_node(cmvn_op, node_name(request, "normalised"), {window},
                        {{"win_size", p.integer("win_size")}});
}

}  // namespace

std::vector<BlockBuilder> frame_blocks() {
  return {{{"mfe", "mel filterbank energies of one axis, in decibels, as a share of their range",
            frame_parameters(0.01) + mel_parameters(40) + decibel_parameters() +
                Specs{{"pre_cof", 0.0, 0, 1, {}, "pre-emphasis"}}},
           build_mfe},
          {{"mfcc", "mel frequency cepstral coefficients of one axis",
            frame_parameters(0.02) + mel_parameters(32) + cepstral_parameters()},
           build_mfcc},
          {{"spectrogram",
            "power of each frequency bin of one axis, in decibels, as a share of their range",
            frame_parameters(0.01) + decibel_parameters()},
           build_spectrogram}};
}

}  // namespace mote
