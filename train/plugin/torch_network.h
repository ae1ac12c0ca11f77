// SPDX-License-Identifier: Apache-2.0
// A list of layers as libtorch tensors: the forward pass with its gradient, int8 rounding for fine
// tuning, and the way back to plain weights with batch norm folded in. Images are [n, channels,
// height, width] in here.
#pragma once
#include <torch/types.h>

#include "train/plugin/door.h"

namespace mote {

class TorchNetwork {
 public:
  // Layers with weights start from them, the others from random ones drawn in order.
  explicit TorchNetwork(const std::vector<LayerPlan>& layers);

  // Rounds weights and activations as int8 would from now on.
  void round_to(const ActivationScales& scales) { scales_ = &scales; }

  // features [n, elements of a sample] -> [n, classes], before softmax. `training`: dropout on,
  // batch statistics used.
  torch::Tensor logits(const torch::Tensor& features, bool training);

  // What weight decay applies to, and what it does not.
  std::vector<torch::Tensor> decayed() const;
  std::vector<torch::Tensor> undecayed() const;

  // Every tensor that training changes, copied; and put back.
  std::vector<torch::Tensor> snapshot() const;
  void restore(const std::vector<torch::Tensor>& tensors);

  // Plain layers, NHWC order, batch norm folded.
  std::vector<TrainedLayer> folded() const;

 private:
  struct Stage {
    LayerPlan plan;
    torch::Tensor weights;  // [out, in, kh, kw] or [out, in]
    torch::Tensor bias;     // [out]; not with batch norm
    torch::Tensor gamma, beta, running_mean, running_variance;
  };

  torch::Tensor run(Stage& stage, const torch::Tensor& x, bool training) const;
  torch::Tensor rounded(const torch::Tensor& x, const Quantization& quantization) const;
  std::vector<torch::Tensor> state() const;

  std::vector<Stage> stages_;
  const ActivationScales* scales_ = nullptr;
};

}  // namespace mote
