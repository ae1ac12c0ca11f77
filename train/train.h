// SPDX-License-Identifier: Apache-2.0
// The door of the training room. In: a model's description and standardised features with labels,
// as plain values. Out: a trained network as a list of layers with float weights (batch norm
// folded), which network.h appends to a Graph. The training library stands behind trainer.cc, in a
// shared library that is loaded when it is needed.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace mote {

// How weights are fitted. The defaults train small sensor data in seconds on two cores.
struct FitOptions {
  int32_t epochs = 0;  // 0: as many as give about 4,000 steps, at least 20, at most 200
  int32_t batch_size = 32;
  double learning_rate = 2e-3;  // the highest of the schedule
  // cosine, one-cycle (rises for a third, then falls), plateau (halved when validation stalls),
  // constant
  std::string schedule = "cosine";
  double weight_decay = 1e-2;  // AdamW's; not on biases and batch norm
  int32_t patience = 30;       // epochs without a lower validation loss before stopping; 0: never
  bool class_weights = true;  // each class counts the same in the loss, however many samples it has
  double label_smoothing = 0.05;
  uint64_t seed = 1;
  int32_t threads = 2;  // part of what makes weights repeatable: the same count, the same weights
};

// Changes to standardised features while training, drawn anew for every sample of every batch; each
// is off at 0. All but noise and mixup need features [frames, bins] or [frames, bins, 1]. Masks are
// SpecAugment's (Park et al. 2019); frequency_warp is vocal tract length perturbation (Jaitly and
// Hinton 2013) where bins lie along frequency (mfe, spectrogram).
struct FeatureAugmentation {
  double noise = 0.05;           // standard deviation of added Gaussian noise
  double mixup = 0;              // alpha of Beta(alpha, alpha); Zhang et al. 2018
  int32_t time_masks = 0;        // number of runs of frames set to 0, the mean
  int32_t time_mask_frames = 0;  // longest run
  int32_t frequency_masks = 0;
  int32_t frequency_mask_bins = 0;
  double time_stretch = 0;    // frames follow each other up to so much faster or slower
  double frequency_warp = 0;  // bins lie up to so much farther apart or nearer
  double equalise = 0;        // a slope and a bend along the bins: their standard deviation
};

// Which network. Empty lists are filled in by the kind's defaults (architecture.h); `kind` is
//   mlp     dense layers of `hidden` units                                     any features
//   cnn1d   convolutions over time of `channels`, each followed by max pooling  [window, axes] or
//   [frames, bins] dscnn   one convolution, then depthwise separable blocks of `channels` [frames,
//   bins] or [height, width, c]
struct ModelSpec {
  std::string name = "classifier";
  std::string kind = "mlp";
  std::vector<int32_t> hidden;    // mlp: units of each hidden layer
  std::vector<int32_t> channels;  // cnn1d, dscnn: output channels of each convolution
  std::vector<int32_t> kernel;  // cnn1d: {length}; dscnn: {height, width} of the first convolution
  std::vector<int32_t> stride;  // of the first convolution, as `kernel`
  int32_t pool = 2;             // cnn1d: max pooling after each convolution; 1: none
  bool batch_norm = true;
  double dropout = 0.1;  // before every dense layer but the first of an mlp
  FitOptions fit;
  FeatureAugmentation augmentation;
};

// Samples of one shape. `groups` (subject, session) say what belongs together when a part is held
// out.
struct TrainingSet {
  Shape feature_shape;  // {66}, {frames, coefficients}, {window, axes}, {height, width, channels}
  std::vector<float> features;  // [samples, feature_shape...], standardised
  std::vector<int32_t> labels;  // [samples], index into the classes
  std::vector<int32_t> groups;  // [samples], or empty

  int64_t size() const { return int64_t(labels.size()); }
};

// Validation is held out of training by the caller (hold_out.h helps), best by group. It may be
// empty: then all epochs are run and the last weights are kept.
struct TrainingData {
  std::vector<std::string> classes;
  TrainingSet training;
  TrainingSet validation;
};

// One layer of a network: an operator of the registry, its attributes, its constants. Weights as
// the operators have them: conv_2d [out, kh, kw, in], depthwise_conv_2d [1, kh, kw, out],
// fully_connected [out, in].
struct TrainedLayer {
  std::string name;  // "conv_1", unique in its network
  std::string op;    // "fully_connected", "conv_2d", "depthwise_conv_2d", "max_pool_2d",
                     // "average_pool_2d", "reshape", "softmax"
  Attributes attributes;
  Shape weights_shape;  // empty where the operator has no weights
  std::vector<float> weights;
  std::vector<float> bias;  // [out], or empty
};

struct TrainedNetwork {
  std::string name;
  Shape input_shape;  // the feature shape
  int32_t classes = 0;
  std::vector<TrainedLayer> layers;  // in order; the last is softmax
};

// What one epoch did. Validation figures are NaN without validation data.
struct EpochRecord {
  int32_t epoch = 0;   // from 1; 0: before fine tuning
  int32_t epochs = 0;  // planned
  double learning_rate = 0;
  double training_loss = 0;
  double training_accuracy = 0;  // on the augmented batches, with dropout
  double validation_loss = 0;    // plain cross entropy, weighted by class if the loss is
  double validation_accuracy = 0;
};

// Called after each epoch; false stops training, and what is best so far is returned with
// `cancelled` set.
using Progress = std::function<bool(const EpochRecord&)>;

struct TrainResult {
  TrainedNetwork network;
  std::vector<EpochRecord> history;
  int32_t best_epoch = 0;
  bool cancelled = false;
  std::vector<float>
      validation_scores;  // [validation samples, classes], softmax of the training library itself
  std::string error;      // what the training library refused; empty: none (trainer.cc throws it)
};

}  // namespace mote
