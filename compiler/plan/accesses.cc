// SPDX-License-Identifier: Apache-2.0
// See accesses.h. A layer's products say how often it reads: a layer that sums over channels
// gathers the window of a place once for all its outputs there and then multiplies it by the
// weights of some outputs at a time, a depthwise one reads for each product, its input or once a
// copy of it in scratch. Without products each byte is touched once.
#include "compiler/plan/accesses.h"

#include <algorithm>

#include "ops/registry.h"

namespace mote {
namespace {

// Products that a loaded byte of a window serves: outputs that a kernel sums side by side.
constexpr int64_t kSideBySide = 4;

// Places of an output that a kernel makes side by side, by one reading of weights.
constexpr int64_t kPlacesATime = 2;

// Values of one place of the output, for which one window is read.
int64_t outputs_of_window(const Graph& graph, const Node& node) {
  if (node.op == &depthwise_conv_2d_op) return 1;
  const auto& shape = graph.value(node.outputs[0]).shape;
  return shape.empty() ? 1 : std::max<int64_t>(1, shape.back());
}

}  // namespace

LayerAccesses accesses_of(const Graph& graph, const Layer& layer) {
  const Node& node = graph.nodes[size_t(layer.node)];
  const int64_t multiplied = layer.macs / kSideBySide;
  const int64_t gathered = layer.macs / outputs_of_window(graph, node);
  LayerAccesses accesses;
  accesses.output = graph.value(node.outputs[0]).bytes();
  const bool is_depthwise = node.op == &depthwise_conv_2d_op;
  const bool has_work = layer.call.scratch_bytes > 0;
  if (has_work) accesses.scratch = std::max(2 * layer.call.scratch_bytes, gathered + multiplied);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] < 0) {
      accesses.inputs.push_back(0);
      continue;
    }
    const int64_t bytes = graph.value(node.inputs[i]).bytes();
    const int64_t read =
        has_work ? (is_depthwise ? bytes : gathered) : std::max(gathered, multiplied);
    const int64_t times = i > 0 ? 0 : read;
    accesses.inputs.push_back(std::max(bytes, times));
  }
  return accesses;
}

void count_accesses(const Plan& plan, const std::vector<size_t>& request_of,
                    ArenaProblem& problem) {
  size_t scratch = problem.requests.size();
  for (const Layer& layer : plan.layers) scratch -= layer.call.scratch_bytes > 0;
  const size_t source_window = scratch - 1;
  const auto add = [&](size_t request, int64_t bytes) {
    if (request != SIZE_MAX) problem.requests[request].accesses += bytes;
  };
  const auto block_of = [&](ValueId id) {
    return request_of[size_t(plan.locations[size_t(id)].storage)];
  };
  for (const Layer& layer : plan.layers) {
    if (!layer.has_kernel) continue;
    const Node& node = plan.graph.nodes[size_t(layer.node)];
    const LayerAccesses accesses = accesses_of(plan.graph, layer);
    add(block_of(node.outputs[0]), accesses.output);
    if (layer.call.scratch_bytes > 0) add(scratch++, accesses.scratch);
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] < 0) continue;
      const bool is_window =
          plan.is_by_rows(layer.node) && node.inputs[i] == plan.loop->source().value;
      add(is_window ? source_window : block_of(node.inputs[i]), accesses.inputs[i]);
    }
  }
  if (!plan.loop) return;
  // Rows of the source come into its window; kept rows move down at each step.
  const RowLoop& loop = *plan.loop;
  const int64_t bytes = plan.graph.value(loop.source().value).bytes();
  add(block_of(loop.source().value), bytes);
  add(source_window, bytes);
  for (size_t v = 0; v + 1 < loop.values.size(); ++v)
    add(v == 0 ? source_window : request_of[size_t(loop.values[v].value)],
        2 * (loop.end - loop.begin) * int64_t(loop.values[v].window.kept_bytes()));
}

int64_t reads_of_tables(const Graph& graph, const Layer& layer) {
  const Value& output = graph.value(graph.nodes[size_t(layer.node)].outputs[0]);
  const int64_t places = output.shape.empty() ? 1 : output.elements() / output.shape.back();
  return std::max<int64_t>(1, places / kPlacesATime);
}

}  // namespace mote
