// SPDX-License-Identifier: Apache-2.0
// From [[signal]] tables to nodes, and from recordings to features. See signals.h.
#include "project/signals.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mote {
namespace {

MissingPolicy missing_policy(const std::string& name) {
  if (name == "hold") return MissingPolicy::hold;
  if (name == "interpolate") return MissingPolicy::interpolate;
  return MissingPolicy::drop;  // "fail" stops at reading
}

std::vector<StreamAxis> stream_axes(const StreamSpec& stream) {
  std::vector<StreamAxis> axes;
  for (size_t a = 0; a < stream.axes.size(); ++a)
    axes.push_back({stream.axes[a].name, stream.axes[a].unit, stream.scales[a]});
  return axes;
}

int64_t samples(double ms, double rate_hz) {
  return std::max<int64_t>(1, std::llround(ms * rate_hz / 1000));
}

// Which blocks each head reads.
std::vector<std::vector<size_t>> heads_of(const Config& config) {
  std::vector<std::vector<size_t>> heads;
  for (const ModelConfig& model : config.models) {
    std::vector<size_t> blocks;
    for (size_t b = 0; b < config.signal.size(); ++b)
      if (model.input.empty() || std::find(model.input.begin(), model.input.end(),
                                           config.signal[b].name) != model.input.end())
        blocks.push_back(b);
    heads.push_back(std::move(blocks));
  }
  return heads;
}

// The number an element stands for.
float real_number(const Value& value, const uint8_t* bytes, int64_t i) {
  const float scale = value.quantization.scale();
  switch (value.type) {
    case ElementType::f32:
      return reinterpret_cast<const float*>(bytes)[i];
    case ElementType::s8:
      return scale * float(reinterpret_cast<const int8_t*>(bytes)[i]);
    case ElementType::s16:
      return scale * float(reinterpret_cast<const int16_t*>(bytes)[i]);
    case ElementType::s32:
      return float(double(scale) * reinterpret_cast<const int32_t*>(bytes)[i]);
    default:
      break;
  }
  internal_error(__FILE__, __LINE__, "a feature type that no block has");
}

}  // namespace

SignalGraph build_signals(const Config& config, const StreamSpec& stream,
                          Diagnostics& diagnostics) {
  SignalGraph out;
  out.graph.name = config.name;
  const ValueId input = out.graph.add_stream("sensor", stream_axes(stream), stream.rate_hz,
                                             missing_policy(config.data.missing));
  const WindowSpec window{samples(config.window.length_ms, stream.rate_hz),
                          samples(config.window.stride_ms, stream.rate_hz), stream.rate_hz};
  for (const BlockSpec& block : config.signal)
    out.graph.outputs.push_back(build_block(out.graph, block, input, window, diagnostics));
  diagnostics.stop_if_any();
  out.heads = heads_of(config);
  const Clock& clock = out.graph.value(out.graph.outputs.at(0)).clock;
  for (size_t b = 0; b < out.graph.outputs.size(); ++b)
    if (const Clock& other = out.graph.value(out.graph.outputs[b]).clock; !(other == clock))
      diagnostics.error("clocks-differ", config.file.string(),
                        "blocks '" + config.signal[0].name + "' and '" + config.signal[b].name +
                            "' do not decide at the same samples",
                        "choose frames that divide the window's length and stride");
  diagnostics.stop_if_any();
  out.window_samples = clock.phase.num / clock.phase.den;
  out.stride_samples = clock.period.num / clock.period.den;
  return out;
}

Extraction extract(const SignalGraph& signals, const std::vector<Take>& takes,
                   const Labelling& labelling, const std::function<void(double)>& progress) {
  Extraction out;
  const Graph& graph = signals.graph;
  for (ValueId id : graph.outputs) out.blocks.push_back({graph.value(id).shape, {}});
  Evaluator evaluator(graph);
  for (size_t t = 0; t < takes.size(); ++t) {
    evaluator.reset();
    bool first = true;
    play(evaluator, graph, takes[t].feeds, [&](int64_t step) {
      const int32_t label = label_of(takes[t], step, labelling);
      if (label < 0 || (labelling.whole && !first)) return;
      first = false;
      out.windows.push_back({t, step, label});
      for (size_t b = 0; b < out.blocks.size(); ++b) {
        const Value& value = graph.value(graph.outputs[b]);
        const uint8_t* bytes = evaluator.bytes(graph.outputs[b]).data();
        for (int64_t i = 0; i < value.elements(); ++i)
          out.blocks[b].values.push_back(real_number(value, bytes, i));
      }
    });
    if (progress) progress(double(t + 1) / double(takes.size()));
  }
  return out;
}

}  // namespace mote
