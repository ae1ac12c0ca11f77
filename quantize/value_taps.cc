// SPDX-License-Identifier: Apache-2.0
// Values as they are produced. See value_taps.h.
#include "quantize/value_taps.h"

namespace mote {

ValueTaps::ValueTaps(const Graph& graph, Tap tap)
    : graph_(graph), tap_(std::move(tap)), views_(graph.values.size()), evaluator_(graph, kFastKernels) {
  for (const Node& node : graph.nodes)
    if (node.op->alias == Alias::view) views_[size_t(node.inputs[0])].push_back(node.outputs[0]);
  evaluator_.observe(
      [this](int32_t node, std::span<const uint8_t> output) { produced(node, output); });
}

// Only a tensor stream carries numbers of interest, and that one has no made-up samples.
void ValueTaps::push(int32_t stream, const void* sample) {
  const auto* bytes = static_cast<const uint8_t*>(sample);
  for (const SamplePart& part : sample_parts(graph_, graph_.streams.at(size_t(stream))))
    tell(part.value, {bytes + part.offset, size_t(graph_.value(part.value).bytes())});
  evaluator_.push(stream, sample);
}

// The observer is told the bytes, not which output they are.
void ValueTaps::produced(int32_t node, std::span<const uint8_t> output) {
  for (ValueId id : graph_.nodes[size_t(node)].outputs)
    if (evaluator_.bytes(id).data() == output.data()) return tell(id, output);
}

void ValueTaps::tell(ValueId id, std::span<const uint8_t> bytes) {
  tap_(id, bytes);
  for (ValueId view : views_[size_t(id)]) tell(view, bytes);
}

}  // namespace mote
