// SPDX-License-Identifier: Apache-2.0
// Quantisation-aware training: its rounding is int8's (against a plain simulation), it wins back
// what coarse rounding lost, and it never leaves a network worse than it got it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "ops/registry.h"
#include "train/test_data.h"
#include "train/trainer.h"

namespace mote {
namespace {

#define NEEDS_LIBTORCH()               \
  if (!training_unavailable().empty()) \
  GTEST_SKIP() << "training is not built in: " << training_unavailable()

// A trained network with the data it was trained on.
struct Trained {
  TrainingData data;
  TrainedNetwork network;
};
const Trained& trained() {
  static const Trained once = [] {
    Trained t{{{"a", "b", "c"}, {}, {}}, {}};
    t.data.training = test::make_clouds({.samples = 300, .seed = 21}, 12);
    t.data.validation = test::make_clouds({.samples = 150, .seed = 22}, 12);
    ModelSpec spec;
    spec.hidden = {16, 12};
    spec.fit.epochs = 30;
    Diagnostics diagnostics;
    t.network = train(spec, t.data, {}, diagnostics).network;
    return t;
  }();
  return once;
}

double rounded(double x, const Quantization& q) {
  if (q.empty()) return x;
  const double level = std::nearbyint(x / q.scale()) + q.zero_point();
  return (std::clamp(level, -128.0, 127.0) - q.zero_point()) * q.scale();
}

// Weights as int8 per output channel stands for them.
std::vector<float> rounded_weights(const TrainedLayer& layer) {
  std::vector<float> out = layer.weights;
  const size_t width = size_t(layer.weights_shape[1]);
  for (size_t row = 0; row < out.size(); row += width) {
    float largest = 0;
    for (size_t i = row; i < row + width; ++i) largest = std::max(largest, std::abs(out[i]));
    const float scale = largest / 127;
    for (size_t i = row; i < row + width; ++i) out[i] = std::nearbyint(out[i] / scale) * scale;
  }
  return out;
}

// Logits of a network of dense layers on one sample, with activations rounded where scales are
// given.
std::vector<double> simulate(const TrainedNetwork& network, const float* sample,
                             const ActivationScales* scales) {
  std::vector<double> x(sample, sample + element_count(network.input_shape));
  if (scales)
    for (double& v : x) v = rounded(v, scales->features);
  for (size_t l = 0; l < network.layers.size(); ++l) {
    const TrainedLayer& layer = network.layers[l];
    if (layer.op != "fully_connected") continue;
    const std::vector<float> w = scales ? rounded_weights(layer) : layer.weights;
    std::vector<double> y(layer.bias.begin(), layer.bias.end());
    for (size_t o = 0; o < y.size(); ++o) {
      for (size_t i = 0; i < x.size(); ++i) y[o] += double(w[o * x.size() + i]) * x[i];
      if (std::get<std::string>(layer.attributes.at("activation")) == "relu")
        y[o] = std::max(y[o], 0.0);
      if (scales) y[o] = rounded(y[o], scales->layers[l]);
    }
    x = y;
  }
  return x;
}

// Scales that span what the float network does on its training data, with `levels` steps instead of
// 255.
ActivationScales scales_with(const Trained& t, int32_t levels) {
  ActivationScales scales;
  scales.features = per_tensor(float(8.0 / levels), 0);
  for (size_t l = 0; l < t.network.layers.size(); ++l) {
    if (t.network.layers[l].op != "fully_connected") {
      scales.layers.push_back({});
      continue;
    }
    TrainedNetwork part = t.network;
    part.layers.resize(l + 1);
    double low = 0, high = 0;
    for (int64_t i = 0; i < t.data.training.size(); ++i)
      for (double v : simulate(part, t.data.training.features.data() + i * 12, nullptr))
        low = std::min(low, v), high = std::max(high, v);
    const float scale = float((high - low) / levels);
    scales.layers.push_back(
        per_tensor(scale, int32_t(std::clamp(-128 - low / scale, -128.0, 127.0))));
  }
  return scales;
}

TEST(FineTune, RoundsAsInt8Does) {
  NEEDS_LIBTORCH();
  const Trained& t = trained();
  FineTune options;
  options.scales = scales_with(t, 255);
  options.fit.epochs = 1;
  const TrainResult result = fine_tune(t.network, t.data, options, {});
  int64_t near = 0;
  for (int64_t i = 0; i < t.data.validation.size(); ++i) {
    auto y = simulate(result.network, t.data.validation.features.data() + i * 12, &options.scales);
    double sum = 0;
    for (double v : y) sum += std::exp(v);
    double difference = 0;
    for (size_t c = 0; c < 3; ++c)
      difference = std::max(
          difference,
          std::abs(std::exp(y[c]) / sum - double(result.validation_scores[size_t(i) * 3 + c])));
    near += difference < 1e-4;
  }
  // A number that lies on the border of two levels may fall to either side in float and in double.
  EXPECT_GE(near, t.data.validation.size() - 6);
}

TEST(FineTune, WinsBackWhatCoarseRoundingLost) {
  NEEDS_LIBTORCH();
  const Trained& t = trained();
  FineTune options;
  options.scales = scales_with(t, 6);
  options.fit.epochs = 20;
  options.fit.learning_rate = 2e-3;
  const TrainResult result = fine_tune(t.network, t.data, options, {});
  ASSERT_EQ(result.history.front().epoch, 0);
  const EpochRecord& best = result.history.at(size_t(result.best_epoch));
  EXPECT_LT(best.validation_loss, 0.8 * result.history.front().validation_loss);
  EXPECT_GT(best.validation_accuracy, result.history.front().validation_accuracy);
}

TEST(FineTune, KeepsTheStartWhereTrainingOnlyHarms) {
  NEEDS_LIBTORCH();
  const Trained& t = trained();
  FineTune options;
  options.scales = scales_with(t, 255);
  options.fit.epochs = 2;
  options.fit.learning_rate = 5;
  const TrainResult result = fine_tune(t.network, t.data, options, {});
  EXPECT_EQ(result.best_epoch, 0);
  EXPECT_EQ(result.history.size(), 3u);
  for (size_t l = 0; l < t.network.layers.size(); ++l) {
    EXPECT_EQ(result.network.layers[l].weights, t.network.layers[l].weights);
    EXPECT_EQ(result.network.layers[l].bias, t.network.layers[l].bias);
  }
}

TEST(ActivationScales, AreReadFromTheIntegerGraphByName) {
  TrainedNetwork network{"head", {4}, 2, {}};
  network.layers.push_back(
      {"dense_1", "fully_connected", {}, {2, 4}, std::vector<float>(8), {0, 0}});
  Graph graph;
  const ValueId x = graph.add_tensor_stream("x", ElementType::s8, {4}, per_tensor(0.03f, 0));
  const ValueId w = graph.add_constant("w", ElementType::s8, {2, 4}, std::vector<int8_t>(8, 1),
                                       per_tensor(0.01f, 0));
  graph.add_node(fully_connected_op, "head/dense_1", {x, w, -1},
                 {{"output_scale", 0.25}, {"output_zero_point", int64_t{-7}}});
  const ActivationScales scales = activation_scales(graph, network);
  EXPECT_EQ(scales.features, per_tensor(0.03f, 0));
  ASSERT_EQ(scales.layers.size(), 1u);
  EXPECT_EQ(scales.layers[0], per_tensor(0.25f, -7));
  network.layers[0].name = "dense_2";
  EXPECT_THROW(activation_scales(graph, network), UserError);
}

TEST(AppendNetwork, RefusesFeaturesOfAnotherShape) {
  TrainedNetwork network{"head", {4}, 2, {}};
  Graph graph;
  const ValueId x = graph.add_tensor_stream("x", ElementType::f32, {5}, {});
  EXPECT_THROW(append_network(graph, x, network), UserError);
}

}  // namespace
}  // namespace mote
