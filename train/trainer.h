// SPDX-License-Identifier: Apache-2.0
// Training and fine tuning. In: a ModelSpec and TrainingData. Out: a TrainResult. The work is done
// by libmote_train.so (train/plugin), opened by the first call; without it every call fails with
// what to install.
#pragma once
#include <string>

#include "train/network.h"

namespace mote {

// Trains `spec` from random weights. Repeatable: the same data, options, threads and type of CPU
// give the same weights.
TrainResult train(const ModelSpec& spec, const TrainingData& data, const Progress& progress,
                  Diagnostics& diagnostics);

// Quantisation-aware training: what the network loses in int8 is trained back.
struct FineTune {
  ActivationScales scales;  // activation_scales() of the integer graph that lost accuracy
  FitOptions fit = {.epochs = 10, .learning_rate = 2e-4, .patience = 0, .label_smoothing = 0};
};

// Continues to train `network` with weights (per channel, symmetric, +-127) and activations rounded
// as in int8, gradients passed straight through. The best epoch by validation loss is kept, the
// start (epoch 0) included.
TrainResult fine_tune(const TrainedNetwork& network, const TrainingData& data,
                      const FineTune& options, const Progress& progress);

// The training library's own scores [samples, classes] of `network` on `features`: what the Graph
// must agree with.
std::vector<float> predict(const TrainedNetwork& network, const std::vector<float>& features);

// Empty if the training library can be used; else why not, and what to do.
std::string training_unavailable();

}  // namespace mote
