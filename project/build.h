// SPDX-License-Identifier: Apache-2.0
// The main job. In: a project folder. Out: everything in PROJECT/build and the figures that `mote
// build` prints.
#pragma once
#include "project/folds.h"
#include "project/tuning.h"

namespace mote {

// What the core of a further board answered, over all folds.
struct CoreComparison {
  std::string board;
  int64_t windows_verified = 0;
  int64_t windows_differing = 0;
  bool bit_exact = true;   // every decision, layer and state of every fold
  std::string difference;  // the first in words
};

struct BuildReport {
  std::string name;
  std::string board;
  std::vector<std::string> classes;
  std::string split;  // a sentence
  std::string dataset_sha256, config_sha256, graph_sha256, model_id;
  int64_t recordings = 0;
  int64_t training_windows = 0;
  std::vector<HeadResult> heads;
  Scores by_float, by_int8, by_firmware;  // pooled over folds, held-out windows only
  std::vector<Fold> folds;                // one entry a group where every group is held out once
  std::vector<Fold> groups;               // figures of each held-out group
  int64_t changed_by_int8 = 0;            // decisions that int8 changed
  int64_t windows_verified = 0;
  int64_t windows_differing = 0;
  bool bit_exact = false;
  FirmwareResult firmware;           // of the model that ships
  std::optional<Tuning> tuning;      // where its kernels were measured
  std::vector<CoreComparison> also;  // further boards, in the order asked for
  double seconds = 0;
};

struct BuildOptions {
  bool tune = false;     // kernels by measuring, not only where flash_kb asks for it
  bool firmware = true;  // compile, run and compare on the emulated core
  std::string board;     // instead of the project's
  std::vector<std::string>
      also;  // boards on whose emulated cores held-out windows are compared too
};

BuildReport build_project(const std::filesystem::path& folder, const BuildOptions& options,
                          const StepProgress& progress, Diagnostics& diagnostics);

// `mote train`: the same up to the graphs in PROJECT/build.
Trained train_project(const Config& config, const Data& data, const StepProgress& progress,
                      Diagnostics& diagnostics);

// The board of that name, or in that file where the name ends in ".toml"; fails with the nearest
// known name. `place`: where the name stands, for the message.
Board board_named(const std::string& name, const std::string& place, Diagnostics& diagnostics);

// The board that the command line names, or else the project.
Board board_of(const Config& config, const std::string& by_option, Diagnostics& diagnostics);

}  // namespace mote
