// SPDX-License-Identifier: Apache-2.0
// What the tests of the whole chain share: the fixture model (testdata/firmware) and what it is
// fed, its way to an image and to a Trace, and copies of it with a planted defect. In: a scratch
// folder. Out: requests for images and runs, Traces.
#pragma once
#include <random>

#include "runner/cross_test.h"
#include "runner/emulator.h"

#define MOTE_NEEDS_EMULATOR()           \
  MOTE_NEEDS_TOOL("arm-none-eabi-gcc"); \
  MOTE_NEEDS_TOOL("qemu-system-arm")

namespace mote::test {

inline constexpr PlayerSizes kFixtureSizes = {80, 4, 3, 9, 64};

inline std::string messages(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics.errors()) text += to_string(d) + "\n";
  return text;
}

inline Board board_named(const std::string& name) {
  Diagnostics diagnostics;
  Board board = read_board(source_path("boards/" + name + ".toml"), diagnostics);
  diagnostics.stop_if_any();
  return board;
}

inline BuildRequest request_in(const ScratchFolder& folder) {
  BuildRequest request;
  request.model_folder = source_path("runner/testdata/firmware");
  request.source_root = source_path("");
  request.build_folder = folder.path("build");
  request.sizes = kFixtureSizes;
  return request;
}

// A copy of the fixture in which `from` (once there) is `to`.
inline std::filesystem::path changed_fixture(const ScratchFolder& folder, const std::string& file,
                                             const std::string& from, const std::string& to) {
  const std::filesystem::path copy = folder.path("model");
  std::filesystem::copy(source_path("runner/testdata/firmware"), copy);
  std::string text = read_text((copy / file).string());
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  folder.write("model/" + file, text);
  return copy;
}

inline constexpr const char* kDefect = "// A test puts a defect here.";

inline Feed samples(std::mt19937& random, uint32_t n) {
  Feed feed;
  for (uint32_t i = 0; i < 3 * n; ++i) feed.values.push_back(int16_t(random()));
  return feed;
}

// Three recordings: plain, observed, and observed with a gap and values of the second stream; the
// first is longer than one frame.
inline std::vector<Playback> playbacks(uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<Playback> all(3);
  all[0] = {"walk", {samples(random, 400)}, false};
  all[1] = {"rest", all[0].feeds, true};
  all[2] = {"gap", {samples(random, 11), Feed{0, 9, {}}, samples(random, 13)}, true};
  all[2].feeds.push_back(Feed{1, 0, {-12345}});
  all[2].feeds.push_back(samples(random, 8));
  return all;
}

inline RunRequest run_in(const ScratchFolder& folder, const Image& image) {
  RunRequest request;
  request.elf = image.elf;
  request.work_folder = folder.path("run");
  request.playbacks = playbacks(7);
  request.timeout_s = 60;
  return request;
}

inline Trace host_trace(const ScratchFolder& folder) {
  Diagnostics diagnostics;
  const Image image = build_host(request_in(folder), diagnostics);
  const auto trace = run_host(run_in(folder, image), diagnostics);
  diagnostics.stop_if_any();
  return trace.value();
}

inline std::string difference(const Trace& a, const Trace& b) {
  const auto d = first_difference(a, b);
  return d ? d->recording + ": " + d->what : "";
}

}  // namespace mote::test
