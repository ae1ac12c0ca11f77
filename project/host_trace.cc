// SPDX-License-Identifier: Apache-2.0
// See host_trace.h.
#include "project/host_trace.h"

#include "core/saved_state.h"
#include "project/streaming.h"

namespace mote {
namespace {

TraceRecording play_one(Evaluator& evaluator, const Graph& graph, const Playback& playback) {
  TraceRecording out;
  out.name = playback.name;
  out.observed = playback.observe;
  if (out.observed) out.layer_crc.assign(graph.nodes.size(), 0);
  const auto decided = [&](int64_t step) {
    out.decisions.push_back({uint32_t(step), evaluator.outputs()});
    if (!out.observed) return;
    const Bytes state = evaluator.save();
    // As the player: without the state's own check, over which a CRC would forget the state.
    out.state_crc = crc32(out.state_crc, state.data(), state.size() - kStateCheckBytes);
  };
  if (out.observed)
    evaluator.observe([&](int32_t node, std::span<const uint8_t> bytes) {
      out.layer_crc[size_t(node)] = crc32(out.layer_crc[size_t(node)], bytes.data(), bytes.size());
    });
  else
    evaluator.observe({});
  evaluator.reset();
  out.n_steps = uint32_t(play(evaluator, graph, playback.feeds, decided));
  return out;
}

}  // namespace

Trace host_trace(const Graph& graph, const std::vector<Playback>& playbacks,
                 const std::function<void(double)>& progress, InstructionSet kernels) {
  Trace trace;
  trace.model = graph.name;
  trace.place = "host";
  for (const Node& node : graph.nodes) trace.layers.push_back(node.name);
  Evaluator evaluator(graph, kernels);
  for (size_t i = 0; i < playbacks.size(); ++i) {
    trace.recordings.push_back(play_one(evaluator, graph, playbacks[i]));
    if (progress) progress(double(i + 1) / double(playbacks.size()));
  }
  return trace;
}

}  // namespace mote
