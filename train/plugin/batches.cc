// SPDX-License-Identifier: Apache-2.0
// Batches and their loss. See batches.h.
#include "train/plugin/batches.h"

#include <torch/nn/functional/loss.h>

namespace mote {
namespace {

using torch::Tensor;

// For each row of x [n, frames, bins] zeroes `count` runs of up to `longest` along `axis` (1:
// frames, 2: bins).
Tensor masked(Tensor x, int64_t axis, int32_t count, int32_t longest) {
  const int64_t n = x.size(0);
  const int64_t size = x.size(axis);
  const Tensor index = torch::arange(size).view({1, size});
  for (int32_t i = 0; i < count; ++i) {
    const Tensor length = torch::randint(0, std::min<int64_t>(longest, size) + 1, {n, 1});
    const Tensor begin = (torch::rand({n, 1}) * (size - length + 1)).floor();
    const Tensor hidden = index.ge(begin).logical_and(index.lt(begin + length));
    x = x.masked_fill(hidden.unsqueeze(axis == 1 ? 2 : 1), 0);
  }
  return x;
}

// A factor for each sample, from 1 - reach to 1 + reach.
Tensor factors(int64_t n, double reach) { return 1 + reach * (2 * torch::rand({n}) - 1); }

// x [n, frames, bins] read at time * stretch and frequency * warp, both counted from the first
// frame and bin; what lies beyond the last is the last.
Tensor stretched(const Tensor& x, double stretch, double warp) {
  const int64_t n = x.size(0);
  // affine_grid's rows give the place along bins and along frames; -1 is the first edge.
  const Tensor along_bins = factors(n, warp), along_frames = factors(n, stretch);
  Tensor theta = torch::zeros({n, 2, 3});
  theta.select(1, 0).select(1, 0).copy_(along_bins);
  theta.select(1, 0).select(1, 2).copy_(along_bins - 1);
  theta.select(1, 1).select(1, 1).copy_(along_frames);
  theta.select(1, 1).select(1, 2).copy_(along_frames - 1);
  const Tensor image = x.unsqueeze(1);
  const Tensor grid = torch::affine_grid_generator(theta, image.sizes(), /*align_corners=*/false);
  return torch::grid_sampler(image, grid, /*bilinear*/ 0, /*border*/ 1, /*align_corners=*/false)
      .squeeze(1);
}

constexpr double kClipped = 0.01;  // standard deviations within which a level is the least one

// x [n, frames, bins] as through another microphone: a slope, a bow and an S along the bins. What
// lies at a bin's least level is clipped (silence, the padding of a short recording) and stays
// there.
Tensor equalised(const Tensor& x, double deviation) {
  const int64_t n = x.size(0);
  const Tensor place = torch::linspace(-1, 1, x.size(2)).view({1, -1});
  const double pi = 3.141592653589793;
  const auto drawn = [&] { return deviation * torch::randn({n, 1}); };
  const Tensor slope = drawn() * place;
  const Tensor bow = drawn() * (place * pi).cos();
  const Tensor s = drawn() * (place * pi).sin();
  const Tensor least = x.amin({0, 1});
  const Tensor moved = torch::maximum(x + (slope + bow + s).unsqueeze(1), least);
  return torch::where(x.gt(least + kClipped), moved, x);
}

Tensor augmented(Tensor x, const FeatureAugmentation& augmentation, const Shape& shape) {
  const FeatureAugmentation& a = augmentation;
  const bool moves = a.time_stretch + a.frequency_warp > 0;
  const bool masks = a.time_masks + a.frequency_masks > 0;
  if (!moves && !masks && a.equalise == 0)
    return a.noise > 0 ? x + torch::randn_like(x) * a.noise : x;
  Tensor image = x.view({x.size(0), shape[0], shape[1]});
  if (moves) image = stretched(image, a.time_stretch, a.frequency_warp);
  if (a.equalise > 0) image = equalised(image, a.equalise);
  if (a.noise > 0) image = image + torch::randn_like(image) * a.noise;
  image = masked(image, 1, a.time_masks, a.time_mask_frames);
  image = masked(image, 2, a.frequency_masks, a.frequency_mask_bins);
  return image.view({x.size(0), -1});
}

// Beta(alpha, alpha) from two gamma numbers.
double mixing_share(double alpha) {
  const Tensor gamma = torch::_standard_gamma(torch::full({2}, alpha, torch::kFloat64));
  const double a = gamma[0].item<double>();
  const double b = gamma[1].item<double>();
  return a + b > 0 ? a / (a + b) : 1;
}

Tensor cross_entropy(const Tensor& logits, const Tensor& labels, const LossTerms& terms) {
  namespace F = torch::nn::functional;
  return F::cross_entropy(logits, labels,
                          F::CrossEntropyFuncOptions()
                              .weight(terms.class_weights)
                              .label_smoothing(terms.label_smoothing));
}

}  // namespace

TensorSet tensors_of(const TrainingSet& set) {
  const int64_t elements = element_count(set.feature_shape);
  return {torch::from_blob(const_cast<float*>(set.features.data()), {set.size(), elements},
                           torch::kFloat32),
          torch::from_blob(const_cast<int32_t*>(set.labels.data()), {set.size()}, torch::kInt32)
              .to(torch::kInt64)};
}

std::vector<Tensor> shuffled_batches(int64_t n, int32_t size) {
  const Tensor order = torch::randperm(n);
  std::vector<Tensor> batches = torch::split(order, size);
  if (batches.back().size(0) == 1 && batches.size() > 1) batches.pop_back();
  return batches;
}

Batch make_batch(const TensorSet& set, const Tensor& rows, const FeatureAugmentation& augmentation,
                 const Shape& feature_shape) {
  Batch batch;
  batch.features = augmented(set.features.index_select(0, rows), augmentation, feature_shape);
  batch.labels = set.labels.index_select(0, rows);
  if (augmentation.mixup <= 0) return batch;
  const Tensor partner = torch::randperm(rows.size(0));
  batch.share = mixing_share(augmentation.mixup);
  batch.others = batch.labels.index_select(0, partner);
  batch.features =
      batch.features * batch.share + batch.features.index_select(0, partner) * (1 - batch.share);
  return batch;
}

Tensor batch_loss(const Batch& batch, const Tensor& logits, const LossTerms& terms) {
  const Tensor loss = cross_entropy(logits, batch.labels, terms);
  if (!batch.others.defined()) return loss;
  return loss * batch.share + cross_entropy(logits, batch.others, terms) * (1 - batch.share);
}

Tensor balanced_class_weights(const Tensor& labels, int64_t classes) {
  const Tensor counts = torch::bincount(labels, {}, classes).to(torch::kFloat32);
  const Tensor present = counts.gt(0).to(torch::kFloat32);
  return present * double(labels.size(0)) / (counts.clamp_min(1) * present.sum());
}

}  // namespace mote
