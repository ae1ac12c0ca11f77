// SPDX-License-Identifier: Apache-2.0
// Splits by recording, group, folder and time. See split.h.
#include "data/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "data/cut.h"

namespace mote {
namespace {

// FNV-1a, 64 bits, then a mixing step: names that differ in their last digit must not stay
// neighbours.
uint64_t hash_name(const std::string& name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (char c : name) hash = (hash ^ uint8_t(c)) * 0x100000001b3;
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccd;
  return hash ^ (hash >> 33);
}

bool before_by_hash(const std::string& a, const std::string& b) {
  const uint64_t hash_a = hash_name(a), hash_b = hash_name(b);
  return hash_a != hash_b ? hash_a < hash_b : a < b;
}

using ByKey = std::map<std::string, std::vector<size_t>>;

ByKey by_group(const Dataset& dataset) {
  ByKey groups;
  for (size_t i = 0; i < dataset.recordings.size(); ++i)
    groups[dataset.recordings[i].group].push_back(i);
  return groups;
}

std::set<std::string> labels_of(const Recording& recording) {
  std::set<std::string> labels;
  if (!recording.label.empty()) labels.insert(recording.label);
  for (const LabelRange& range : recording.labels) labels.insert(range.label);
  return labels;
}

std::map<std::string, int64_t> count_labels(const Dataset& dataset,
                                            const std::vector<size_t>& indexes) {
  std::map<std::string, int64_t> counts;
  for (size_t i : indexes) {
    for (const std::string& label : labels_of(dataset.recordings[i])) ++counts[label];
  }
  return counts;
}

std::string listed(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::vector<std::string> groups_in(const Dataset& dataset, const std::vector<size_t>& indexes) {
  std::set<std::string> groups;
  for (size_t i : indexes) groups.insert(dataset.recordings[i].group);
  return {groups.begin(), groups.end()};
}

std::vector<std::string> missing_classes(const Dataset& dataset,
                                         const std::vector<size_t>& indexes) {
  const auto counts = count_labels(dataset, indexes);
  std::vector<std::string> missing;
  for (const std::string& name : dataset.classes) {
    if (!counts.count(name)) missing.push_back(name);
  }
  return missing;
}

// "by group: 24 recordings train, 8 test (groups 1217, 3120); no group is in both."
void describe(const Dataset& dataset, const std::string& by, Split& split) {
  std::sort(split.train.begin(), split.train.end());
  std::sort(split.test.begin(), split.test.end());
  split.sentence = "Split by " + by + ": " + std::to_string(split.train.size()) +
                   " recordings train, " + std::to_string(split.test.size()) + " test";
  const auto train = groups_in(dataset, split.train), test = groups_in(dataset, split.test);
  std::vector<std::string> both;
  std::set_intersection(train.begin(), train.end(), test.begin(), test.end(),
                        std::back_inserter(both));
  if (test.size() <= 12 && by == "group") split.sentence += " (" + listed(test) + ")";
  split.sentence += both.empty() ? "; no group is in both." : "; groups may be in both.";
  const auto untrained = missing_classes(dataset, split.train),
             untested = missing_classes(dataset, split.test);
  if (!untrained.empty()) split.sentence += " Not trained: " + listed(untrained) + ".";
  if (!untested.empty()) split.sentence += " Not tested: " + listed(untested) + ".";
}

// Would some class have no training recording left if `moved` went to the test side?
bool empties_a_class(const Dataset& dataset, const std::vector<size_t>& train,
                     const std::vector<size_t>& moved) {
  const auto have = count_labels(dataset, train), lost = count_labels(dataset, moved);
  return std::any_of(lost.begin(), lost.end(),
                     [&](const auto& l) { return have.at(l.first) == l.second; });
}

std::vector<size_t> without(const std::vector<size_t>& all, const std::vector<size_t>& removed) {
  std::vector<size_t> rest;
  for (size_t i : all) {
    if (std::find(removed.begin(), removed.end(), i) == removed.end()) rest.push_back(i);
  }
  return rest;
}

Split split_groups(const Dataset& dataset, const std::set<std::string>& test_groups) {
  Split split;
  for (size_t i = 0; i < dataset.recordings.size(); ++i) {
    (test_groups.count(dataset.recordings[i].group) ? split.test : split.train).push_back(i);
  }
  describe(dataset, "group", split);
  return split;
}

}  // namespace

Split split_by_recording(const Dataset& dataset, double test) {
  ByKey classes;
  for (size_t i = 0; i < dataset.recordings.size(); ++i)
    classes[dataset.recordings[i].label].push_back(i);
  Split split;
  for (auto& [label, indexes] : classes) {
    std::sort(indexes.begin(), indexes.end(), [&](size_t a, size_t b) {
      return before_by_hash(dataset.recordings[a].name, dataset.recordings[b].name);
    });
    const auto n = int64_t(indexes.size());
    const int64_t wanted = std::llround(double(n) * test);
    const int64_t n_test = n < 2 ? 0 : std::clamp<int64_t>(wanted, test > 0, n - (test < 1));
    split.test.insert(split.test.end(), indexes.begin(), indexes.begin() + n_test);
    split.train.insert(split.train.end(), indexes.begin() + n_test, indexes.end());
  }
  describe(dataset, "recording", split);
  return split;
}

Split split_by_group(const Dataset& dataset, double test) {
  const ByKey groups = by_group(dataset);
  std::vector<std::string> order = groups_of(dataset);
  std::sort(order.begin(), order.end(), before_by_hash);
  Split split;
  for (size_t i = 0; i < dataset.recordings.size(); ++i) split.train.push_back(i);
  const double wanted = test * double(dataset.recordings.size());
  for (const std::string& group : order) {
    const std::vector<size_t>& members = groups.at(group);
    const double now = double(split.test.size());
    const bool enough = now > 0 && now + double(members.size()) / 2 > wanted;
    if (test <= 0 || enough || empties_a_class(dataset, split.train, members)) continue;
    split.test.insert(split.test.end(), members.begin(), members.end());
    split.train = without(split.train, members);
  }
  describe(dataset, "group", split);
  return split;
}

Split split_by_folder(const Dataset& dataset, const std::filesystem::path& test_folder) {
  const auto folder = test_folder.lexically_normal();
  Split split;
  for (size_t i = 0; i < dataset.recordings.size(); ++i) {
    const auto path = std::filesystem::path(dataset.recordings[i].path).lexically_normal();
    const auto relative = path.lexically_relative(folder);
    const bool inside = !relative.empty() && *relative.begin() != "..";
    (inside ? split.test : split.train).push_back(i);
  }
  describe(dataset, "folder", split);
  return split;
}

std::vector<Split> leave_one_group_out(const Dataset& dataset) {
  std::vector<Split> splits;
  for (const std::string& group : groups_of(dataset))
    splits.push_back(split_groups(dataset, {group}));
  return splits;
}

std::vector<Split> k_fold_by_group(const Dataset& dataset, int k, Diagnostics& diagnostics) {
  const ByKey groups = by_group(dataset);
  if (k < 2 || size_t(k) > groups.size()) {
    diagnostics.error("bad-folds", "",
                      std::to_string(k) + " folds of " + std::to_string(groups.size()) + " groups",
                      "choose from 2 to the number of groups");
    return {};
  }
  // Large groups first, each to the fold that has least; equal ones in the order of their hash.
  std::vector<std::string> order = groups_of(dataset);
  std::sort(order.begin(), order.end(), [&](const std::string& a, const std::string& b) {
    const size_t size_a = groups.at(a).size(), size_b = groups.at(b).size();
    return size_a != size_b ? size_a > size_b : before_by_hash(a, b);
  });
  std::vector<std::set<std::string>> folds(static_cast<size_t>(k));
  std::vector<size_t> sizes(static_cast<size_t>(k), 0);
  for (const std::string& group : order) {
    const auto least = size_t(std::min_element(sizes.begin(), sizes.end()) - sizes.begin());
    folds[least].insert(group);
    sizes[least] += groups.at(group).size();
  }
  std::vector<Split> splits;
  for (const auto& fold : folds) splits.push_back(split_groups(dataset, fold));
  return splits;
}

TimeSplit split_by_time(const Dataset& dataset, double test) {
  TimeSplit result;
  result.dataset.classes = dataset.classes;
  result.dataset.sha256 = dataset.sha256;
  std::vector<Recording>& pieces = result.dataset.recordings;
  for (const Recording& recording : dataset.recordings) {
    const int64_t border = std::llround(double(recording.size()) * (1 - test));
    result.split.train.push_back(pieces.size());
    pieces.push_back(cut_recording(recording, 0, border));
    pieces.back().name += "@train";
    result.split.test.push_back(pieces.size());
    pieces.push_back(cut_recording(recording, border, recording.size()));
    pieces.back().name += "@test";
  }
  describe(result.dataset, "time", result.split);
  return result;
}

std::vector<std::string> groups_of(const Dataset& dataset) {
  std::set<std::string> groups;
  for (const Recording& recording : dataset.recordings) groups.insert(recording.group);
  return {groups.begin(), groups.end()};
}

}  // namespace mote
