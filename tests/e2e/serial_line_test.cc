// SPDX-License-Identifier: Apache-2.0
// `mote run PROJECT --port DEVICE` through the program, with the built project's player on an
// emulated core behind a pseudo-terminal. The image that a user flashes, build/firmware/image/
// <board>-own.elf, has the board's addresses and the user's own link: no emulator runs it. The test
// links it once more, byte for byte the same, and beside it from the same object files the image
// that differs in the port (a UART of the emulated machine) and in the addresses; that one runs.
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "project/stored.h"
#include "runner/cross_test.h"
#include "runner/fake_board_test.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::FakeBoard;
using test::FakeLine;
using test::read_text;

constexpr const char* kBoard = "nucleo-l4r5zi";  // of the project
constexpr double kMostSeconds = 40;              // until a line that gives no answer is given up

Ending run_mote(const std::vector<std::string>& words, const fs::path& output = {}) {
  Invocation mote;
  mote.args = test::joined({std::getenv("MOTE_PROGRAM")}, words);
  mote.output = output;
  mote.timeout_s = 300;
  return run_program(mote);
}

std::set<std::string> files_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    names.insert(entry.path().string());
  return names;
}

// One project, trained once.
class SerialLine : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (!std::getenv("MOTE_PROGRAM") || !std::getenv("MOTE_SOURCE_DIR")) return;
    folder_ = std::make_unique<ScratchFolder>();
    fs::copy(test::source_path("tests/golden/common"), project(), fs::copy_options::recursive);
    trained_ = run_mote({"train", project(), "--quiet"});
  }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override {
    MOTE_NEEDS_TOOL("arm-none-eabi-gcc");
    MOTE_NEEDS_TOOL("qemu-system-arm");
    if (!folder_) GTEST_SKIP() << "SKIPPED: MOTE_PROGRAM or MOTE_SOURCE_DIR is not set";
    if (trained_.text.find("trainer-missing") != std::string::npos)
      GTEST_SKIP() << "SKIPPED: the training library is not built";
    ASSERT_TRUE(trained_.good()) << trained_.text;
  }

  static std::string project() { return folder_->path("p"); }

  // The images of these kinds, of the trained project.
  static std::vector<Image> link(const Board& board, const std::vector<ImageKind>& kinds) {
    Diagnostics diagnostics;
    const StoredModel stored = read_stored(project(), diagnostics);
    BuildRequest request;
    const Compiled compiled =
        compile(stored.graph, {.core = board.core.instruction_set}, diagnostics);
    request.model_folder = folder_->path("library");
    request.source_root = test::source_path("");
    request.build_folder = folder_->path("image");
    request.sizes = player_sizes(compiled.plan);
    write_library(compiled.library, request.model_folder);
    const std::vector<Image> images = build_images(request, board, kinds, diagnostics);
    diagnostics.stop_if_any();
    return images;
  }

  static Board board_named(const std::string& name) {
    Diagnostics diagnostics;
    return read_board(test::source_path("boards/" + name + ".toml"), diagnostics);
  }

  static json answer_on(const std::string& device, const char* board = kBoard) {
    const fs::path out = folder_->path("out.json");
    const Ending ending =
        run_mote({"run", project(), "--port", device, "--board", board, "--json"}, out);
    EXPECT_TRUE(ending.good()) << ending.text;
    EXPECT_EQ(ending.text, "");
    return json::parse(read_text(out), nullptr, false);
  }

  // What is said on standard error; status 1, nothing on standard output, nothing written.
  static std::string fault_on(const std::string& device) {
    const auto before = files_in(project());
    const fs::path out = folder_->path("out.json");
    const auto begin = std::chrono::steady_clock::now();
    const Ending ending = run_mote({"run", project(), "--port", device, "--json"}, out);
    EXPECT_LT(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
              kMostSeconds);
    EXPECT_EQ(ending.how, Ended::exited);
    EXPECT_EQ(ending.status, 1) << ending.text;
    EXPECT_EQ(read_text(out), "");
    EXPECT_EQ(files_in(project()), before);
    return ending.text;
  }

  static std::unique_ptr<ScratchFolder> folder_;
  static Ending trained_;
};

std::unique_ptr<ScratchFolder> SerialLine::folder_;
Ending SerialLine::trained_;

TEST_F(SerialLine, BoardGivesTheDecisionsOfTheHost) {
  ASSERT_TRUE(run_mote({"build", project(), "--quiet"}).good());
  const Board board = board_named(kBoard);
  const auto images = link(board, {ImageKind::own, ImageKind::emulated_uart});
  const std::string flashed =
      project() + "/build/firmware/image/" + std::string(kBoard) + "-own.elf";
  ASSERT_NE(read_text(flashed), "");
  EXPECT_EQ(read_text(images[0].elf), read_text(flashed));
  ASSERT_GT(images[0].objects.size(), 5u);
  const auto but_the_port = [](const Image& image) {
    return std::vector<ObjectFile>(image.objects.begin() + 1, image.objects.end());
  };
  EXPECT_TRUE(but_the_port(images[0]) == but_the_port(images[1]));
  const FakeBoard fake(images[1], board);
  const json run = answer_on(fake.device());
  const json built = json::parse(read_text(project() + "/build/report.json"));
  const std::set<std::string> documented{
      "port",        "model_id",         "bit_exact",         "difference",  "self_test_passed",
      "stack_bytes", "windows_verified", "windows_differing", "model_bytes", "model_touched_bytes"};
  std::set<std::string> names;
  for (const auto& [name, value] : run.items()) names.insert(name);
  ASSERT_EQ(names, documented) << run;
  EXPECT_EQ(run["port"], fake.device());
  EXPECT_EQ(run["bit_exact"], true);
  EXPECT_EQ(run["difference"], "");
  EXPECT_EQ(run["self_test_passed"], true);
  EXPECT_EQ(run["model_id"], built["hashes"]["emitted_code"]);
  EXPECT_EQ(run["windows_differing"], 0);
  EXPECT_GT(run["windows_verified"], 0);
  EXPECT_EQ(run["windows_verified"], built["windows_verified"]);
  EXPECT_EQ(run["model_bytes"], built["model_bytes"]);
  EXPECT_GT(run["model_touched_bytes"], 0);
  EXPECT_LE(run["model_touched_bytes"], run["model_bytes"]);
}

// The same player serves session after session, over the other UART, and after a damaged byte.
TEST_F(SerialLine, SecondSessionAndOtherUart) {
  const Board board = board_named("microbit");
  const FakeBoard fake(link(board, {ImageKind::emulated_uart})[0], board, 700);
  EXPECT_EQ(answer_on(fake.device(), "microbit")["bit_exact"], true);
  EXPECT_EQ(answer_on(fake.device(), "microbit")["bit_exact"], true);
}

// A board that was flashed before the project was trained anew.
TEST_F(SerialLine, BoardWithAnotherModelIsNamed) {
  const Board board = board_named(kBoard);
  const Image image = link(board, {ImageKind::emulated_uart})[0];
  const FakeBoard fake(image, board);
  const std::string toml = read_text(project() + "/mote.toml");
  folder_->write("p/mote.toml", toml + "seed = 7\n");
  ASSERT_TRUE(run_mote({"train", project(), "--quiet"}).good());
  EXPECT_NE(fault_on(fake.device()).find("[other-model]"), std::string::npos);
  folder_->write("p/mote.toml", toml);
  ASSERT_TRUE(run_mote({"train", project(), "--quiet"}).good());
}

TEST_F(SerialLine, PortThatIsNotThere) {
  EXPECT_EQ(fault_on("/dev/no-such-line"),
            "error: serial /dev/no-such-line: it could not be opened: No such file or directory; "
            "check the name, the cable and that you may use it (group dialout) [cannot-open]\n");
  EXPECT_NE(fault_on(project() + "/mote.toml").find("it could not be opened"), std::string::npos);
}

TEST_F(SerialLine, SilentPort) {
  const FakeLine line;
  EXPECT_EQ(fault_on(line.device()),
            "error: serial " + line.device() +
                ": nothing answered; is the player image on the board, and does it use this port "
                "at 115200 baud, 8N1? [no-answer]\n");
}

TEST_F(SerialLine, PortThatVanishes) {
  FakeLine line;
  std::thread pull([&] {
    char byte;
    if (read(line.far_fd(), &byte, 1) == 1) line.unplug();
  });
  const std::string said = fault_on(line.device());
  pull.join();
  EXPECT_NE(said.find("the line was closed"), std::string::npos) << said;
  EXPECT_NE(said.find("[no-answer]"), std::string::npos) << said;
}

// A board that runs something else, or at another speed.
TEST_F(SerialLine, LineThatSpeaksNoise) {
  const FakeLine line;
  std::atomic<bool> stop = false;
  std::thread noise([&] {
    uint32_t state = 12345;
    while (!stop) {
      char bytes[64];
      for (char& byte : bytes) byte = char((state = state * 1664525 + 1013904223) >> 24);
      pollfd ends = {line.far_fd(), POLLIN, 0};
      if (poll(&ends, 1, 5) > 0 && (ends.revents & POLLIN)) {
        char heard[256];
        if (read(line.far_fd(), heard, sizeof heard) < 0) return;
      }
      pollfd out = {line.far_fd(), POLLOUT, 0};
      if (poll(&out, 1, 0) > 0 && write(line.far_fd(), bytes, sizeof bytes) < 0) return;
    }
  });
  const std::string said = fault_on(line.device());
  stop = true;
  char rest[4096];  // lets the thread out of a full line
  fcntl(line.far_fd(), F_SETFL, O_NONBLOCK);
  while (read(line.far_fd(), rest, sizeof rest) > 0) {
  }
  noise.join();
  EXPECT_NE(said.find("bytes arrived, but no answer of a player is among them"), std::string::npos)
      << said;
  EXPECT_NE(said.find("[no-answer]"), std::string::npos) << said;
}

}  // namespace
}  // namespace mote
