// SPDX-License-Identifier: Apache-2.0
// `mote data record` through the program, over a pseudo-terminal: streams of text as boards print
// them become CSVs that `mote data show` reads with their axes and rate; what is no stream of
// numbers ends with one sentence and leaves no file.
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "runner/cross_test.h"
#include "runner/fake_board_test.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::FakeLine;
using test::read_text;

class RecordVerb : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::getenv("MOTE_PROGRAM")) GTEST_SKIP() << "SKIPPED: MOTE_PROGRAM is not set";
    fs::create_directories(folder_.path("p/recordings/walk"));
    fs::create_directories(folder_.path("p/recordings/rest"));
  }
  void TearDown() override { quiet(); }

  // The board repeats `lines` from the line's opening on, one every 10 ms, until quiet().
  void print(const std::vector<std::string>& start, const std::vector<std::string>& lines) {
    board_ = std::thread([this, start, lines] {
      auto next = std::chrono::steady_clock::now();
      for (size_t i = 0; !quiet_; ++i) {
        const std::string& line =
            i < start.size() ? start[i] : lines[(i - start.size()) % lines.size()];
        if (write(line_.far_fd(), line.data(), line.size()) < 0) return;
        std::this_thread::sleep_until(next += std::chrono::milliseconds(10));
      }
    });
  }
  void quiet() {
    quiet_ = true;
    if (board_.joinable()) board_.join();
    quiet_ = false;
  }

  Invocation record(const std::string& out, const std::vector<std::string>& options) const {
    Invocation mote;
    mote.args = test::joined({std::getenv("MOTE_PROGRAM"), "data", "record", "--port",
                              line_.device(), "--out", out, "--json"},
                             options);
    mote.output = folder_.path("out.json");
    mote.timeout_s = 60;
    return mote;
  }
  json recorded(const std::string& out, const std::vector<std::string>& options) {
    ending_ = run_program(record(folder_.path(out), options));
    EXPECT_TRUE(ending_.good()) << ending_.text;
    EXPECT_FALSE(fs::exists(folder_.path(out + ".part")));
    return json::parse(read_text(folder_.path("out.json")), nullptr, false);
  }
  // The one line on standard error, without its "error: <port>: "; nothing else is said or left.
  std::string fault(const std::vector<std::string>& options) {
    const std::string out = folder_.path("p/recordings/walk/1.csv");
    ending_ = run_program(record(out, options));
    EXPECT_EQ(ending_.status, 1) << ending_.text;
    EXPECT_EQ(read_text(folder_.path("out.json")), "");
    EXPECT_TRUE(fs::is_empty(folder_.path("p/recordings/walk")));
    EXPECT_EQ(std::count(ending_.text.begin(), ending_.text.end(), '\n'), 1) << ending_.text;
    const std::string start = "error: " + line_.device() + ": ";
    EXPECT_EQ(ending_.text.rfind(start, 0), 0u) << ending_.text;
    return ending_.text.substr(std::min(start.size(), ending_.text.size()));
  }
  json show() {
    folder_.write("p/mote.toml",
                  "[data]\nrecordings = \"recordings\"\nsplit = { by = \"time\" }\n"
                  "[window]\nlength_ms = 100\n");
    Invocation mote;
    mote.args = {std::getenv("MOTE_PROGRAM"), "data", "show", folder_.path("p"), "--json"};
    mote.output = folder_.path("out.json");
    const Ending ending = run_program(mote);
    EXPECT_TRUE(ending.good()) << ending.text;
    return json::parse(read_text(folder_.path("out.json")), nullptr, false);
  }

  ScratchFolder folder_;
  FakeLine line_;
  std::atomic<bool> quiet_ = false;
  std::thread board_;
  Ending ending_;
};

TEST_F(RecordVerb, AnyTextOfNumbersIsReadBackWithItsAxesAndRate) {
  print({"81,0.5\r\n", "collar 1.2 ready\r\n", "ax,ay,az\r\n"},
        {"0.25,-9.5,3\r\n", "1.5,\t2,-1e-1\r\n"});
  const std::vector<std::string> options{"--axes", "ax,ay,az", "--rate", "100", "--samples", "60"};
  const json walk = recorded("p/recordings/walk/1.csv", options);
  EXPECT_EQ(walk["samples"], 60);
  EXPECT_EQ(walk["rate_hz"], 100);
  EXPECT_EQ(walk["bad_lines"], 0);
  quiet();
  print({"\n"}, {"1 2 3\n", "4\t5\t6\n", "7; 8 ;9\n", "-1,-2,-3\r"});
  EXPECT_EQ(recorded("p/recordings/rest/1.csv", options)["samples"], 60);
  quiet();
  const json shown = show();
  EXPECT_EQ(shown["recordings"], 4);  // the split by time cuts each
  EXPECT_EQ(shown["rate_hz"], 100);
  EXPECT_EQ(shown["samples"], 120);
  EXPECT_EQ(shown["missing_samples"], 0);
  ASSERT_EQ(shown["axes"].size(), 3u);
  EXPECT_EQ(shown["axes"][0]["name"], "ax");
  EXPECT_EQ(shown["axes"][1]["lowest"], -9.5);
  EXPECT_EQ(shown["axes"][2]["highest"], 9);
}

TEST_F(RecordVerb, RateIsMeasuredAndSecondsEndIt) {
  print({"\n"}, {"1 2\n", "3 4\n"});
  const json walk = recorded("p/recordings/walk/1.csv", {"--seconds", "1.5"});
  EXPECT_EQ(ending_.text, "");
  EXPECT_NEAR(double(walk["measured_hz"]), 100, 20);  // the machine may be busy
  recorded("p/recordings/rest/1.csv", {"--seconds", "1.5", "--rate", walk["rate_hz"].dump()});
  const json shown = show();
  EXPECT_NEAR(double(shown["rate_hz"]), double(walk["rate_hz"]), 1e-6);
  EXPECT_EQ(shown["axes"][1]["name"], "axis_2");
}

TEST_F(RecordVerb, JunkAmongTheSamplesIsMissingSamples) {
  print({"\n"}, {"1,2\n", "3,4\n", "5,6\n", "battery low\n"});
  const json walk = recorded("p/recordings/walk/1.csv", {"--rate", "100", "--samples", "40"});
  EXPECT_EQ(walk["bad_lines"], 10);
  EXPECT_NE(ending_.text.find("10 lines were no 2 numbers"), std::string::npos) << ending_.text;
}

// As Ctrl-C does.
TEST_F(RecordVerb, EndedFromOutsideItWritesWhatIsThere) {
  print({"\n"}, {"1,2\n", "3,4\n"});
  const std::string out = folder_.path("p/recordings/walk/1.csv");
  Invocation mote = record(out, {"--rate", "100"});
  {
    Conversant recorder(mote);
    std::this_thread::sleep_for(std::chrono::milliseconds(800));
    EXPECT_FALSE(fs::exists(out));
    recorder.end();
  }
  EXPECT_EQ(read_text(out).rfind("time_s,axis_1,axis_2\n0.000000000,", 0), 0u);
  EXPECT_FALSE(fs::exists(out + ".part"));
}

TEST_F(RecordVerb, PortThatVanishesLeavesAWholeRecordingAndSaysSo) {
  print({"\n"}, {"1,2\n", "3,4\n"});
  std::thread pull([this] {
    std::this_thread::sleep_for(std::chrono::milliseconds(700));
    quiet();
    line_.unplug();
  });
  const json walk = recorded("p/recordings/walk/1.csv", {"--rate", "100", "--seconds", "30"});
  pull.join();
  EXPECT_GT(walk["samples"], 10);
  EXPECT_NE(ending_.text.find("the port was closed after " + walk["samples"].dump() + " samples"),
            std::string::npos)
      << ending_.text;
}

TEST_F(RecordVerb, FaultsAreOneSentenceAndLeaveNothing) {
  EXPECT_EQ(fault({"--seconds", "1"}),
            "nothing arrived; is the board on, is this its port, and does it print one sample a "
            "line: 0.12,-9.81,0.03 [no-samples]\n");
  print({}, {"hello\n", "bad sensor 3 of 4\n"});
  const std::string said = fault({"--seconds", "1"});
  quiet();
  EXPECT_NE(said.find("bytes arrived, but no two lines of numbers; check the baud rate"),
            std::string::npos)
      << said;
  print({}, {"1,2\n"});
  const std::string count = fault({"--seconds", "1", "--axes", "x,y,z"});
  quiet();
  EXPECT_NE(count.find("no two lines of 3 numbers"), std::string::npos) << count;
  line_.unplug();
  EXPECT_NE(fault({}).find("[no-"), std::string::npos);
}

}  // namespace
}  // namespace mote
