// SPDX-License-Identifier: Apache-2.0
// What [[further]] does to the folds: its recordings train in each, and are held out in none.
#include "project/walk.h"

#include <gtest/gtest.h>

#include "data/readers/temporary_file.h"

namespace mote {
namespace {

class WalkTest : public testing::Test {
 protected:
  void write(const std::string& name) {
    std::string text = "time_s,x\n";
    for (int i = 0; i < 40; ++i)
      text += std::to_string(i * 0.1) + "," + std::to_string(i % 7) + "\n";
    folder_.write(name, text);
  }
  Data read(const std::string& further) {
    folder_.write("mote.toml",
                  "[data]\nrecordings = \"ours\"\ngroup = { by = \"file\" }\n"
                  "split = { by = \"leave-one-group-out\" }\n"
                  "[window]\nlength_ms = 1000\n[augment]\ncopies = 2\n" +
                      further);
    return read_data(read_config(folder_.path(), diagnostics_), diagnostics_);
  }

  TemporaryFolder folder_;
  Diagnostics diagnostics_;
};

TEST_F(WalkTest, FurtherRecordingsTrainInEveryFold) {
  for (const char* name : {"ours/no/ann_1.csv", "ours/yes/ann_2.csv", "ours/no/bob_1.csv",
                           "ours/yes/bob_2.csv", "theirs/no/eve_1.csv", "theirs/yes/eve_2.csv"})
    write(name);
  const std::string alone = read("").dataset.sha256;
  const Data data = read("[[further]]\nrecordings = \"theirs/\"\ncopies = 5\n");
  ASSERT_EQ(data.dataset.recordings.size(), 6u);
  EXPECT_EQ(data.dataset.recordings[4].name, "theirs/no/eve_1.csv");
  EXPECT_EQ(data.copies, (std::vector<int64_t>{2, 2, 2, 2, 5, 5}));
  ASSERT_EQ(data.folds.size(), 2u);
  for (const Split& fold : data.folds) {
    EXPECT_EQ(fold.test.size(), 2u);
    EXPECT_EQ(fold.train.size(), 4u);
    EXPECT_EQ(fold.train[2], 4u);
    EXPECT_EQ(fold.train[3], 5u);
  }
  EXPECT_TRUE(data.sentence.ends_with("2 recordings of theirs only train.")) << data.sentence;
  EXPECT_NE(data.dataset.sha256, alone);
}

TEST_F(WalkTest, CopiesAreThoseOfAugmentUnlessSaid) {
  for (const char* name : {"ours/no/ann_1.csv", "ours/yes/ann_2.csv", "ours/no/bob_1.csv",
                           "ours/yes/bob_2.csv", "theirs/no/1.csv"})
    write(name);
  EXPECT_EQ(read("[[further]]\nrecordings = \"theirs\"\n").copies,
            (std::vector<int64_t>{2, 2, 2, 2, 2}));
}

}  // namespace
}  // namespace mote
