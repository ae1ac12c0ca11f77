// SPDX-License-Identifier: Apache-2.0
// Finds and opens libmote_train.so, and asks it. See trainer.h.
#include "train/trainer.h"

#include <dlfcn.h>
#include <stdlib.h>

#include <filesystem>

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

constexpr const char* kFileName = "libmote_train.so";

// MOTE_TRAIN_LIBRARY; then where an installation (bin/mote, lib/mote) and a build folder have it;
// then the loader's path.
std::vector<std::string> candidates() {
  namespace fs = std::filesystem;
  if (const char* given = std::getenv("MOTE_TRAIN_LIBRARY")) return {given};
  std::vector<std::string> paths;
  std::error_code error;
  fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (int level = 0; level < 3 && !folder.empty(); ++level, folder = folder.parent_path())
    for (const char* place : {"", "lib/mote", "train"})
      paths.push_back((folder / place / kFileName).string());
  std::erase_if(paths, [&](const std::string& path) { return !fs::exists(path, error); });
  paths.push_back(kFileName);
  return paths;
}

// libgomp's threads otherwise spin while they wait, which on a busy machine made training 30 times
// slower. libgomp reads this once, when it is loaded.
void let_idle_threads_sleep() { setenv("OMP_WAIT_POLICY", "PASSIVE", /*overwrite=*/0); }

Library open_library() {
  let_idle_threads_sleep();
  // RTLD_LOCAL: libtorch brings its own protobuf and more, which must not meet ours.
  const std::string path = candidates().front();
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle)
    return {nullptr, dlerror(),
            "install libtorch (Debian: apt install libtorch-dev) and build mote again, or set "
            "MOTE_TRAIN_LIBRARY"};
  const auto layout = reinterpret_cast<LayoutFunction>(dlsym(handle, "mote_train_layout"));
  const auto run = reinterpret_cast<RunFunction>(dlsym(handle, "mote_train_run"));
  if (!layout || !run || layout() != train_layout())
    return {nullptr, path + " belongs to another build of mote",
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
