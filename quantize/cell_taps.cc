// SPDX-License-Identifier: Apache-2.0
// See cell_taps.h.
#include "quantize/cell_taps.h"

#include <cstring>

#include "graph/evaluator.h"
#include "graph/quantizer.h"
#include "graph/subgraph.h"
#include "ops/nn/sequence_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

// A layer whose inputs behind x are constant or not given; initial states may be computed.
bool is_heard(const NodeView& view) {
  return view.node().op == &lstm_op && view.input(0).type == ElementType::f32 &&
         why_float(view).empty();
}

// The same layer for a sequence of one step that goes on from push to push, from first to last.
Graph one_step(const NodeView& view, const SequenceSizes& sizes) {
  Graph graph;
  std::vector<ValueId> inputs{
      graph.add_tensor_stream("x", ElementType::f32, Shape{sizes.batches, 1, sizes.inputs}, {})};
  for (size_t i = 1; i < 13; ++i) inputs.push_back(copy_constant(graph, view.input(i)));
  Attributes attributes = view.node().attributes;
  attributes["time_major"] = int64_t{0};
  attributes["reverse"] = int64_t{0};
  attributes["keeps_state"] = int64_t{1};
  attributes["final_state"] = int64_t{0};
  graph.outputs = {graph.add_node(lstm_op, "step", inputs, attributes)};
  return graph;
}

}  // namespace

struct CellTaps::Layer {
  Layer(const NodeView& view)
      : x(view.node().inputs[0]),
        cell(view.node().states.at(1)),
        sizes(sequence_sizes(view, 1)),
        step(one_step(view, sizes)),
        evaluator(step),
        row(size_t(sizes.batches) * size_t(sizes.inputs) * sizeof(float)) {}

  // Step t of every batch, side by side.
  void gather(std::span<const uint8_t> bytes, int32_t t) {
    const size_t width = size_t(sizes.inputs) * sizeof(float);
    for (int32_t b = 0; b < sizes.batches; ++b) {
      const auto at = size_t(b) * size_t(sizes.batch_rows) + size_t(t) * size_t(sizes.step_rows);
      std::memcpy(row.data() + size_t(b) * width, bytes.data() + at * width, width);
    }
  }

  void run(std::span<const uint8_t> bytes, const Tap& tap) {
    if (!sizes.keeps_state) evaluator.reset();
    for (int32_t t = 0; t < sizes.steps; ++t) {
      gather(bytes, sizes.reverse ? sizes.steps - 1 - t : t);
      evaluator.push(0, row.data());
      tap(cell, evaluator.bytes(step.nodes[0].states.at(1)));
    }
  }

  ValueId x, cell;
  SequenceSizes sizes;
  Graph step;
  Evaluator evaluator;
  Bytes row;
};

CellTaps::CellTaps(const Graph& graph, Tap tap) : tap_(std::move(tap)) {
  for (const Node& node : graph.nodes) {
    const NodeView view(graph, node);
    if (is_heard(view)) layers_.push_back(std::make_unique<Layer>(view));
  }
}
CellTaps::~CellTaps() = default;

void CellTaps::reset() {
  for (auto& layer : layers_) layer->evaluator.reset();
}

void CellTaps::produced(ValueId id, std::span<const uint8_t> bytes) {
  for (auto& layer : layers_)
    if (layer->x == id) layer->run(bytes, tap_);
}

}  // namespace mote
