// SPDX-License-Identifier: Apache-2.0
// The rooms of the main job as functions, one line each in build.cc: data -> split -> features ->
// model -> scores.
#pragma once
#include "data/split.h"
#include "project/firmware.h"
#include "project/model.h"
#include "project/scores.h"

namespace mote {

// Told where the work is: "training classifier", 0..1, "epoch 12/80 loss 0.31".
using StepProgress =
    std::function<void(const std::string& step, double fraction, const std::string& detail)>;

struct Data {
  Dataset dataset;              // the recordings of [data], then those of each [[further]]
  std::vector<int64_t> copies;  // changed copies of each recording that train beside it
  std::vector<Split> folds;     // one, or one a group; what is of [[further]] always trains
  std::string sentence;         // how the split was made, for the report
};

// Reads, labels, checks and splits what [data] names.
Data read_data(const Config& config, Diagnostics& diagnostics);

// A model with what is needed to run it on other recordings.
struct Trained {
  Model model;
  std::vector<float> scales;  // of the axes
  int64_t window_samples = 0;
  int64_t training_windows = 0;
  int64_t saturated = 0;  // training samples beyond int16
};

// Trains on the recordings with these indexes.
Trained train_on(const Config& config, const Data& data, const std::vector<size_t>& recordings,
                 const StepProgress& progress, Diagnostics& diagnostics);

// Decisions on recordings: what should be said and what the float graph, the integer graph and the
// firmware say.
struct Decisions {
  std::vector<int32_t> truth;
  std::vector<int32_t> by_float;
  std::vector<int32_t> by_int8;
  std::vector<int32_t> by_firmware;  // empty: not run
  std::vector<int32_t> group;        // of each decision
  void append(const Decisions& other);
};

struct Held {
  std::vector<Take> takes;
  std::vector<Playback> playbacks;  // one a take
};
Held hold(const Dataset& dataset, const std::vector<size_t>& recordings,
          const std::vector<float>& scales, int64_t window_samples);

// What decides, and how its decisions are labelled.
struct Judged {
  const Graph* float_graph = nullptr;
  const Graph* graph = nullptr;
  const FirmwareResult* firmware = nullptr;  // of `graph` on the same recordings; null: not run
  std::vector<std::string> classes;
  int64_t window_samples = 0;
  bool whole = false;
};
Decisions judge(const Judged& judged, const Held& held, const std::vector<std::string>& groups,
                const StepProgress& progress);

}  // namespace mote
