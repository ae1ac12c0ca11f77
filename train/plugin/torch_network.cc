// SPDX-License-Identifier: Apache-2.0
// Layers in libtorch. See torch_network.h.
#include "train/plugin/torch_network.h"

#include <cmath>

namespace mote {
namespace {

using torch::Tensor;

// Wide enough that a channel which hardly ever varies is not blown up by folding, and so costs int8
// nothing.
constexpr double kBatchNormEpsilon = 1e-3;
constexpr double kBatchNormMomentum = 0.1;

bool is_conv(const TrainedLayer& layer) { return layer.op == "conv_2d"; }
bool is_depthwise(const TrainedLayer& layer) { return layer.op == "depthwise_conv_2d"; }

int64_t integer(const TrainedLayer& layer, const char* name) {
  return std::get<int64_t>(layer.attributes.at(name));
}
const std::string& word(const TrainedLayer& layer, const char* name) {
  return std::get<std::string>(layer.attributes.at(name));
}

// [out, kh, kw, in] or [1, kh, kw, out] -> libtorch's [out, in / groups, kh, kw], and back.
Tensor to_torch(const TrainedLayer& layer, const Tensor& weights) {
  if (is_conv(layer)) return weights.permute({0, 3, 1, 2}).contiguous();
  if (is_depthwise(layer)) return weights.permute({3, 0, 1, 2}).contiguous();
  return weights.clone();
}
Tensor from_torch(const TrainedLayer& layer, const Tensor& weights) {
  if (is_conv(layer)) return weights.permute({0, 2, 3, 1}).contiguous();
  if (is_depthwise(layer)) return weights.permute({1, 2, 3, 0}).contiguous();
  return weights.contiguous();
}

std::vector<int64_t> sizes(const Shape& shape) { return {shape.begin(), shape.end()}; }
std::vector<float> plain(const Tensor& tensor) {
  const Tensor flat = tensor.detach().contiguous();
  return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}
Tensor tensor_of(const std::vector<float>& values, const std::vector<int64_t>& shape) {
  return torch::from_blob(const_cast<float*>(values.data()), shape, torch::kFloat32).clone();
}

// Even in +-1 / sqrt(fan in), as libtorch's own layers start. Before batch norm the size of weights
// only sets how far a step of the optimiser turns them; starting 2.4 times larger (He et al. 2015)
// cost 2 points on speakers that training had not heard.
Tensor initial_weights(const TrainedLayer& layer) {
  const auto shape = sizes(layer.weights_shape);
  if (!layer.weights.empty()) return to_torch(layer, tensor_of(layer.weights, shape));
  int64_t fan_in = 1;
  const size_t out_axis = is_depthwise(layer) ? 3 : 0;
  for (size_t i = 0; i < shape.size(); ++i)
    if (i != out_axis) fan_in *= shape[i];
  return to_torch(layer, (2 * torch::rand(shape) - 1) / std::sqrt(double(fan_in)));
}

// Padding in front and behind, which libtorch's convolution cannot have unequal.
Tensor padded(const TrainedLayer& layer, const Tensor& x, int64_t kernel_h, int64_t kernel_w) {
  const bool same = word(layer, "padding") == "same";
  const auto h = spatial_extent(int32_t(x.size(2)), int32_t(kernel_h),
                                int32_t(integer(layer, "stride_h")), same);
  const auto w = spatial_extent(int32_t(x.size(3)), int32_t(kernel_w),
                                int32_t(integer(layer, "stride_w")), same);
  if (h.before + h.after + w.before + w.after == 0) return x;
  return torch::constant_pad_nd(x, {w.before, w.after, h.before, h.after}, 0);
}

Tensor convolved(const TrainedLayer& layer, const Tensor& x, const Tensor& weights,
                 const Tensor& bias) {
  const int64_t groups = is_depthwise(layer) ? weights.size(0) : 1;
  const std::vector<int64_t> stride{integer(layer, "stride_h"), integer(layer, "stride_w")};
  return torch::conv2d(padded(layer, x, weights.size(2), weights.size(3)), weights, bias, stride,
                       torch::IntArrayRef{0, 0}, torch::IntArrayRef{1, 1}, groups);
}

Tensor reshaped(const TrainedLayer& layer, const Tensor& x) {
  const Tensor rows = x.dim() == 4 ? x.permute({0, 2, 3, 1}) : x;
  std::vector<int64_t> shape = std::get<std::vector<int64_t>>(layer.attributes.at("shape"));
  if (shape.size() < 4) return rows.reshape({x.size(0), -1});
  shape[0] = x.size(0);
  return rows.reshape(shape).permute({0, 3, 1, 2});
}

Tensor pooled(const TrainedLayer& layer, const Tensor& x) {
  const std::vector<int64_t> kernel{integer(layer, "filter_h"), integer(layer, "filter_w")};
  const std::vector<int64_t> stride{integer(layer, "stride_h"), integer(layer, "stride_w")};
  TORCH_CHECK(word(layer, "padding") == "valid", "padded pooling is not trained");
  return layer.op == "max_pool_2d" ? torch::max_pool2d(x, kernel, stride)
                                   : torch::avg_pool2d(x, kernel, stride);
}

Tensor activated(const TrainedLayer& layer, const Tensor& x) {
  const std::string& name = word(layer, "activation");
  TORCH_CHECK(name == "none" || name == "relu", "activation ", name, " is not trained");
  return name == "relu" ? torch::relu(x) : x;
}

// int8 per output channel, symmetric; the gradient passes where nothing is clipped, which here is
// everywhere.
Tensor rounded_weights(const Tensor& weights) {
  const Tensor largest = weights.detach().flatten(1).abs().amax(1);
  const Tensor scales = torch::clamp_min(largest / 127, 1e-12);
  const Tensor zero_points = torch::zeros({scales.size(0)}, torch::kInt32);
  return torch::fake_quantize_per_channel_affine(weights, scales, zero_points, 0, -127, 127);
}

}  // namespace

TorchNetwork::TorchNetwork(const std::vector<LayerPlan>& layers) {
  for (const LayerPlan& plan : layers) {
    Stage stage{plan, {}, {}, {}, {}, {}, {}};
    if (!plan.layer.weights_shape.empty()) {
      stage.weights = initial_weights(plan.layer).set_requires_grad(true);
      const int64_t out = stage.weights.size(0);
      if (plan.batch_norm) {
        stage.gamma = torch::ones({out}).set_requires_grad(true);
        stage.beta = torch::zeros({out}).set_requires_grad(true);
        stage.running_mean = torch::zeros({out});
        stage.running_variance = torch::ones({out});
      } else {
        stage.bias =
            plan.layer.bias.empty() ? torch::zeros({out}) : tensor_of(plan.layer.bias, {out});
        stage.bias.set_requires_grad(true);
      }
    }
    stages_.push_back(std::move(stage));
  }
}

Tensor TorchNetwork::rounded(const Tensor& x, const Quantization& quantization) const {
  if (quantization.empty()) return x;
  return torch::fake_quantize_per_tensor_affine(x, quantization.scale(), quantization.zero_point(),
                                                -128, 127);
}

Tensor TorchNetwork::run(Stage& stage, const Tensor& x, bool training) const {
  const TrainedLayer& layer = stage.plan.layer;
  if (layer.op == "reshape") return reshaped(layer, x);
  if (!stage.weights.defined()) return pooled(layer, x);
  const Tensor input = stage.plan.dropout > 0 ? torch::dropout(x, stage.plan.dropout, training) : x;
  const Tensor weights = scales_ ? rounded_weights(stage.weights) : stage.weights;
  Tensor y = weights.dim() == 4 ? convolved(layer, input, weights, stage.bias)
                                : torch::linear(input, weights, stage.bias);
  if (stage.plan.batch_norm)
    y = torch::batch_norm(y, stage.gamma, stage.beta, stage.running_mean, stage.running_variance,
                          training, kBatchNormMomentum, kBatchNormEpsilon, false);
  return activated(layer, y);
}

Tensor TorchNetwork::logits(const Tensor& features, bool training) {
  Tensor x = scales_ ? rounded(features, scales_->features) : features;
  for (size_t i = 0; i < stages_.size(); ++i) {
    if (stages_[i].plan.layer.op == "softmax") break;
    x = run(stages_[i], x, training);
    if (scales_) x = rounded(x, scales_->layers.at(i));
  }
  return x;
}

std::vector<Tensor> TorchNetwork::decayed() const {
  std::vector<Tensor> all;
  for (const Stage& stage : stages_)
    if (stage.weights.defined()) all.push_back(stage.weights);
  return all;
}

std::vector<Tensor> TorchNetwork::undecayed() const {
  std::vector<Tensor> all;
  for (const Stage& stage : stages_)
    for (const Tensor& tensor : {stage.bias, stage.gamma, stage.beta})
      if (tensor.defined()) all.push_back(tensor);
  return all;
}

std::vector<Tensor> TorchNetwork::state() const {
  std::vector<Tensor> all = decayed();
  for (const Tensor& tensor : undecayed()) all.push_back(tensor);
  for (const Stage& stage : stages_)
    if (stage.plan.batch_norm) all.insert(all.end(), {stage.running_mean, stage.running_variance});
  return all;
}

std::vector<Tensor> TorchNetwork::snapshot() const {
  std::vector<Tensor> all;
  for (const Tensor& tensor : state()) all.push_back(tensor.detach().clone());
  return all;
}

void TorchNetwork::restore(const std::vector<Tensor>& tensors) {
  const torch::NoGradGuard no_grad;
  std::vector<Tensor> all = state();
  for (size_t i = 0; i < all.size(); ++i) all[i].copy_(tensors.at(i));
}

std::vector<TrainedLayer> TorchNetwork::folded() const {
  const torch::NoGradGuard no_grad;
  std::vector<TrainedLayer> layers;
  for (const Stage& stage : stages_) {
    TrainedLayer layer = stage.plan.layer;
    if (stage.weights.defined()) {
      Tensor weights = stage.weights;
      Tensor bias = stage.bias;
      if (stage.plan.batch_norm) {
        const Tensor factor = stage.gamma / torch::sqrt(stage.running_variance + kBatchNormEpsilon);
        std::vector<int64_t> shape(size_t(weights.dim()), 1);
        shape[0] = -1;
        weights = weights * factor.view(shape);
        bias = stage.beta - stage.running_mean * factor;
      }
      layer.weights = plain(from_torch(layer, weights));
      layer.bias = plain(bias);
    }
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace mote
