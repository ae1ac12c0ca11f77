// SPDX-License-Identifier: Apache-2.0
// AdamW, schedule, early stopping. See fit.h.
#include "train/plugin/fit.h"

#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/adamw.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "train/plugin/batches.h"

namespace mote {
namespace {

using torch::Tensor;

constexpr double kLargestGradientNorm = 5;
constexpr double kWarmUp = 0.05;          // share of all steps in which the learning rate rises
constexpr double kRise = 0.3;             // share of all steps of the rising half of one cycle
constexpr double kFirstCycleRate = 0.04;  // of the highest
constexpr double kLastCycleRate = 4e-6;   // of the highest
constexpr double kHighMomentum = 0.95, kLowMomentum = 0.85;
constexpr double kLastLearningRate = 0.01;  // of the highest, at the end of the cosine
constexpr int64_t kEvaluationRows = 512;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Where training stands within all its steps.
struct Clockwork {
  int64_t step = 0;
  int64_t steps = 0;
  double plateau_factor = 1;
};

double half_cosine(double from, double to, double share) {
  return to + (from - to) * 0.5 * (1 + std::cos(std::numbers::pi * share));
}

double share_done(const Clockwork& at) {
  return double(at.step) / double(std::max<int64_t>(at.steps, 1));
}

// How far in the rise, and how far in the fall, of one cycle; 0 .. 1 each.
struct CyclePlace {
  double rise = 0, fall = 0;
};
CyclePlace cycle_place(const Clockwork& at) {
  const double t = share_done(at);
  return {std::min(1.0, t / kRise), std::max(0.0, (t - kRise) / (1 - kRise))};
}

// One cycle (Smith and Topin 2018, "Super-Convergence"): momentum falls while the rate rises.
double one_cycle_rate(const FitOptions& options, const Clockwork& at) {
  const CyclePlace place = cycle_place(at);
  const double factor = place.rise < 1 ? half_cosine(kFirstCycleRate, 1, place.rise)
                                       : half_cosine(1, kLastCycleRate, place.fall);
  return options.learning_rate * factor;
}
double one_cycle_momentum(const Clockwork& at) {
  const CyclePlace place = cycle_place(at);
  return place.rise < 1 ? half_cosine(kHighMomentum, kLowMomentum, place.rise)
                        : half_cosine(kLowMomentum, kHighMomentum, place.fall);
}

double learning_rate(const FitOptions& options, const Clockwork& at) {
  if (options.schedule == "one-cycle") return one_cycle_rate(options, at);
  const double warm_up = std::max(1.0, kWarmUp * double(at.steps));
  const double ramp = std::min(1.0, double(at.step + 1) / warm_up);
  double factor = at.plateau_factor;
  if (options.schedule == "cosine") factor = half_cosine(1, kLastLearningRate, share_done(at));
  return options.learning_rate * ramp * factor;
}

// About 4,000 steps, which is seconds for the default networks.
int32_t planned_epochs(const FitOptions& options, int64_t samples) {
  if (options.epochs > 0) return options.epochs;
  const int64_t steps = (samples + options.batch_size - 1) / options.batch_size;
  return int32_t(std::clamp<int64_t>(4000 / steps, 20, 200));
}

class Fitter {
 public:
  Fitter(TorchNetwork& network, const TrainRequest& request, TrainResult& result)
      : network_(network),
        request_(request),
        options_(*request.fit),
        result_(result),
        training_(tensors_of(request.data->training)),
        validation_(tensors_of(request.data->validation)),
        optimizer_(parameter_groups(), torch::optim::AdamWOptions(options_.learning_rate)) {
    if (options_.class_weights)
      terms_.class_weights = balanced_class_weights(training_.labels, request.classes);
    validation_terms_ = terms_;
    terms_.label_smoothing = options_.label_smoothing;
    epochs_ = planned_epochs(options_, training_.labels.size(0));
  }

  void run() {
    best_ = network_.snapshot();
    if (request_.task == TrainTask::fine_tune && !finish_epoch(record(0))) return;
    for (int32_t epoch = 1; epoch <= epochs_ && !stalled(epoch); ++epoch)
      if (!finish_epoch(train_epoch(epoch))) break;
    network_.restore(best_);
  }

 private:
  std::vector<torch::optim::OptimizerParamGroup> parameter_groups() const {
    auto plain = std::make_unique<torch::optim::AdamWOptions>(options_.learning_rate);
    plain->weight_decay(0);
    auto decayed = std::make_unique<torch::optim::AdamWOptions>(options_.learning_rate);
    decayed->weight_decay(options_.weight_decay);
    std::vector<torch::optim::OptimizerParamGroup> groups;
    groups.emplace_back(network_.decayed(), std::move(decayed));
    groups.emplace_back(network_.undecayed(), std::move(plain));
    return groups;
  }

  EpochRecord record(int32_t epoch) const {
    EpochRecord r;
    r.epoch = epoch;
    r.epochs = epochs_;
    r.training_loss = r.training_accuracy = r.validation_loss = r.validation_accuracy = kNaN;
    return r;
  }

  bool has_validation() const { return validation_.labels.size(0) > 0; }
  bool stalled(int32_t epoch) const {
    return has_validation() && options_.patience > 0 &&
           epoch - 1 - result_.best_epoch >= options_.patience;
  }

  EpochRecord train_epoch(int32_t epoch) {
    EpochRecord r = record(epoch);
    double loss_sum = 0;
    int64_t hits = 0, rows_seen = 0;
    const auto batches = shuffled_batches(training_.labels.size(0), options_.batch_size);
    at_.steps = int64_t(batches.size()) * epochs_;
    for (const Tensor& rows : batches) {
      r.learning_rate = learning_rate(options_, at_);
      const Batch batch = make_batch(training_, rows, *request_.augmentation, request_.input_shape);
      const Tensor logits = network_.logits(batch.features, true);
      loss_sum +=
          descend(batch_loss(batch, logits, terms_), r.learning_rate) * double(rows.size(0));
      hits += logits.argmax(1).eq(batch.labels).sum().item<int64_t>();
      rows_seen += rows.size(0);
      ++at_.step;
    }
    r.training_loss = loss_sum / double(rows_seen);
    r.training_accuracy = double(hits) / double(rows_seen);
    if (!std::isfinite(r.training_loss))
      throw std::runtime_error("the loss is no longer finite in epoch " + std::to_string(epoch) +
                               ": use a lower learning_rate");
    return r;
  }

  // One step down the gradient; the loss as a number.
  double descend(const Tensor& loss, double rate) {
    optimizer_.zero_grad();
    loss.backward();
    for (auto& group : optimizer_.param_groups()) {
      torch::nn::utils::clip_grad_norm_(group.params(), kLargestGradientNorm);
      auto& adam = static_cast<torch::optim::AdamWOptions&>(group.options());
      adam.lr(rate);
      if (options_.schedule == "one-cycle")
        adam.betas({one_cycle_momentum(at_), std::get<1>(adam.betas())});
    }
    optimizer_.step();
    return loss.item<double>();
  }

  // Measures, keeps the best, tells the caller. False: stop.
  bool finish_epoch(EpochRecord r) {
    if (has_validation()) measure(r);
    const bool better = !has_validation() || !(r.validation_loss >= best_loss_);
    if (better) {
      best_loss_ = r.validation_loss;
      best_ = network_.snapshot();
      result_.best_epoch = last_cut_ = r.epoch;
    } else if (options_.schedule == "plateau" &&
               r.epoch - last_cut_ >= std::max(2, options_.patience / 4)) {
      at_.plateau_factor /= 2;
      last_cut_ = r.epoch;
    }
    result_.history.push_back(r);
    result_.cancelled = request_.progress && !request_.progress(r);
    return !result_.cancelled;
  }

  void measure(EpochRecord& r) {
    const torch::NoGradGuard no_grad;
    std::vector<Tensor> parts;
    for (const Tensor& part : torch::split(validation_.features, kEvaluationRows))
      parts.push_back(network_.logits(part, false));
    const Tensor logits = torch::cat(parts);
    r.validation_loss =
        batch_loss({validation_.features, validation_.labels, {}, 1}, logits, validation_terms_)
            .item<double>();
    r.validation_accuracy =
        logits.argmax(1).eq(validation_.labels).to(torch::kFloat64).mean().item<double>();
  }

  TorchNetwork& network_;
  const TrainRequest& request_;
  const FitOptions& options_;
  TrainResult& result_;
  TensorSet training_;
  TensorSet validation_;
  torch::optim::AdamW optimizer_;
  LossTerms terms_;
  LossTerms validation_terms_;
  Clockwork at_;
  int32_t epochs_ = 0;
  int32_t last_cut_ = 0;  // epoch of the last improvement or halving
  double best_loss_ = std::numeric_limits<double>::infinity();
  std::vector<Tensor> best_;
};

}  // namespace

void fit(TorchNetwork& network, const TrainRequest& request, TrainResult& result) {
  Fitter(network, request, result).run();
  const TensorSet validation = tensors_of(request.data->validation);
  if (validation.labels.size(0) > 0)
    result.validation_scores = scores_of(network, validation.features);
}

std::vector<float> scores_of(TorchNetwork& network, const Tensor& features) {
  const torch::NoGradGuard no_grad;
  std::vector<float> scores;
  for (const Tensor& part : torch::split(features, kEvaluationRows)) {
    const Tensor rows = torch::softmax(network.logits(part, false), 1).contiguous();
    scores.insert(scores.end(), rows.data_ptr<float>(), rows.data_ptr<float>() + rows.numel());
  }
  return scores;
}

}  // namespace mote
