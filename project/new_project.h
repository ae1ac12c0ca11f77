// SPDX-License-Identifier: Apache-2.0
// A first mote.toml for a folder of recordings. In: the folder. Out: what was seen in it (formats,
// rate, axes, how labels and groups are named) and a commented file that builds as it is, or says
// which line the user must fill in.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace mote {

// What a look at the folder found.
struct Survey {
  DataOptions data;  // recordings, test, label, group, rate_hz where --rate gave one
  std::vector<std::string> formats;
  std::vector<std::string> labels;  // some of them
  std::vector<Axis> axes;
  int64_t files = 0;
  double rate_hz = 0;     // 0: the files do not say
  double shortest_s = 0;  // of the recordings looked at; in samples where the rate is unknown
  double longest_s = 0;
  int64_t fewest_of_a_label = 0;  // files
  bool audio = false;
};

// Reads names of all files and the content of some. `rate_hz`: the user's, 0 = as in the files.
Survey survey(const std::filesystem::path& folder, double rate_hz, Diagnostics& diagnostics);

struct NewProject {
  std::filesystem::path folder;  // NAME
  std::filesystem::path data;
  std::string board;
  double rate_hz = 0;
};

struct WrittenProject {
  std::filesystem::path file;
  std::string text;
  Survey seen;
};

// Writes NAME/mote.toml; fails when it is there already.
WrittenProject new_project(const NewProject& wanted, Diagnostics& diagnostics);

}  // namespace mote
