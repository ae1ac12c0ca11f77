// SPDX-License-Identifier: Apache-2.0
// Holding out: no group on both sides, nothing lost, classes kept where that is possible.
#include "train/hold_out.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "train/random.h"
#include "train/test_data.h"

namespace mote {
namespace {

TEST(HoldOut, NoGroupIsOnBothSidesAndNothingIsLost) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const test::MadeData made{.samples = 2 + int32_t(random.below(200)),
                              .classes = 1 + int32_t(random.below(5)),
                              .groups = 2 + int32_t(random.below(12)),
                              .seed = seed};
    const TrainingSet all = test::make_clouds(made, 3);
    const HeldOut parts = hold_out(all, random.uniform(0.05, 0.6), seed);
    ASSERT_EQ(parts.training.size() + parts.validation.size(), all.size()) << "seed " << seed;
    ASSERT_EQ(parts.training.features.size() + parts.validation.features.size(),
              all.features.size());
    const std::set<int32_t> present(all.groups.begin(), all.groups.end());
    ASSERT_GT(parts.training.size(), 0) << "seed " << seed;
    if (present.size() < 2) continue;
    ASSERT_GT(parts.validation.size(), 0) << "seed " << seed;
    const std::set<int32_t> validation(parts.validation.groups.begin(),
                                       parts.validation.groups.end());
    for (int32_t group : parts.training.groups)
      ASSERT_EQ(validation.count(group), 0u) << "seed " << seed;
  }
}

TEST(HoldOut, KeepsEveryClassOnBothSidesWhereGroupsAllowIt) {
  TrainingSet set;
  set.feature_shape = {1};
  for (int32_t group = 0; group < 6;
       ++group)  // class 0 in all groups, class 1 only in groups 4 and 5
    for (int32_t i = 0; i < 10; ++i) {
      set.features.push_back(float(group));
      set.labels.push_back(group >= 4 && i >= 5);
      set.groups.push_back(group);
    }
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const HeldOut parts = hold_out(set, 0.3, seed);
    for (const TrainingSet* part : {&parts.training, &parts.validation})
      EXPECT_EQ(std::count(part->labels.begin(), part->labels.end(), 1), 5) << "seed " << seed;
    EXPECT_EQ(parts.validation.size(), 20) << "seed " << seed;
  }
}

TEST(HoldOut, WithoutGroupsEachClassGivesItsShare) {
  TrainingSet set;
  set.feature_shape = {1};
  for (int32_t i = 0; i < 100; ++i)
    set.features.push_back(float(i)), set.labels.push_back(i < 20 ? 1 : 0);
  set.features.push_back(100), set.labels.push_back(2);
  const HeldOut parts = hold_out(set, 0.25, 1);
  EXPECT_EQ(std::count(parts.validation.labels.begin(), parts.validation.labels.end(), 1), 5);
  EXPECT_EQ(std::count(parts.validation.labels.begin(), parts.validation.labels.end(), 0), 20);
  EXPECT_EQ(std::count(parts.training.labels.begin(), parts.training.labels.end(), 2), 1)
      << "its only sample";
  for (size_t i = 0; i < parts.validation.labels.size(); ++i)  // features moved with their labels
    EXPECT_EQ(parts.validation.labels[i], parts.validation.features[i] < 20 ? 1 : 0);
}

TEST(HoldOut, EmptySetGivesEmptyParts) {
  const HeldOut parts = hold_out({}, 0.2, 1);
  EXPECT_EQ(parts.training.size() + parts.validation.size(), 0);
}

}  // namespace
}  // namespace mote
