// SPDX-License-Identifier: Apache-2.0
// Training as a whole: it learns, repeats itself, stops, can be cancelled, and its weights mean in
// the Graph what they mean in the training library.
#include "train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "graph/evaluator.h"
#include "train/test_data.h"

namespace mote {
namespace {

using test::MadeData;

#define NEEDS_LIBTORCH()               \
  if (!training_unavailable().empty()) \
  GTEST_SKIP() << "training is not built in: " << training_unavailable()

TrainingData made_data(const std::string& kind) {
  TrainingData data{{"a", "b", "c"}, {}, {}};
  const auto make = [&](MadeData made) {
    if (kind == "mlp") return test::make_clouds(made, 12);
    if (kind == "cnn1d") return test::make_waves(made, 50, 3);
    return test::make_waves(made, 31, 9);
  };
  data.training = make({.samples = 300, .seed = 11});
  data.validation = make({.samples = 150, .seed = 12});
  return data;
}

ModelSpec quick(const std::string& kind) {
  ModelSpec spec;
  spec.kind = kind;
  spec.fit.epochs = kind == "mlp" ? 30 : 8;
  if (kind != "mlp") spec.channels = {8, 12, 12};
  return spec;
}

TrainResult train_quietly(const ModelSpec& spec, const TrainingData& data) {
  Diagnostics diagnostics;
  return train(spec, data, {}, diagnostics);
}

// Scores of a Graph that holds nothing but the network, sample by sample.
std::vector<float> graph_scores(const TrainedNetwork& network, const TrainingSet& set) {
  Graph graph;
  const ValueId features =
      graph.add_tensor_stream("features", ElementType::f32, network.input_shape, {});
  graph.outputs = {append_network(graph, features, network)};
  Evaluator evaluator(graph);
  std::vector<float> scores;
  for (int64_t i = 0; i < set.size(); ++i) {
    evaluator.push(0, set.features.data() + i * element_count(set.feature_shape));
    const Bytes bytes = evaluator.outputs();
    const auto* values = reinterpret_cast<const float*>(bytes.data());
    scores.insert(scores.end(), values, values + network.classes);
  }
  return scores;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  EXPECT_EQ(a.size(), b.size());
  double largest = 0;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    largest = std::max(largest, std::abs(double(a[i]) - double(b[i])));
  return largest;
}

class EachKind : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Kinds, EachKind, testing::Values("mlp", "cnn1d", "dscnn"),
                         [](const auto& kind) { return kind.param; });

TEST_P(EachKind, LearnsAndAgreesWithTheGraph) {
  NEEDS_LIBTORCH();
  const TrainingData data = made_data(GetParam());
  const TrainResult result = train_quietly(quick(GetParam()), data);
  ASSERT_FALSE(result.history.empty());
  const EpochRecord& best = result.history.at(size_t(result.best_epoch) - 1);
  EXPECT_EQ(best.epoch, result.best_epoch);
  EXPECT_GT(best.validation_accuracy, 0.9);
  EXPECT_GT(result.history.front().validation_loss, best.validation_loss);
  // Batch norm as libtorch trained it against the folded weights in libtorch, then in the device's
  // own kernels.
  EXPECT_LT(largest_difference(result.validation_scores,
                               predict(result.network, data.validation.features)),
            1e-4);
  EXPECT_LT(
      largest_difference(result.validation_scores, graph_scores(result.network, data.validation)),
      1e-4);
}

TEST_P(EachKind, RepeatsItselfAndFollowsTheSeed) {
  NEEDS_LIBTORCH();
  const TrainingData data = made_data(GetParam());
  ModelSpec spec = quick(GetParam());
  spec.fit.epochs = 2;
  spec.augmentation.mixup = 0.2;
  const TrainResult first = train_quietly(spec, data);
  const TrainResult second = train_quietly(spec, data);
  EXPECT_EQ(first.validation_scores, second.validation_scores);
  for (size_t i = 0; i < first.network.layers.size(); ++i)
    EXPECT_EQ(first.network.layers[i].weights, second.network.layers[i].weights);
  spec.fit.seed = 2;
  EXPECT_NE(train_quietly(spec, data).validation_scores, first.validation_scores);
}

TEST(Train, KeepsTheBestWeightsWhenItStopsEarly) {
  NEEDS_LIBTORCH();
  TrainingData data = made_data("mlp");
  Random random(3);
  for (int32_t& label : data.training.labels)
    label = int32_t(random.below(3));  // nothing to learn: it can only overfit
  ModelSpec spec = quick("mlp");
  spec.fit.epochs = 200;
  spec.fit.patience = 4;
  const TrainResult result = train_quietly(spec, data);
  EXPECT_EQ(int32_t(result.history.size()), result.best_epoch + 4);
  const auto best = std::min_element(
      result.history.begin(), result.history.end(),
      [](const auto& a, const auto& b) { return a.validation_loss < b.validation_loss; });
  EXPECT_EQ(best->epoch, result.best_epoch);
  int64_t hits = 0;
  for (int64_t i = 0; i < data.validation.size(); ++i) {
    const float* row = result.validation_scores.data() + i * 3;
    hits += std::max_element(row, row + 3) - row == data.validation.labels[size_t(i)];
  }
  EXPECT_NEAR(double(hits) / double(data.validation.size()), best->validation_accuracy, 1e-9);
}

TEST(Train, StopsWhenToldTo) {
  NEEDS_LIBTORCH();
  Diagnostics diagnostics;
  int32_t calls = 0;
  const TrainResult result = train(
      quick("mlp"), made_data("mlp"), [&](const EpochRecord& r) { return ++calls, r.epoch < 3; },
      diagnostics);
  EXPECT_TRUE(result.cancelled);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(result.history.size(), 3u);
  EXPECT_FALSE(result.network.layers.front().weights.empty());
}

TEST(Train, RunsAllEpochsWithoutValidation) {
  NEEDS_LIBTORCH();
  TrainingData data = made_data("mlp");
  data.validation = {};
  const TrainResult result = train_quietly(quick("mlp"), data);
  EXPECT_EQ(result.history.size(), 30u);
  EXPECT_EQ(result.best_epoch, 30);
  EXPECT_TRUE(std::isnan(result.history.back().validation_loss));
  EXPECT_TRUE(result.validation_scores.empty());
}

TEST(Train, ClassWeightsHelpTheRareClass) {
  NEEDS_LIBTORCH();
  TrainingData data = made_data("mlp");
  Random random(9);
  TrainingSet rare = data.training;
  rare.features.clear(), rare.labels.clear(), rare.groups.clear();
  for (int64_t i = 0; i < data.training.size(); ++i) {
    if (data.training.labels[size_t(i)] == 2 && random.uniform() > 0.08) continue;
    const float* row = data.training.features.data() + i * 12;
    rare.features.insert(rare.features.end(), row, row + 12);
    rare.labels.push_back(data.training.labels[size_t(i)]);
  }
  data.training = rare;
  const auto recall_of_rare = [&](bool weights) {
    ModelSpec spec = quick("mlp");
    spec.fit.epochs = 10;
    spec.fit.class_weights = weights;
    const TrainResult result = train_quietly(spec, data);
    int64_t hits = 0;
    for (int64_t i = 0; i < data.validation.size(); ++i) {
      const float* row = result.validation_scores.data() + i * 3;
      hits += data.validation.labels[size_t(i)] == 2 && std::max_element(row, row + 3) == row + 2;
    }
    return hits;
  };
  EXPECT_GT(recall_of_rare(true), recall_of_rare(false));
}

bool is_slower(const EpochRecord& a, const EpochRecord& b) {
  return a.learning_rate < b.learning_rate;
}

TEST(Train, PlateauScheduleHalvesTheRate) {
  NEEDS_LIBTORCH();
  ModelSpec spec = quick("mlp");
  spec.fit.schedule = "plateau";
  spec.fit.patience = 8;
  spec.fit.epochs = 100;
  const TrainResult result = train_quietly(spec, made_data("mlp"));
  const auto lowest = std::min_element(result.history.begin(), result.history.end(), is_slower);
  EXPECT_LE(result.history.back().learning_rate, spec.fit.learning_rate / 2);
  EXPECT_GT(lowest->learning_rate, 0);
}

// torch.optim.lr_scheduler.OneCycleLR's form: from a 25th of the highest rate up for 30 % of the
// steps, then down to next to nothing.
TEST(Train, OneCycleRisesForAThirdThenFalls) {
  NEEDS_LIBTORCH();
  ModelSpec spec = quick("mlp");
  spec.fit.schedule = "one-cycle";
  spec.fit.patience = 0;
  spec.fit.epochs = 50;
  const TrainResult result = train_quietly(spec, made_data("mlp"));
  const auto& history = result.history;
  const auto highest = std::max_element(history.begin(), history.end(), is_slower);
  EXPECT_NEAR(double(highest - history.begin()) / double(history.size()), 0.3, 0.03);
  EXPECT_NEAR(highest->learning_rate, spec.fit.learning_rate, 0.01 * spec.fit.learning_rate);
  EXPECT_LT(history.front().learning_rate, 0.1 * spec.fit.learning_rate);
  EXPECT_LT(history.back().learning_rate, 0.001 * spec.fit.learning_rate);
  EXPECT_GT(history.back().training_accuracy, 0.9);
}

TEST(Train, TellsWhenItDiverges) {
  NEEDS_LIBTORCH();
  TrainingData data = made_data("mlp");
  for (float& v : data.training.features) v = v > 0 ? 3e38f : -3e38f;
  ModelSpec spec = quick("mlp");
  spec.batch_norm = false;  // which would bring any size back to 1
  try {
    train_quietly(spec, data);
    FAIL() << "no error";
  } catch (const UserError& error) {
    EXPECT_EQ(error.diagnostics().at(0).code, "training-failed");
    EXPECT_NE(std::string(error.what()).find("learning_rate"), std::string::npos);
  }
}

// In a process of its own, because a library is looked for once.
TEST(TrainDeathTest, SaysWhatToInstallWithoutTheLibrary) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto train_without_library = [] {
    setenv("MOTE_TRAIN_LIBRARY", "/nowhere/libmote_train.so", 1);
    try {
      train_quietly(quick("mlp"), made_data("mlp"));
    } catch (const UserError& error) {
      std::fprintf(stderr, "%s\n", error.what());
      std::exit(1);
    }
    std::exit(0);
  };
  EXPECT_EXIT(train_without_library(), testing::ExitedWithCode(1),
              "apt install libtorch-dev.*trainer-missing");
}

// The evaluator on the same thread must keep equalling the device for denormal values after the
// library was used.
TEST(Train, LeavesTheFloatingPointModeAlone) {
  NEEDS_LIBTORCH();
  ModelSpec spec = quick("mlp");
  spec.fit.epochs = 1;
  train_quietly(spec, made_data("mlp"));
  volatile float smallest_normal = 0x1p-126f;
  volatile float half = smallest_normal * 0.5f;
  EXPECT_EQ(half, 0x1p-127f);
  EXPECT_EQ(half + half, smallest_normal);
}

TEST(Train, MasksAndMixupTrain) {
  NEEDS_LIBTORCH();
  ModelSpec spec = quick("dscnn");
  spec.augmentation = {.noise = 0.1,
                       .mixup = 0.2,
                       .time_masks = 1,
                       .time_mask_frames = 6,
                       .frequency_masks = 1,
                       .frequency_mask_bins = 2};
  const TrainResult result = train_quietly(spec, made_data("dscnn"));
  EXPECT_GT(result.history.back().validation_accuracy, 0.85);
}

TEST(Train, StretchedWarpedAndEqualisedFeaturesTrain) {
  NEEDS_LIBTORCH();
  ModelSpec spec = quick("dscnn");
  spec.augmentation = {.time_stretch = 0.2, .frequency_warp = 0.1, .equalise = 0.2};
  const TrainResult changed = train_quietly(spec, made_data("dscnn"));
  EXPECT_GT(changed.history.back().validation_accuracy, 0.85);
  // Drawn from the same seed: the same weights again, and other ones than without.
  EXPECT_EQ(train_quietly(spec, made_data("dscnn")).network.layers[1].weights,
            changed.network.layers[1].weights);
  spec.augmentation = {};
  EXPECT_NE(train_quietly(spec, made_data("dscnn")).network.layers[1].weights,
            changed.network.layers[1].weights);
}

}  // namespace
}  // namespace mote
