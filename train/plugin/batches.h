// SPDX-License-Identifier: Apache-2.0
// Batches of a TrainingSet: order, augmentation of features, mixup, and the loss of a batch. All
// random numbers come from libtorch's generator, which fit.cc seeds.
#pragma once
#include <torch/types.h>

#include "train/train.h"

namespace mote {

// A TrainingSet as tensors that share its memory: features [n, elements], labels [n].
struct TensorSet {
  torch::Tensor features;
  torch::Tensor labels;
};
TensorSet tensors_of(const TrainingSet& set);

// Features with labels, or with a mixture of two label vectors: share of `labels`, rest of
// `others`.
struct Batch {
  torch::Tensor features;
  torch::Tensor labels;
  torch::Tensor others;  // undefined without mixup
  double share = 1;
};

// A random order of n samples cut into batches of `size`. A last batch of one is dropped: batch
// norm needs two.
std::vector<torch::Tensor> shuffled_batches(int64_t n, int32_t size);

Batch make_batch(const TensorSet& set, const torch::Tensor& rows,
                 const FeatureAugmentation& augmentation, const Shape& feature_shape);

// What the loss is made of, the same for every batch.
struct LossTerms {
  torch::Tensor class_weights;  // undefined: all 1
  double label_smoothing = 0;
};
torch::Tensor batch_loss(const Batch& batch, const torch::Tensor& logits, const LossTerms& terms);

// samples / (classes present * samples of the class), 0 for a class without samples.
torch::Tensor balanced_class_weights(const torch::Tensor& labels, int64_t classes);

}  // namespace mote
