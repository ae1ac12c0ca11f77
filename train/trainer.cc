// SPDX-License-Identifier: Apache-2.0
// Finds and opens libmote_train.so, and asks it. See trainer.h.
#include "train/trainer.h"

#include <dlfcn.h>

#include "graph/plugin.h"
#include "train/check.h"
#include "train/plugin/door.h"

namespace mote {
namespace {

using RunFunction = decltype(&mote_train_run);
using LayoutFunction = decltype(&mote_train_layout);

struct Library {
  RunFunction run = nullptr;
  std::string problem;  // why `run` is null
  std::string remedy;
};

Library open_library() {
  const Plugin plugin = open_plugin("libmote_train.so", "MOTE_TRAIN_LIBRARY");
  if (!plugin.handle)
    return {nullptr, plugin.problem,
            "install libtorch (Debian: apt install libtorch-dev) and build mote again, or set "
            "MOTE_TRAIN_LIBRARY"};
  const auto layout = reinterpret_cast<LayoutFunction>(dlsym(plugin.handle, "mote_train_layout"));
  const auto run = reinterpret_cast<RunFunction>(dlsym(plugin.handle, "mote_train_run"));
  if (!layout || !run || layout() != train_layout())
    return {nullptr, plugin.path + " belongs to another build of mote",
            "build mote again, both parts together"};
  return {run, "", ""};
}

const Library& library() {
  static const Library opened = open_library();
  return opened;
}

TrainResult ask(const TrainRequest& request, const std::string& place) {
  if (!library().run)
    fail("trainer-missing", place, "the training library cannot be opened: " + library().problem,
         library().remedy);
  TrainResult result;
  if (library().run(&request, &result) != 0)
    fail("training-failed", place, result.error, "if the data is in order, please report this");
  return result;
}

std::string place_of_model(const std::string& name) { return "[[model]] \"" + name + "\""; }

std::vector<LayerPlan> as_plans(const TrainedNetwork& network) {
  std::vector<LayerPlan> plans;
  for (const TrainedLayer& layer : network.layers) plans.push_back({layer, false, 0});
  return plans;
}

}  // namespace

TrainResult train(const ModelSpec& spec, const TrainingData& data, const Progress& progress,
                  Diagnostics& diagnostics) {
  check_training(spec, data, diagnostics);
  const auto classes = int32_t(data.classes.size());
  const Shape& shape = data.training.feature_shape;
  const std::vector<LayerPlan> layers = plan_layers(spec, shape, classes);
  TrainRequest request;
  request.task = TrainTask::fit;
  request.name = spec.name;
  request.input_shape = shape;
  request.classes = classes;
  request.layers = &layers;
  request.data = &data;
  request.fit = &spec.fit;
  request.augmentation = &spec.augmentation;
  request.progress = progress;
  return ask(request, place_of_model(spec.name));
}

TrainResult fine_tune(const TrainedNetwork& network, const TrainingData& data,
                      const FineTune& options, const Progress& progress) {
  check_fit_options(options.fit, place_of_model(network.name));
  MOTE_ASSERT(options.scales.layers.size() == network.layers.size());
  MOTE_ASSERT(data.training.feature_shape == network.input_shape);
  const std::vector<LayerPlan> layers = as_plans(network);
  const FeatureAugmentation none{.noise = 0};
  TrainRequest request;
  request.task = TrainTask::fine_tune;
  request.name = network.name;
  request.input_shape = network.input_shape;
  request.classes = network.classes;
  request.layers = &layers;
  request.data = &data;
  request.fit = &options.fit;
  request.augmentation = &none;
  request.scales = &options.scales;
  request.progress = progress;
  return ask(request, place_of_model(network.name));
}

std::vector<float> predict(const TrainedNetwork& network, const std::vector<float>& features) {
  const std::vector<LayerPlan> layers = as_plans(network);
  TrainRequest request;
  request.task = TrainTask::predict;
  request.name = network.name;
  request.input_shape = network.input_shape;
  request.classes = network.classes;
  request.layers = &layers;
  request.features = &features;
  return ask(request, place_of_model(network.name)).validation_scores;
}

std::string training_unavailable() {
  return library().run ? "" : library().problem + "; " + library().remedy;
}

}  // namespace mote
