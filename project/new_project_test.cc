// SPDX-License-Identifier: Apache-2.0
// What `mote new` writes is a mote.toml that reads without a fault, with labels, groups and rate as
// the folder has them.
#include "project/new_project.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/readers/temporary_file.h"
#include "project/walk.h"
#include "signal/block.h"

namespace mote {
namespace {

class NewProjectTest : public testing::Test {
 protected:
  // n samples of two axes at 50 Hz.
  void write(const std::string& name, int n = 200, const std::string& head = "time_s,x,y\n") {
    std::string text = head;
    for (int i = 0; i < n; ++i) {
      if (head.empty())
        text += std::to_string(i % 7) + "," + std::to_string(i % 5) + "\n";
      else
        text += std::to_string(i / 50.0) + "," + std::to_string(std::sin(i)) + "," +
                std::to_string(i % 5) + "\n";
    }
    folder_.write("data/" + name, text);
  }
  Config made(double rate_hz = 0) {
    new_project({folder_.path() / "made \"it\"", folder_.path() / "data", "microbit", rate_hz},
                diagnostics_);
    return read_config(folder_.path() / "made \"it\"", diagnostics_);
  }

  TemporaryFolder folder_;
  Diagnostics diagnostics_;
};

TEST_F(NewProjectTest, FoldersAreLabelsAndTheDataReads) {
  for (const char* file : {"walk/1.csv", "walk/2.csv", "idle/1.csv", "idle/2.csv"}) write(file);
  const Config config = made();
  EXPECT_EQ(config.data.label.by, "folder");
  EXPECT_EQ(config.board, "microbit");
  EXPECT_EQ(config.name, "made \"it\"");
  const Data data = read_data(config, diagnostics_);
  EXPECT_EQ(data.dataset.classes, (std::vector<std::string>{"idle", "walk"}));
  EXPECT_EQ(data.dataset.recordings[0].rate_hz, 50);
}

TEST_F(NewProjectTest, FileNamesGiveLabelsAndSubjects) {
  for (const char* label : {"walk", "idle"})
    for (const char* subject : {"ann", "bob"})
      for (const char* take : {"1", "2"})
        write(std::string(label) + "_" + subject + "_" + take + ".csv");
  const Config config = made();
  EXPECT_EQ(config.data.label.by, "file");
  const Data data = read_data(config, diagnostics_);
  EXPECT_EQ(data.dataset.classes, (std::vector<std::string>{"idle", "walk"}));
  EXPECT_EQ(groups_of(data.dataset), (std::vector<std::string>{"ann", "bob"}));
}

TEST_F(NewProjectTest, TestFolderIsHeldOut) {
  for (const char* side : {"training", "testing"})
    for (const char* label : {"walk", "idle"})
      write(std::string(side) + "/" + label + "/" + "1.csv");
  const Config config = made();
  EXPECT_EQ(config.split.by, "folder");
  EXPECT_EQ(read_data(config, diagnostics_).folds.at(0).test.size(), 2u);
}

TEST_F(NewProjectTest, OneRecordingAClassIsCutInTime) {
  write("walk/1.csv", 400), write("idle/1.csv", 400);
  EXPECT_EQ(made().split.by, "time");
}

TEST_F(NewProjectTest, FilesWithoutHeaderAndTimesNeedTheUsersRate) {
  for (const char* file : {"walk/1.csv", "walk/2.csv", "idle/1.csv", "idle/2.csv"})
    write(file, 200, "");
  const Config config = made(25);
  EXPECT_EQ(config.data.axes, (std::vector<std::string>{"axis_1", "axis_2"}));
  EXPECT_EQ(read_data(config, diagnostics_).dataset.recordings.at(0).rate_hz, 25);
}

TEST_F(NewProjectTest, WithoutARateItSaysWhatToFillIn) {
  for (const char* file : {"walk/1.csv", "walk/2.csv", "idle/1.csv", "idle/2.csv"})
    write(file, 200, "");
  EXPECT_EQ(made().data.rate_hz, 0);
  EXPECT_EQ(codes(diagnostics_.warnings()), "no-rate");
  EXPECT_THROW(read_data(read_config(folder_.path() / "made \"it\"", diagnostics_), diagnostics_),
               UserError);
}

TEST_F(NewProjectTest, NeverOverwrites) {
  write("walk/1.csv"), write("idle/1.csv");
  made();
  EXPECT_THROW(made(), UserError);
}

// The page of keys names every block and parameter.
TEST(ProjectPage, NamesEveryBlockAndParameter) {
  const char* source = std::getenv("MOTE_SOURCE_DIR");
  if (!source) GTEST_SKIP() << "MOTE_SOURCE_DIR is not set: the page is not found";
  std::ifstream in(std::string(source) + "/docs/formats/project.md");
  const std::string page((std::istreambuf_iterator<char>(in)), {});
  ASSERT_FALSE(page.empty());
  for (const BlockKind& kind : block_kinds()) {
    EXPECT_NE(page.find("`" + kind.name + "`"), std::string::npos) << kind.name;
    for (const ParameterSpec& parameter : kind.parameters)
      EXPECT_NE(page.find(parameter.name), std::string::npos) << kind.name << " " << parameter.name;
  }
}

}  // namespace
}  // namespace mote
