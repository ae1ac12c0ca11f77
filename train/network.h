// SPDX-License-Identifier: Apache-2.0
// A trained network in a Graph. In: the value that holds the standardised features. Out: float
// nodes named
// "<network>/<layer>" with their constants; quantize/ turns them into integers later.
#pragma once
#include "train/train.h"

namespace mote {

// Appends the layers of `network` and returns the scores: softmax over the classes. Fails where
// `features` does not have the network's input shape.
ValueId append_network(Graph& graph, ValueId features, const TrainedNetwork& network);

// The activation scales that the integer form of the network uses: of the features, then of each
// layer's output. Empty where a layer has none. This is what fine_tune() trains against.
struct ActivationScales {
  Quantization features;
  std::vector<Quantization> layers;
};

// Reads them from `integer_graph`, in which the nodes keep their names. Fails if a layer is not
// there.
ActivationScales activation_scales(const Graph& integer_graph, const TrainedNetwork& network);

}  // namespace mote
