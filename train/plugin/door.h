// SPDX-License-Identifier: Apache-2.0
// The door between trainer.cc and libmote_train.so: one C function over C++ values. Both sides come
// out of one build, so the values' layout is the same; mote_train_layout() tells a library of
// another build apart.
#pragma once
#include "train/architecture.h"
#include "train/trainer.h"

namespace mote {

enum class TrainTask : int32_t { fit, fine_tune, predict };

// What a task does not need stays null. Everything has been checked by the caller.
struct TrainRequest {
  TrainTask task = TrainTask::fit;
  std::string name;  // of the network
  Shape input_shape;
  int32_t classes = 0;
  const std::vector<LayerPlan>* layers = nullptr;  // the network: planned (fit) or with weights
  const TrainingData* data = nullptr;              // fit, fine_tune
  const FitOptions* fit = nullptr;
  const FeatureAugmentation* augmentation = nullptr;
  const ActivationScales* scales = nullptr;      // fine_tune
  const std::vector<float>* features = nullptr;  // predict: [samples, feature_shape...]
  Progress progress;                             // may be empty
};

constexpr int32_t kTrainDoorVersion = 1;

// A number that differs where the values at this door are laid out differently.
constexpr int32_t train_layout() {
  return kTrainDoorVersion * 1000003 +
         int32_t(sizeof(TrainRequest) * 8191 + sizeof(TrainResult) * 257 + sizeof(FitOptions) * 31 +
                 sizeof(LayerPlan));
}

}  // namespace mote

extern "C" {
#pragma GCC visibility push(default)
int32_t mote_train_layout();
// Fills `result`; never throws. 0, or 1 with result->error set.
int32_t mote_train_run(const mote::TrainRequest* request, mote::TrainResult* result);
#pragma GCC visibility pop
}
