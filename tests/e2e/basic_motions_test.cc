// SPDX-License-Identifier: Apache-2.0
// The main job as a user runs it, `mote build` on public recordings: status 0, every window on the
// emulated core equal to the host's, within 90 s, and twice in two folders the same bytes: graph,
// plan, emitted files, objects, images, report. Environment: MOTE_PROGRAM (the program),
// MOTE_SOURCE_DIR. Skips loudly where the data cannot be had or a tool is missing.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <nlohmann/json.hpp>

#include "data/catalogue.h"
#include "runner/cross_test.h"
#include "runner/subprocess.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

constexpr double kMostSeconds = 90;
constexpr const char* kProject = R"([project]
name = "basic_motions"
board = "nucleo-l4r5zi"
[data]
set = "basic-motions"
[window]
length_ms = 10000
[[signal]]
block = "flatten"
[[model]]
kind = "mlp"
)";

// "" or why the recordings are not here.
std::string data_is_missing() {
  try {
    Diagnostics diagnostics;
    fetch(find_entry("basic-motions"), diagnostics);
    return "";
  } catch (const UserError& error) {
    return error.what();
  }
}

struct Built {
  Ending ending;
  double seconds = 0;
};

Built build_in(const ScratchFolder& folder) {
  folder.write("mote.toml", kProject);
  Invocation mote;
  mote.args = {std::getenv("MOTE_PROGRAM"), "build", folder.path(""), "--quiet"};
  mote.timeout_s = 300;
  const auto begin = std::chrono::steady_clock::now();
  Built built{run_program(mote)};
  built.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return built;
}

// The report without how long the build took.
std::string report_in(const ScratchFolder& folder) {
  auto report = nlohmann::json::parse(test::read_text(folder.path("build/report.json")));
  EXPECT_EQ(report.erase("seconds"), 1u);
  return report.dump();
}

// What must not depend on the folder: all that a build leaves, but for the sanitizers' program of
// this host; report.json is compared by itself.
std::map<std::string, std::string> results_in(const ScratchFolder& folder) {
  std::map<std::string, std::string> files;
  const fs::path root = folder.path("build");
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    const std::string name = fs::relative(entry.path(), root).string();
    const bool left_out = name.rfind("firmware/host", 0) == 0 || name == "report.json";
    if (entry.is_regular_file() && !left_out) files[name] = test::read_text(entry.path().string());
  }
  return files;
}

#define MOTE_NEEDS_BASIC_MOTIONS()                                                      \
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc");                                                 \
  MOTE_NEEDS_TOOL("qemu-system-arm");                                                   \
  if (!std::getenv("MOTE_PROGRAM")) GTEST_SKIP() << "SKIPPED: MOTE_PROGRAM is not set"; \
  if (const std::string why = data_is_missing(); !why.empty())                          \
  GTEST_SKIP() << "SKIPPED: the recordings basic-motions cannot be had; this is not tested: " << why

TEST(BasicMotions, BuildsVerifiesAndRepeatsByteForByte) {
  MOTE_NEEDS_BASIC_MOTIONS();
  const ScratchFolder one, two;
  const Built first = build_in(one);
  ASSERT_TRUE(first.ending.good()) << to_string(first.ending) << "\n" << first.ending.text;
  EXPECT_LE(first.seconds, kMostSeconds);
  const auto report = nlohmann::json::parse(test::read_text(one.path("build/report.json")));
  EXPECT_EQ(report.at("windows_verified"), 40);
  EXPECT_EQ(report.at("windows_differing"), 0);
  EXPECT_EQ(report.at("bit_exact"), true);
  EXPECT_EQ(report.at("self_test_passed"), true);
  EXPECT_GE(report.at("stack_bound_bytes"), report.at("stack_bytes"));
  std::cout << "mote build: " << first.seconds << " s, " << report.at("windows_verified")
            << " windows, accuracy " << report.at("accuracy_firmware") << "\n";
  ASSERT_TRUE(build_in(two).ending.good());
  EXPECT_EQ(report_in(one), report_in(two));
  const auto a = results_in(one), b = results_in(two);
  ASSERT_GE(a.size(), 20u);
  EXPECT_EQ(a.size(), b.size());
  for (const auto& [name, bytes] : a)
    EXPECT_TRUE(b.count(name) && b.at(name) == bytes) << name << " differs between two builds";
}

}  // namespace
}  // namespace mote
