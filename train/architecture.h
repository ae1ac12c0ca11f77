// SPDX-License-Identifier: Apache-2.0
// From a ModelSpec and a feature shape to the list of layers to train: shapes and attributes, no
// weights yet. Both the training library and the Graph read this list, so a new architecture is one
// function in architecture.cc.
#pragma once
#include "train/train.h"

namespace mote {

// A layer before training. Batch norm stands between the layer and its fused activation; dropout
// before the layer.
struct LayerPlan {
  TrainedLayer layer;  // weights_shape given, weights and bias empty
  bool batch_norm = false;
  double dropout = 0;
};

// The kinds that `ModelSpec::kind` may name.
const std::vector<std::string>& model_kinds();

// The layers of `spec` on features of `feature_shape`, ending in a dense layer of `classes` and
// softmax. Fails where the kind is unknown or cannot take the shape.
std::vector<LayerPlan> plan_layers(const ModelSpec& spec, const Shape& feature_shape,
                                   int32_t classes);

// Weights and biases of all layers.
int64_t parameter_count(const std::vector<LayerPlan>& layers);

// Output size and the padding before and after of one spatial dimension, as TensorFlow's "same" and
// "valid" have them.
struct SpatialExtent {
  int32_t output = 0;
  int32_t before = 0;
  int32_t after = 0;
};
SpatialExtent spatial_extent(int32_t input, int32_t kernel, int32_t stride, bool same);

}  // namespace mote
