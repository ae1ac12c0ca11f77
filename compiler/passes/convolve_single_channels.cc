// SPDX-License-Identifier: Apache-2.0
// convolve_single_channels: before  y = depthwise_conv_2d(x), x of one channel, weights [1, h, w,
// o]
//                           after   y = conv_2d(x), weights [o, h, w, 1].
// Each output channel sums over the one input channel either way, in the same order of taps, with
// the same rounding. A convolution's kernels share what they load between output channels.
#include "compiler/passes/constant_inputs.h"
#include "compiler/passes/passes.h"
#include "graph/op_def.h"
#include "ops/registry.h"

namespace mote {
namespace {

bool is_single_channel(const Graph& graph, const Node& node) {
  return node.op == &depthwise_conv_2d_op && graph.value(node.inputs[0]).shape[3] == 1 &&
         graph.value(node.inputs[1]).kind == ValueKind::constant;
}

// The last dimension first.
Value turned(Value weights) {
  const int32_t outputs = weights.shape[3];
  const auto number = size_t(element_bytes(weights.type));
  const size_t step = size_t(outputs) * number;
  Bytes rows;
  for (int32_t o = 0; o < outputs; ++o)
    for (size_t at = size_t(o) * number; at < weights.data->size(); at += step)
      rows.insert(rows.end(), weights.data->begin() + int64_t(at),
                  weights.data->begin() + int64_t(at + number));
  weights.data = std::make_shared<const Bytes>(std::move(rows));
  weights.shape = {outputs, weights.shape[1], weights.shape[2], 1};
  weights.quantization.axis = 0;
  return weights;
}

}  // namespace

Graph convolve_single_channels(const Graph& graph) {
  Graph to = graph;
  ConstantInputs constants(to);
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (!is_single_channel(graph, graph.nodes[n])) continue;
    Node& node = to.nodes[n];
    node.op = &conv_2d_op;
    for (const AttributeSpec& spec : conv_2d_op.attributes)
      if (spec.initial) node.attributes.try_emplace(spec.name, *spec.initial);
    constants.put(node, 1, turned(graph.value(node.inputs[1])));
  }
  return to;
}

}  // namespace mote
