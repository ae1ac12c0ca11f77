// SPDX-License-Identifier: Apache-2.0
// Which recordings train and which test. Never by window: windows of one recording overlap and
// resemble each other, and a test on them flatters. In: a Dataset. Out: indexes of its recordings,
// and a sentence for the report. Which recording goes where is decided by a hash of names, so it is
// the same on every machine and in every run.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "data/recording.h"
#include "graph/diagnostics.h"

namespace mote {

struct Split {
  std::vector<size_t> train;  // indexes into Dataset::recordings, ascending
  std::vector<size_t> test;
  std::string sentence;
};

// A share `test` (0..1) of each class's recordings tests; a class with two or more recordings is on
// both sides.
Split split_by_recording(const Dataset& dataset, double test);

// Whole groups test until a share `test` of the recordings does; no class loses its last training
// recording.
Split split_by_group(const Dataset& dataset, double test);

// The recordings whose path lies in `test_folder` test.
Split split_by_folder(const Dataset& dataset, const std::filesystem::path& test_folder);

// One split a group, in the groups' order: that group tests, all others train.
std::vector<Split> leave_one_group_out(const Dataset& dataset);

// `k` splits over groups: each group tests in exactly one of them. 2 <= k <= number of groups, else
// an error.
std::vector<Split> k_fold_by_group(const Dataset& dataset, int k, Diagnostics& diagnostics);

// Each recording is cut once: its end, a share `test`, tests. The set holds the pieces
// "walk.csv@train", "@test".
struct TimeSplit {
  Dataset dataset;
  Split split;
};
TimeSplit split_by_time(const Dataset& dataset, double test);

// The groups of a set, sorted.
std::vector<std::string> groups_of(const Dataset& dataset);

}  // namespace mote
