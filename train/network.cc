// SPDX-License-Identifier: Apache-2.0
// Trained layers as nodes of a Graph, and the way back to their scales. See network.h.
#include "train/network.h"

#include <algorithm>

#include "ops/registry.h"

namespace mote {
namespace {

std::string node_name(const TrainedNetwork& network, const TrainedLayer& layer) {
  return network.name + "/" + layer.name;
}

ValueId append_layer(Graph& graph, ValueId input, const TrainedLayer& layer,
                     const std::string& name) {
  const OpDef* op = find_op(layer.op);
  MOTE_ASSERT(op != nullptr);
  std::vector<ValueId> inputs{input};
  if (!layer.weights_shape.empty()) {
    inputs.push_back(graph.add_constant(name + "/weights", ElementType::f32, layer.weights_shape,
                                        layer.weights));
    inputs.push_back(layer.bias.empty()
                         ? -1
                         : graph.add_constant(name + "/bias", ElementType::f32,
                                              {int32_t(layer.bias.size())}, layer.bias));
  }
  return graph.add_node(*op, name, std::move(inputs), layer.attributes);
}

}  // namespace

ValueId append_network(Graph& graph, ValueId features, const TrainedNetwork& network) {
  if (graph.value(features).shape != network.input_shape)
    fail("wrong-feature-shape", "model \"" + network.name + "\"",
         "the features \"" + graph.value(features).name +
             "\" do not have the shape the model was trained on",
         "train again after changing the signal blocks");
  ValueId value = features;
  for (const TrainedLayer& layer : network.layers)
    value = append_layer(graph, value, layer, node_name(network, layer));
  return value;
}

ActivationScales activation_scales(const Graph& integer_graph, const TrainedNetwork& network) {
  ActivationScales scales;
  for (const TrainedLayer& layer : network.layers) {
    const std::string name = node_name(network, layer);
    const auto found = std::find_if(integer_graph.nodes.begin(), integer_graph.nodes.end(),
                                    [&](const Node& node) { return node.name == name; });
    if (found == integer_graph.nodes.end())
      fail("missing-layer", "model \"" + network.name + "\"",
           "the integer graph has no layer \"" + name + "\"");
    if (scales.layers.empty())
      scales.features = integer_graph.value(found->inputs.at(0)).quantization;
    scales.layers.push_back(integer_graph.value(found->outputs.at(0)).quantization);
  }
  return scales;
}

}  // namespace mote
