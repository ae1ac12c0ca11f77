// SPDX-License-Identifier: Apache-2.0
// See hop.h.
#include "project/hop.h"

#include <algorithm>

#include "compiler/passes/time_rules.h"
#include "graph/evaluator.h"

namespace mote {
namespace {

const Value& input_of(const Graph& graph) { return graph.value(graph.streams.at(0).value); }

int64_t frames_in(const Graph& graph, int32_t axis) { return input_of(graph).shape[size_t(axis)]; }

// Hops until a whole window has been pushed.
int64_t hops_in_window(const Graph& window, const Graph& by_hop) {
  const int32_t axis = time_axis(input_of(window).shape);
  const int64_t hop = frames_in(by_hop, axis);
  return (frames_in(window, axis) + hop - 1) / hop;
}

}  // namespace

ModelSamples read_frames(const Graph& window, const Graph& by_hop,
                         const std::vector<std::string>& words, Diagnostics& diagnostics) {
  const int64_t first = hops_in_window(window, by_hop);
  constexpr int64_t kMostAfterwards = 32;
  const SampleSeries series{time_axis(input_of(window).shape),
                            first + std::min(first, kMostAfterwards)};
  ModelSamples samples = read_samples(by_hop, words, diagnostics, series);
  if (samples.count < first)
    fail("wrong-input", words.at(0),
         "it holds " + std::to_string(samples.count) + " hops; a window has " +
             std::to_string(first),
         "give at least the frames of one window");
  return samples;
}

HopComparison compare_with_windows(const Graph& window, const Graph& by_hop,
                                   const ModelSamples& samples, const ModelAnswers& answers) {
  const int32_t axis = time_axis(input_of(window).shape);
  HopComparison comparison{frames_in(by_hop, axis), frames_in(window, axis), 0, 0};
  const int64_t window_bytes = input_of(window).bytes(), hop_bytes = input_of(by_hop).bytes();
  Evaluator evaluator(window, kFastKernels);
  for (int64_t n = hops_in_window(window, by_hop); n <= samples.count; ++n) {
    evaluator.push(0, samples.bytes.data() + n * hop_bytes - window_bytes);
    const auto answer = size_t(comparison.windows++);
    comparison.differing +=
        answer >= answers.outputs.size() || answers.outputs[answer] != evaluator.outputs();
  }
  return comparison;
}

bool is_equal(const FirmwareResult& result) {
  return result.bit_exact && (!result.hop || result.hop->differing == 0);
}

}  // namespace mote
