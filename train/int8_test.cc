// SPDX-License-Identifier: Apache-2.0
// Training against the integer graph: for each kind of network, what fine tuning believes int8 does
// is what the int8 kernels do; and the outlier score on the device is the one that training
// defined.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "graph/evaluator.h"
#include "ops/registry.h"
#include "quantize/post_training.h"
#include "train/outlier.h"
#include "train/test_data.h"
#include "train/trainer.h"

namespace mote {
namespace {

TrainingData made_data(const std::string& kind) {
  TrainingData data{{"a", "b", "c"}, {}, {}};
  const auto make = [&](test::MadeData made) {
    if (kind == "mlp") return test::make_clouds(made, 12);
    return kind == "cnn1d" ? test::make_waves(made, 50, 3) : test::make_waves(made, 31, 9);
  };
  data.training = make({.samples = 240, .seed = 31});
  data.validation = make({.samples = 120, .seed = 32});
  return data;
}

ModelSpec quick(const std::string& kind) {
  ModelSpec spec;
  spec.kind = kind;
  spec.fit.epochs = kind == "mlp" ? 20 : 10;
  if (kind != "mlp") spec.channels = {8, 12, 12};
  return spec;
}

// The network alone as an integer graph, calibrated on the training features.
Graph integer_graph(const TrainedNetwork& network, const TrainingSet& training) {
  Graph graph;
  graph.name = "part";
  const ValueId features =
      graph.add_tensor_stream("features", ElementType::f32, network.input_shape, {});
  graph.outputs = {append_network(graph, features, network)};
  const auto source = rows_source(training.features, size_t(element_count(training.feature_shape)));
  const Calibration calibration = calibrate(graph, source);
  QuantizeReport report;
  Diagnostics diagnostics;
  return quantize(graph, calibration, {}, report, diagnostics);
}

// Its scores as real numbers, [samples, classes].
std::vector<float> integer_scores(const Graph& graph, const TrainingSet& set) {
  const Quantization& in = graph.value(graph.streams[0].value).quantization;
  const Quantization& out = graph.value(graph.outputs[0]).quantization;
  const auto width = size_t(element_count(set.feature_shape));
  Evaluator evaluator(graph);
  std::vector<int8_t> row(width);
  std::vector<float> scores;
  for (size_t i = 0; i < size_t(set.size()); ++i) {
    for (size_t k = 0; k < width; ++k) {
      const double level =
          std::nearbyint(set.features[i * width + k] / in.scale()) + in.zero_point();
      row[k] = int8_t(std::clamp(level, -128.0, 127.0));
    }
    evaluator.push(0, row.data());
    for (uint8_t byte : evaluator.outputs())
      scores.push_back(out.scale() * float(int8_t(byte) - out.zero_point()));
  }
  return scores;
}

int32_t winner(const std::vector<float>& scores, int64_t sample) {
  const float* row = scores.data() + sample * 3;
  return int32_t(std::max_element(row, row + 3) - row);
}

class EachKindInInt8 : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Kinds, EachKindInInt8, testing::Values("mlp", "cnn1d", "dscnn"),
                         [](const auto& kind) { return kind.param; });

TEST_P(EachKindInInt8, FineTuningSeesWhatTheKernelsDo) {
  if (!training_unavailable().empty())
    GTEST_SKIP() << "training is not built in: " << training_unavailable();
  const TrainingData data = made_data(GetParam());
  Diagnostics diagnostics;
  const TrainedNetwork network = train(quick(GetParam()), data, {}, diagnostics).network;
  const Graph graph = integer_graph(network, data.training);
  FineTune options;
  options.scales = activation_scales(graph, network);
  options.fit.epochs = 1;
  options.fit.learning_rate = 1e-9;  // only look: the weights stay where they are
  const TrainResult result = fine_tune(network, data, options, {});
  const std::vector<float> kernels = integer_scores(graph, data.validation);
  ASSERT_EQ(kernels.size(), result.validation_scores.size());
  double sum = 0;
  int64_t same = 0, right = 0;
  for (size_t i = 0; i < kernels.size(); ++i)
    sum += std::abs(double(kernels[i]) - double(result.validation_scores[i]));
  for (int64_t i = 0; i < data.validation.size(); ++i) {
    same += winner(kernels, i) == winner(result.validation_scores, i);
    right += winner(kernels, i) == data.validation.labels[size_t(i)];
  }
  // A score is a multiple of 1/256; biases and multipliers are rounded in the kernels only.
  EXPECT_LT(sum / double(kernels.size()), 1.5 / 256);
  EXPECT_GE(same, data.validation.size() - 2);
  EXPECT_GE(double(right) / double(data.validation.size()), 0.85);
}

// The device floors to 1/256; int8 features and centroids add their own rounding.
TEST(OutlierOnTheDevice, ScoresAsTrainingDefinedIt) {
  const TrainingSet set = test::make_clouds({.samples = 300, .seed = 4}, 6);
  const OutlierModel model = fit_outliers(set.features, 6, {.clusters = 5});
  for (const bool integer : {false, true}) {
    Graph graph;
    const Quantization q = integer ? per_tensor(4.0f / 128, 0) : Quantization{};
    const ValueId x =
        graph.add_tensor_stream("x", integer ? ElementType::s8 : ElementType::f32, {6}, q);
    const ValueId centroids =
        graph.add_constant("centroids", ElementType::f32, {model.clusters(), 6}, model.centroids);
    const ValueId radii =
        graph.add_constant("radii", ElementType::f32, {model.clusters()}, model.radii);
    graph.outputs = {graph.add_node(outlier_op, "outlier", {x, centroids, radii})};
    Evaluator evaluator(graph);
    for (int64_t i = 0; i < set.size(); ++i) {
      float sample[6];
      int8_t levels[6];
      for (int k = 0; k < 6; ++k) {
        levels[k] = int8_t(
            std::clamp(std::nearbyint(set.features[size_t(i * 6 + k)] * 32), -128.0f, 127.0f));
        sample[k] = integer ? float(levels[k]) / 32 : set.features[size_t(i * 6 + k)];
      }
      evaluator.push(0, integer ? static_cast<const void*>(levels) : sample);
      const Bytes bytes = evaluator.outputs();
      const double device = *reinterpret_cast<const int32_t*>(bytes.data()) / 256.0;
      ASSERT_NEAR(device, outlier_score(model, sample), integer ? 0.03 : 0.005) << i;
    }
  }
}

}  // namespace
}  // namespace mote
