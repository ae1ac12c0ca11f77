// SPDX-License-Identifier: Apache-2.0
// Splits: nothing lost, nothing twice, groups whole, the same every time; golden choices pin the
// hash.
#include "data/split.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "data/cut.h"

namespace mote {
namespace {

Recording recording(const std::string& name, const std::string& group, const std::string& label) {
  Recording r;
  r.name = name;
  r.path = "/data/" + name;
  r.group = group;
  r.label = label;
  r.rate_hz = 10;
  r.axes = {{"x", ""}};
  r.values.assign(10, 1.f);
  return r;
}

Dataset random_set(std::mt19937& random) {
  Dataset dataset;
  dataset.classes = {"a", "b", "c"};
  const int n_groups = 3 + int(random() % 8);
  for (int i = 0; i < 60; ++i) {
    dataset.recordings.push_back(recording("r" + std::to_string(i),
                                           "g" + std::to_string(int(random()) % n_groups),
                                           dataset.classes[random() % 3]));
  }
  return dataset;
}

void expect_partition(const Dataset& dataset, const Split& split) {
  std::set<size_t> all(split.train.begin(), split.train.end());
  for (size_t i : split.test) EXPECT_TRUE(all.insert(i).second) << i;
  EXPECT_EQ(all.size(), dataset.recordings.size());
}

bool groups_are_whole(const Dataset& dataset, const Split& split) {
  std::set<std::string> train;
  for (size_t i : split.train) train.insert(dataset.recordings[i].group);
  for (size_t i : split.test) {
    if (train.count(dataset.recordings[i].group)) return false;
  }
  return true;
}

TEST(Split, PropertiesOnRandomSets) {
  const unsigned seed = 4119;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 100; ++round) {
    const Dataset dataset = random_set(random);
    const Split by_recording = split_by_recording(dataset, 0.25);
    expect_partition(dataset, by_recording);
    EXPECT_NEAR(double(by_recording.test.size()), 15, 2);
    const Split by_group = split_by_group(dataset, 0.25);
    expect_partition(dataset, by_group);
    EXPECT_TRUE(groups_are_whole(dataset, by_group));
    EXPECT_FALSE(by_group.test.empty());
    std::set<size_t> tested;
    for (const Split& split : leave_one_group_out(dataset)) {
      expect_partition(dataset, split);
      EXPECT_TRUE(groups_are_whole(dataset, split));
      for (size_t i : split.test) EXPECT_TRUE(tested.insert(i).second);
    }
    EXPECT_EQ(tested.size(), dataset.recordings.size());
    Diagnostics diagnostics;
    tested.clear();
    for (const Split& split : k_fold_by_group(dataset, 3, diagnostics)) {
      expect_partition(dataset, split);
      EXPECT_TRUE(groups_are_whole(dataset, split));
      for (size_t i : split.test) EXPECT_TRUE(tested.insert(i).second);
    }
    EXPECT_EQ(tested.size(), dataset.recordings.size());
  }
}

TEST(Split, DependsOnNamesAloneNotOnTheirOrder) {
  std::mt19937 random(5);
  Dataset dataset = random_set(random);
  const auto names = [&](const Split& split) {
    std::set<std::string> result;
    for (size_t i : split.test) result.insert(dataset.recordings[i].name);
    return result;
  };
  const auto by_recording = names(split_by_recording(dataset, 0.25)),
             by_group = names(split_by_group(dataset, 0.25));
  std::reverse(dataset.recordings.begin(), dataset.recordings.end());
  EXPECT_EQ(names(split_by_recording(dataset, 0.25)), by_recording);
  EXPECT_EQ(names(split_by_group(dataset, 0.25)), by_group);
}

TEST(Split, NeverTakesAClassesLastTrainingRecording) {
  Dataset dataset;
  dataset.classes = {"common", "rare"};
  for (int i = 0; i < 9; ++i) {
    const std::string n = std::to_string(i);
    dataset.recordings.push_back(
        recording("r" + n, "g" + std::to_string(i / 3), i == 4 ? "rare" : "common"));
  }
  for (double test : {0.1, 0.3, 0.5, 0.9}) {
    const Split split = split_by_group(dataset, test);
    EXPECT_TRUE(std::count(split.train.begin(), split.train.end(), 4u)) << test;
    EXPECT_NE(split.sentence.find("Not tested: rare."), std::string::npos) << split.sentence;
  }
}

TEST(Split, ShareOfNothingAndSentence) {
  std::mt19937 random(6);
  const Dataset dataset = random_set(random);
  EXPECT_TRUE(split_by_recording(dataset, 0).test.empty());
  EXPECT_TRUE(split_by_group(dataset, 0).test.empty());
  Dataset two;
  two.classes = {"a"};
  two.recordings = {recording("x", "cow1", "a"), recording("y", "cow2", "a")};
  EXPECT_EQ(leave_one_group_out(two)[1].sentence,
            "Split by group: 1 recordings train, 1 test (cow2); no group is in both.");
  Diagnostics diagnostics;
  EXPECT_TRUE(k_fold_by_group(two, 3, diagnostics).empty());
  EXPECT_EQ(diagnostics.errors()[0].code, "bad-folds");
}

TEST(Split, ByFolder) {
  Dataset dataset;
  dataset.recordings = {recording("a.csv", "", "a"), recording("held-out/b.csv", "", "a"),
                        recording("held-out-not/c.csv", "", "a")};
  const Split split = split_by_folder(dataset, "/data/held-out/");
  EXPECT_EQ(split.test, (std::vector<size_t>{1}));
  EXPECT_EQ(split_by_folder(dataset, "/data/a.csv").test, (std::vector<size_t>{0}));
}

TEST(Split, ByTimeCutsEachRecordingOnce) {
  Dataset dataset;
  dataset.classes = {"a"};
  dataset.recordings = {recording("x", "g", "a"), recording("y", "g", "a")};
  const TimeSplit time = split_by_time(dataset, 0.3);
  ASSERT_EQ(time.dataset.recordings.size(), 4u);
  EXPECT_EQ(time.dataset.recordings[0].size(), 7);
  EXPECT_EQ(time.dataset.recordings[1].size(), 3);
  EXPECT_EQ(time.dataset.recordings[3].name, "y@test");
  EXPECT_EQ(time.split.train, (std::vector<size_t>{0, 2}));
}

TEST(Cut, BlocksKeepEverySampleGapAndLabel) {
  Recording r = recording("walk", "g", "");
  for (int i = 0; i < 10; ++i) r.values[size_t(i)] = float(i);
  r.gaps = {{2, 5}, {6, 1}, {7, 2}};
  r.labels = {{0, 0.8, "a"}, {0.8, 1.8, "b"}};
  EXPECT_DOUBLE_EQ(duration_s(r), 1.8);
  const auto blocks = cut_into_blocks(r, 3);  // samples 0-2, 3-5, 6-9
  ASSERT_EQ(blocks.size(), 3u);
  EXPECT_EQ(blocks[0].values, (std::vector<float>{0, 1, 2}));
  EXPECT_EQ(blocks[2].values, (std::vector<float>{6, 7, 8, 9}));
  ASSERT_EQ(blocks[0].gaps.size(), 1u);
  EXPECT_EQ(blocks[0].gaps[0].missing, 5);
  ASSERT_EQ(blocks[2].gaps.size(), 1u);  // the one before sample 6 lies between two blocks
  EXPECT_EQ(blocks[2].gaps[0].before, 1);
  EXPECT_EQ(blocks[1].name, "walk@2/3");
  EXPECT_EQ(blocks[1].group, "g");
  // Sample 3 lies at 0.8 s, sample 6 at 1.2 s.
  ASSERT_EQ(blocks[1].labels.size(), 1u);
  EXPECT_EQ(blocks[1].labels[0].label, "b");
  EXPECT_NEAR(blocks[1].labels[0].end_s, 0.3, 1e-12);
  EXPECT_EQ(blocks[0].labels.size(), 1u);
}

}  // namespace
}  // namespace mote
