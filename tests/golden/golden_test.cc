// SPDX-License-Identifier: Apache-2.0
// Users' faults, through the program itself. In: a folder a case (README.md). Checked: exit status
// 1, the words of expected_error.txt on standard error and nothing on standard output, and that the
// last command wrote nothing. MOTE_UPDATE_GOLDEN=1 writes expected_error.txt from what was said:
// read the difference before you commit it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>

#include "runner/subprocess.h"
#include "runner/tool_output.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

// Where a case needs more than mote itself.
enum class Needs { nothing, training, firmware };

struct Case {
  const char* name;
  Needs needs = Needs::nothing;
};

constexpr Case kCases[] = {
    {"also_unknown_board", Needs::firmware},
    {"classes_unknown_label", Needs::firmware},
    {"classes_wrong_type", Needs::firmware},
    {"constant_channel", Needs::firmware},
    {"damaged_graph"},
    {"deploy_over_other_files", Needs::training},
    {"does_not_fit", Needs::firmware},
    {"evaluate_other_labels", Needs::firmware},
    {"evaluate_other_rate", Needs::firmware},
    {"further_other_classes", Needs::firmware},
    {"further_unknown_key", Needs::firmware},
    {"missing_clang"},
    {"missing_recordings", Needs::firmware},
    {"missing_tool"},
    {"nan_channel", Needs::firmware},
    {"new_over_a_project"},
    {"not_toml", Needs::firmware},
    {"not_trained"},
    {"one_class", Needs::firmware},
    {"over_budget", Needs::firmware},
    {"ragged_line", Needs::firmware},
    {"too_few_recordings", Needs::firmware},
    {"truncated_wav", Needs::firmware},
    {"two_rates", Needs::firmware},
    {"units_differ", Needs::firmware},
    {"unknown_axis", Needs::firmware},
    {"unknown_block", Needs::firmware},
    {"unknown_board", Needs::firmware},
    {"unknown_data_set", Needs::firmware},
    {"unknown_group", Needs::firmware},
    {"unknown_key", Needs::firmware},
    {"unknown_parameter", Needs::firmware},
    {"unlabelled", Needs::firmware},
    {"wrong_type", Needs::firmware},
};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

fs::path golden_folder() {
  const char* source = std::getenv("MOTE_SOURCE_DIR");
  return source ? fs::path(source) / "tests/golden" : fs::path();
}

// The program `mote` of the build folder that this test lies in.
fs::path program() {
  for (fs::path folder = fs::read_symlink("/proc/self/exe").parent_path();
       folder.has_relative_path(); folder = folder.parent_path())
    if (fs::is_regular_file(folder / "mote")) return folder / "mote";
  return {};
}

// Every file below a folder with its bytes.
using Content = std::map<std::string, std::string>;
Content content(const fs::path& folder) {
  Content all;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder))
    all[entry.path().lexically_relative(folder).string()] =
        entry.is_regular_file() ? read(entry.path()) : "folder";
  return all;
}

// `#` in the expected text stands for any number: sizes follow the compiler.
bool matches(const std::string& said, const std::string& expected) {
  std::string pattern;
  for (char c : expected) {
    if (c == '#')
      pattern += "[0-9.]+";
    else if (std::string_view("\\^$.|?*+()[]{}").find(c) != std::string_view::npos)
      pattern += std::string("\\") + c;
    else
      pattern += c;
  }
  return std::regex_match(said, std::regex(pattern));
}

struct Said {
  int status = 0;
  std::string out;
  std::vector<std::string> errors;  // lines from the first "error:" on; warnings come before
};

class GoldenTest : public testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    if (golden_folder().empty())
      GTEST_SKIP() << "MOTE_SOURCE_DIR is not set: the cases are not found";
    ASSERT_FALSE(program().empty()) << "the program mote is not built";
    if (GetParam().needs == Needs::firmware &&
        !(tool_exists("arm-none-eabi-gcc") && tool_exists("qemu-system-arm")))
      GTEST_SKIP() << "the cross compiler or the emulator is not installed";
    folder_ = fs::path(testing::TempDir()) /
              ("mote_golden_" + std::to_string(getpid()) + "_" + GetParam().name);
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    const fs::path here = golden_folder() / GetParam().name, common = golden_folder() / "common";
    fs::copy(fs::exists(here / "recordings") ? here : common, folder_ / "project",
             fs::copy_options::recursive);
    if (!fs::exists(here / "recordings"))
      fs::copy(here, folder_ / "project",
               fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    if (!fs::exists(folder_ / "project/mote.toml"))
      fs::copy_file(common / "mote.toml", folder_ / "project/mote.toml");
    if (fs::exists(here / "other")) fs::rename(folder_ / "project/other", folder_ / "other");
    for (const char* ours : {"expected_error.txt", "commands.txt"})
      fs::remove(folder_ / "project" / ours);
    fs::create_directories(folder_ / "project/build");
    std::ofstream(folder_ / "project/build/kept.txt") << "what an earlier build left\n";
  }
  void TearDown() override { fs::remove_all(folder_); }

  // "train project" or, with an environment, "PATH= build project".
  Said run(const std::string& command) const {
    Invocation invocation;
    invocation.folder = folder_;
    invocation.output = folder_ / "out.txt";
    std::istringstream words(command);
    std::vector<std::string> environment, args;
    for (std::string word; words >> word;)
      (word.find('=') != std::string::npos && args.empty() ? environment : args).push_back(word);
    invocation.args = {"/usr/bin/env"};
    invocation.args.insert(invocation.args.end(), environment.begin(), environment.end());
    invocation.args.push_back(program().string());
    invocation.args.insert(invocation.args.end(), args.begin(), args.end());
    const Ending ending = run_program(invocation);
    Said said{ending.how == Ended::exited ? ending.status : -1, read(folder_ / "out.txt"), {}};
    fs::remove(folder_ / "out.txt");
    for (const std::string& line : lines_of(ending.text))
      if (!said.errors.empty() || line.rfind("warning:", 0) != 0) said.errors.push_back(line);
    return said;
  }

  fs::path folder_;
};

TEST_P(GoldenTest, IsToldWhatToDo) {
  const fs::path here = golden_folder() / GetParam().name;
  std::vector<std::string> commands = lines_of(read(here / "commands.txt"));
  if (commands.empty()) commands = {"build project"};
  for (size_t i = 0; i + 1 < commands.size(); ++i) {
    const Said said = run(commands[i]);
    if (said.status != 0 && !said.errors.empty() &&
        said.errors[0].find("trainer-missing") != std::string::npos)
      GTEST_SKIP() << "the training library is not built";
    ASSERT_EQ(said.status, 0) << commands[i] << "\n" << testing::PrintToString(said.errors);
  }
  const Content before = content(folder_);
  const Said said = run(commands.back());
  EXPECT_EQ(said.status, 1) << testing::PrintToString(said.errors);
  EXPECT_EQ(said.out, "");
  for (const auto& [name, bytes] : content(folder_)) {
    EXPECT_TRUE(before.count(name)) << name << " was left behind";
    if (before.count(name)) {
      EXPECT_EQ(bytes, before.at(name)) << name << " was changed";
    }
  }
  const std::vector<std::string> expected = lines_of(read(here / "expected_error.txt"));
  if (std::getenv("MOTE_UPDATE_GOLDEN")) {
    std::ofstream out(here / "expected_error.txt");
    for (size_t i = 0; i < said.errors.size(); ++i)
      out << (i < expected.size() && matches(said.errors[i], expected[i]) ? expected[i]
                                                                          : said.errors[i])
          << "\n";
    return;
  }
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(said.errors.size(), expected.size()) << testing::PrintToString(said.errors);
  for (size_t i = 0; i < said.errors.size() && i < expected.size(); ++i)
    EXPECT_TRUE(matches(said.errors[i], expected[i]))
        << "said:     " << said.errors[i] << "\nexpected: " << expected[i];
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return std::string(test.param.name); });

// A folder that no test runs would be forgotten.
TEST(GoldenFolders, AreAllRun) {
  if (golden_folder().empty())
    GTEST_SKIP() << "MOTE_SOURCE_DIR is not set: the cases are not found";
  for (const fs::directory_entry& entry : fs::directory_iterator(golden_folder())) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_directory() || name == "common") continue;
    EXPECT_TRUE(std::any_of(std::begin(kCases), std::end(kCases), [&](const Case& c) {
      return name == c.name;
    })) << name;
  }
}

}  // namespace
}  // namespace mote
