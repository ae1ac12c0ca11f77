// SPDX-License-Identifier: Apache-2.0
// From features to a whole model: standardisation, networks, quantisation, decision rule. In: the
// signal graph and the features of training windows. Out: the float graph and the integer graph
// that becomes firmware.
#pragma once
#include "project/signals.h"
#include "quantize/post_training.h"
#include "train/trainer.h"

namespace mote {

// The network's progress: which head, which epoch.
using TrainingProgress = std::function<void(const std::string& head, const EpochRecord&)>;

struct HeadResult {
  std::string name;
  std::vector<EpochRecord> history;
  int32_t best_epoch = 0;
  double validation_float =
      0;  // accuracy on the validation groups; on the training windows where there are none
  double validation_int8 = 0;
  bool fine_tuned =
      false;  // int8 cost more than the budget, so the network was trained on with rounding
  std::string features;  // names of the values between which the network lies
  std::string scores;
};

struct Model {
  Graph float_graph;
  Graph graph;  // integer; outputs: for each head its scores, its decision and its outlier score if
                // asked for
  std::vector<HeadResult> heads;
  QuantizeReport quantization;
};

struct ModelRequest {
  const Config* config = nullptr;
  const SignalGraph* signals = nullptr;
  const Extraction* training = nullptr;  // windows with labels, every class at least once
  std::vector<int32_t> groups;           // of each training window
  std::vector<std::string> classes;
};

// The network of one head alone, int8 features to int8 scores: what other runtimes can take.
Graph network_of(const Model& model, size_t head);

Model build_model(const ModelRequest& request, const TrainingProgress& progress,
                  Diagnostics& diagnostics);

}  // namespace mote
