// SPDX-License-Identifier: Apache-2.0
// The same graph gives the same emitted files, objects and images in every folder, and they hold no
// path. (That of a whole `mote build`, training included: tests/e2e.)
#include "tests/ports/bench.h"

namespace mote::ports {
namespace {

std::map<std::string, std::string> files_in(const std::filesystem::path& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[std::filesystem::relative(entry.path(), folder).string()] =
          test::read_text(entry.path().string());
  return files;
}

TEST(Ports, TheSameGraphGivesTheSameImageInEveryFolder) {
  MOTE_NEEDS_EMULATOR();
  const Bench one(int8_network()), two(int8_network());
  ASSERT_NE(one.folder(), two.folder());
  EXPECT_EQ(files_in(one.library()), files_in(two.library()));
  const Board board = board_for("nucleo-l4r5zi");
  const Image first = one.image(board), second = two.image(board);
  EXPECT_EQ(first.objects, second.objects);
  EXPECT_EQ(first.sha256, second.sha256);
  EXPECT_NE(first.sha256, "");
  for (const auto& [name, bytes] : files_in(one.library()))
    EXPECT_EQ(bytes.find(std::filesystem::temp_directory_path().string() + "/"), std::string::npos)
        << name;
  const std::string elf = test::read_text(first.elf.string());
  EXPECT_EQ(elf.find(std::filesystem::temp_directory_path().string() + "/"), std::string::npos);
}

}  // namespace
}  // namespace mote::ports
