// SPDX-License-Identifier: Apache-2.0
// The training loop, for training from random weights and for fine tuning alike.
#pragma once
#include "train/plugin/torch_network.h"

namespace mote {

// Fits `network` as the request says and fills in the result's history, best epoch and validation
// scores. Leaves the best weights in `network`. A network that already has weights may come out
// unchanged (epoch 0).
void fit(TorchNetwork& network, const TrainRequest& request, TrainResult& result);

// softmax of the logits, [n, classes], in pieces that bound the memory used.
std::vector<float> scores_of(TorchNetwork& network, const torch::Tensor& features);

}  // namespace mote
