// SPDX-License-Identifier: Apache-2.0
// Folders that mote writes: whole or not at all, and never over the user's files.
#include "project/delivery.h"

#include <gtest/gtest.h>

#include "data/readers/temporary_file.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& file) {
  return fs::exists(file) ? read_file(file, "") : "(none)";
}

TEST(StagedFolder, WithoutCommitNothingChanges) {
  const TemporaryFolder folder;
  folder.write("build/kept.txt", "old");
  {
    const StagedFolder staged(folder.path() / "build/");
    write_file(staged.path() / "new.txt", "new");
  }
  EXPECT_EQ(text_of(folder.path() / "build/kept.txt"), "old");
  EXPECT_EQ(text_of(folder.path() / "build/new.txt"), "(none)");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(StagedFolder, CommitReplacesTheWholeFolder) {
  const TemporaryFolder folder;
  folder.write("build/stale.txt", "old");
  folder.write("build.part/half.txt", "left by a run that was stopped");
  StagedFolder staged(folder.path() / "build");
  write_file(staged.path() / "new.txt", "new");
  staged.commit();
  EXPECT_EQ(text_of(folder.path() / "build/new.txt"), "new");
  EXPECT_EQ(text_of(folder.path() / "build/stale.txt"), "(none)");
  EXPECT_EQ(text_of(folder.path() / "build/half.txt"), "(none)");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

void deliver(const fs::path& out, const std::string& text) {
  Delivery delivery(out);
  write_file(delivery.path() / "src/model.cc", text);
  delivery.commit({{"name", "shake"}});
}

TEST(Delivery, ReplacesWhatItWroteBefore) {
  const TemporaryFolder folder;
  deliver(folder.path() / "out", "one");
  deliver(folder.path() / "out", "two");
  EXPECT_EQ(text_of(folder.path() / "out/src/model.cc"), "two");
}

TEST(Delivery, RefusesAFileThatIsNotItsOwn) {
  const TemporaryFolder folder;
  deliver(folder.path() / "out", "one");
  folder.write("out/src/notes.txt", "mine");
  EXPECT_THROW(deliver(folder.path() / "out", "two"), UserError);
  EXPECT_EQ(text_of(folder.path() / "out/src/model.cc"), "one");
}

TEST(Delivery, RefusesAFileThatWasChanged) {
  const TemporaryFolder folder;
  deliver(folder.path() / "out", "one");
  folder.write("out/src/model.cc", "mended by hand");
  EXPECT_THROW(deliver(folder.path() / "out", "two"), UserError);
}

TEST(Delivery, ADamagedManifestOwnsNothing) {
  const TemporaryFolder folder;
  folder.write("out/mote.json", "{\"files\": [1");
  folder.write("out/a.txt", "mine");
  EXPECT_THROW(deliver(folder.path() / "out", "one"), UserError);
}

}  // namespace
}  // namespace mote
