// SPDX-License-Identifier: Apache-2.0
// Which files belong to a data set, and what their paths say about them. In: DataOptions. Out:
// files sorted by name, with the label, the group and the recording that their path names.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/dataset.h"

namespace mote {

struct SourceFile {
  std::filesystem::path path;
  std::string name;   // below `recordings`, with '/'; held-out files elsewhere: the test folder's
                      // name before
  std::string label;  // by folder or file, "" when neither rule applies
  std::string group;  // by folder or file, "" when neither applies or the pattern does not match
  std::string
      merged;  // name of the recording that this sensor is part of, "" = the file is a recording
  bool is_test = false;
  std::string split_group;   // what a split calls its group: where there is no rule, its recording
  bool left_out = false;     // its split_group is in data.without
  bool other_class = false;  // its label, read off the path, is not in data.classes

  const std::string& recording() const { return merged.empty() ? name : merged; }
};

// The last name of a path: "data/walk/" -> "walk".
std::string last_name(const std::filesystem::path& path);

// Files of kinds that no reader knows are counted in a warning, and so are those whose label is not
// in options.classes: they need not be read.
std::vector<SourceFile> find_source_files(const DataOptions& options, Diagnostics& diagnostics);

// SHA-256 of the lines "<sha256 of the file>  <name>\n", as sha256sum prints them.
std::string hash_source_files(const std::vector<SourceFile>& files);

}  // namespace mote
