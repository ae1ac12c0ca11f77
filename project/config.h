// SPDX-License-Identifier: Apache-2.0
// mote.toml as a value. In: a project folder. Out: a Config in which every default is filled in;
// every fault of the file is reported with its line and, for an unknown key, the nearest known one
// (docs/formats/project.md).
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/further.h"
#include "graph/settings.h"
#include "signal/block.h"
#include "train/augment.h"
#include "train/train.h"

namespace mote {

// One decision a window. `whole`: the recording counts once, by its first complete window.
struct WindowConfig {
  double length_ms = 0;
  double stride_ms = 0;
  bool whole = false;
};

// How recordings are held out of training: a test folder, a share of the groups, or nothing but
// cross-validation.
struct SplitConfig {
  // "folder" (the test folder), "group", "recording", "time", or "leave-one-group-out": every group
  // is held out once, scores are pooled, and the model that ships trains on all of them.
  std::string by = "group";
  double test = 0.25;  // share of the recordings
};

// Recordings of another source that train in every fold and are never held out.
struct FurtherConfig {
  FurtherOptions options;
  int64_t copies = 0;  // changed copies of each; default: [augment] copies
};

// A head: blocks that feed it and the network on them.
struct ModelConfig {
  std::vector<std::string> input;  // names of blocks, in the order of their features; empty: all
  ModelSpec spec;
  double validation =
      0.2;  // share of the training windows that chooses the epoch; 0: train on all, keep the last
  std::string place;  // "mote.toml:20"
};

struct DecisionConfig {
  int64_t smoothing = 1;     // windows that are averaged; 1: none
  double minimum_score = 0;  // below: "uncertain"
  bool outlier = false;      // an out-of-distribution score beside the decision
};

struct BudgetConfig {
  double ram_kb = 0;  // 0: the board's
  double flash_kb = 0;
  double latency_ms = 0;
  double accuracy_points = 0.5;  // what int8 may cost before fine tuning sets in
};

struct Config {
  std::filesystem::path folder;
  std::filesystem::path file;  // mote.toml
  std::string sha256;          // of mote.toml
  std::string name;
  std::string board;
  std::string board_place;  // "mote.toml:3"
  DataOptions data;
  std::string data_place;  // of [data]
  std::vector<double>
      full_scale;  // of each axis, in its unit; empty: chosen from the training recordings
  SplitConfig split;
  std::vector<FurtherConfig> further;
  WindowConfig window;
  std::vector<BlockSpec> signal;
  std::vector<ModelConfig> models;
  AugmentOptions
      augment;  // rotation_groups are filled in from rotation_axes once the axes are known
  std::vector<std::string>
      rotation_axes;             // x, y, z of each sensor that may be turned; three, six, ...
  int64_t augmented_copies = 0;  // changed copies of each training recording
  DecisionConfig decision;
  BudgetConfig budget;
};

// Reads PROJECT/mote.toml; stops at the door with every fault.
Config read_config(const std::filesystem::path& folder, Diagnostics& diagnostics);

}  // namespace mote
