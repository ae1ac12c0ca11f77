// SPDX-License-Identifier: Apache-2.0
// The serial line: a board behind a pseudo-terminal gives the trace of the host, damaged bytes or
// not.
#include "runner/line.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "runner/subprocess.h"
#include "runner/test_firmware.h"

namespace mote::test {
namespace {

// A pseudo-terminal whose far end is a player; a chosen byte of the answers may be damaged.
class FakeBoard {
 public:
  FakeBoard(const Image& image, const Board& board, int64_t damaged_byte)
      : emulator_(invocation(image, board)), damaged_byte_(damaged_byte) {
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    grantpt(master_);
    unlockpt(master_);
    device_ = ptsname(master_);
    // Kept open, so that the far end lives on between two opens; raw, as a cable is.
    slave_ = open_serial(device_);
    bridge_ = std::thread([this] { carry(); });
  }
  ~FakeBoard() {
    stop_ = true;
    bridge_.join();
    close(master_);
    close(slave_);
  }

  const std::string& device() const { return device_; }

 private:
  static Invocation invocation(const Image& image, const Board& board) {
    Invocation i;
    i.args = emulator_args(board);
    i.args.insert(i.args.end(), {"-kernel", image.elf.string(), "-serial", "stdio"});
    return i;
  }

  void carry() {
    int64_t n_answered = 0;
    while (!stop_) {
      pollfd ends[2] = {{master_, POLLIN, 0}, {emulator_.read_fd(), POLLIN, 0}};
      if (poll(ends, 2, 50) <= 0) continue;
      char bytes[256];
      if (ends[0].revents & POLLIN) {
        const ssize_t n = read(master_, bytes, sizeof bytes);
        if (n > 0 && write(emulator_.write_fd(), bytes, size_t(n)) != n) return;
      }
      if (ends[1].revents & POLLIN) {
        const ssize_t n = read(emulator_.read_fd(), bytes, sizeof bytes);
        for (ssize_t i = 0; i < n; ++i)
          if (n_answered++ == damaged_byte_) bytes[i] ^= 4;
        if (n > 0 && write(master_, bytes, size_t(n)) != n) return;
      }
    }
  }

  Conversant emulator_;
  int64_t damaged_byte_;
  int master_ = -1;
  int slave_ = -1;
  std::string device_;
  std::atomic<bool> stop_ = false;
  std::thread bridge_;
};

TEST(Serial, BoardBehindALineGivesTheTraceOfTheHost) {
  MOTE_NEEDS_EMULATOR();
  ScratchFolder folder;
  const Trace host = host_trace(folder);
  const Board board = board_named("nucleo-l4r5zi");
  Diagnostics diagnostics;
  const auto images =
      build_images(request_in(folder), board, {ImageKind::emulated_uart}, diagnostics);
  diagnostics.stop_if_any();
  // No damage; damage in the first report; damage in the middle, after which it is played again.
  for (const int64_t damaged_byte : {-1, 30, 2000}) {
    SCOPED_TRACE(damaged_byte);
    FakeBoard fake(images[0], board, damaged_byte);
    RunRequest run = run_in(folder, images[0]);
    run.timeout_s = 5;
    const auto trace = run_serial(run, fake.device(), diagnostics);
    ASSERT_TRUE(trace) << messages(diagnostics);
    EXPECT_EQ(difference(host, *trace), "");
    EXPECT_EQ(trace->port, "uart_cmsdk");
    // The same player serves the next session.
    if (damaged_byte < 0) {
      const auto again = run_serial(run, fake.device(), diagnostics);
      ASSERT_TRUE(again) << messages(diagnostics);
      EXPECT_EQ(difference(host, *again), "");
    }
  }
}

TEST(Serial, DeviceThatIsNotThereIsAUsersFault) {
  Diagnostics diagnostics;
  EXPECT_FALSE(run_serial(RunRequest{}, "/dev/no-such-line", diagnostics));
  ASSERT_EQ(diagnostics.errors().size(), 1u);
  EXPECT_EQ(diagnostics.errors()[0].code, "cannot-open");
}

}  // namespace
}  // namespace mote::test
