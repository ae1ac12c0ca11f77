// SPDX-License-Identifier: Apache-2.0
// Recording over a pseudo-terminal, with a board played by a thread; what arrives is read back as a
// recording.
#include "data/record.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "data/readers/csv.h"
#include "data/readers/temporary_file.h"

namespace mote {
namespace {

class Record : public testing::Test {
 protected:
  Record() {
    board_ = posix_openpt(O_RDWR | O_NOCTTY);
    grantpt(board_);
    unlockpt(board_);
    port_ = ptsname(board_);
    // Holds the terminal open, so that what the board says before the recorder opens it is not lost
    // with it.
    holder_ = open(port_.c_str(), O_RDWR | O_NOCTTY);
    options_.out = folder_.path() / "out.csv";
    options_.silence_s = 0.5;
  }
  ~Record() override {
    close(holder_);
    close(board_);
  }

  // The board prints these lines, one each `period_ms`, after the recorder has opened the port.
  RecordReport record(const std::vector<std::string>& lines, int period_ms) {
    std::thread board([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      auto next = std::chrono::steady_clock::now();
      for (const std::string& line : lines) {
        const std::string text = line + "\r\n";
        if (write(board_, text.data(), text.size()) < 0) return;
        std::this_thread::sleep_until(next += std::chrono::milliseconds(period_ms));
      }
    });
    struct Join {
      std::thread& thread;
      ~Join() { thread.join(); }
    } const join = {board};
    return record_serial(port_, options_, diagnostics_);
  }
  std::vector<Recording> read_back() {
    Diagnostics diagnostics;
    auto recordings = read_csv(options_.out, {}, diagnostics);
    EXPECT_EQ(all_text(diagnostics.errors()), "");
    return recordings;
  }

  int board_ = -1, holder_ = -1;
  std::string port_;
  TemporaryFolder folder_;
  RecordOptions options_;
  Diagnostics diagnostics_;
};

TEST_F(Record, LinesBecomeARecordingAtTheMeasuredRate) {
  std::vector<std::string> lines = {"34,7", "collar ready"};  // a line cut at its begin, a banner
  for (int i = 0; i < 100; ++i) lines.push_back(std::to_string(i) + ".25,\t-" + std::to_string(i));
  options_.axes = {"x", "y"};
  const RecordReport report = record(lines, 10);
  EXPECT_EQ(report.n_samples, 100);
  EXPECT_EQ(report.n_bad_lines, 0);
  EXPECT_NEAR(report.measured_hz, 100,
              20);  // the machine may be busy; the sender's clock is absolute
  const auto recordings = read_back();
  ASSERT_EQ(recordings.size(), 1u);
  EXPECT_EQ(recordings[0].rate_hz, report.rate_hz);
  EXPECT_EQ(recordings[0].axes[1].name, "y");
  ASSERT_EQ(recordings[0].size(), 100);
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(recordings[0].values[size_t(2 * i)], float(i) + 0.25f);
    ASSERT_EQ(recordings[0].values[size_t(2 * i + 1)], float(-i));
  }
}

TEST_F(Record, BadLinesBecomeMissingSamples) {
  options_.rate_hz = 200;
  const RecordReport report =
      record({"", "1 2 3", "4 5 6", "7 8", "oops", "10 11 12", "13 14 15"}, 5);
  EXPECT_EQ(report.n_bad_lines, 2);
  EXPECT_EQ(report.rate_hz, 200);
  const auto recordings = read_back();
  ASSERT_EQ(recordings.size(), 1u);
  EXPECT_EQ(recordings[0].values, (std::vector<float>{1, 2, 3, 4, 5, 6, 10, 11, 12, 13, 14, 15}));
  ASSERT_EQ(recordings[0].gaps.size(), 1u);
  EXPECT_EQ(recordings[0].gaps[0].missing, 2);
}

TEST_F(Record, StopsAfterTheSamplesAsked) {
  options_.n_samples = 3;
  options_.rate_hz = 500;
  EXPECT_EQ(record({"", "1", "2", "3", "4", "5", "6"}, 2).n_samples, 3);
  EXPECT_EQ(read_back()[0].values, (std::vector<float>{1, 2, 3}));
}

TEST_F(Record, StopFlagWritesWhatIsThere) {
  std::atomic<bool> stop = false;
  options_.stop = &stop;
  options_.silence_s = 60;
  options_.rate_hz = 500;
  std::thread signal([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(400));
    stop = true;
  });
  const RecordReport report = record({"", "1", "2", "3"}, 2);
  signal.join();
  EXPECT_EQ(report.n_samples, 3);
}

TEST_F(Record, SilenceAndMissingPortsAreUserErrorsAndLeaveNoFile) {
  EXPECT_THROW(record({"", "hello"}, 1), UserError);
  options_.axes = {"x", "y"};
  EXPECT_THROW(record({"", "1", "2"}, 1), UserError);
  EXPECT_THROW(record_serial(folder_.path() / "nowhere", options_, diagnostics_), UserError);
  EXPECT_THROW(record_serial(folder_.write("plain", "1\n2\n"), options_, diagnostics_), UserError);
  options_.baud = 12345;
  EXPECT_THROW(record_serial(port_, options_, diagnostics_), UserError);
  EXPECT_FALSE(std::filesystem::exists(options_.out));
  EXPECT_FALSE(std::filesystem::exists(options_.out.string() + ".part"));
  options_.baud = 115200;
  options_.out = folder_.path() / "no" / "such" / "folder.csv";
  EXPECT_THROW(record({"", "1,2", "3,4"}, 1), UserError);
}

}  // namespace
}  // namespace mote
