// SPDX-License-Identifier: Apache-2.0
// Boards for tests of the serial line: a pseudo-terminal whose far end the test holds, and one
// whose far end is an emulated core. In: a player image with a UART. Out: the device to open.
#pragma once
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "runner/emulator.h"
#include "runner/line.h"
#include "runner/subprocess.h"

namespace mote::test {

// A cable with nobody at the far end: raw, and open between two sessions.
class FakeLine {
 public:
  FakeLine() {
    far_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    grantpt(far_);
    unlockpt(far_);
    device_ = ptsname(far_);
    near_ = open_serial(device_);
  }
  ~FakeLine() {
    unplug();
    close(near_);
  }
  FakeLine(const FakeLine&) = delete;
  FakeLine& operator=(const FakeLine&) = delete;

  const std::string& device() const { return device_; }
  int far_fd() const { return far_; }
  // The far end goes away, as when a cable is pulled.
  void unplug() {
    if (far_ >= 0) close(far_);
    far_ = -1;
  }

 private:
  int far_ = -1, near_ = -1;
  std::string device_;
};

// A player on an emulated core behind the line; a chosen byte of its answers may be damaged.
class FakeBoard {
 public:
  FakeBoard(const Image& image, const Board& board, int64_t damaged_byte = -1)
      : emulator_(invocation(image, board)), damaged_byte_(damaged_byte) {
    bridge_ = std::thread([this] { carry(); });
  }
  ~FakeBoard() {
    stop_ = true;
    bridge_.join();
  }

  const std::string& device() const { return line_.device(); }

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
      pollfd ends[2] = {{line_.far_fd(), POLLIN, 0}, {emulator_.read_fd(), POLLIN, 0}};
      if (poll(ends, 2, 50) <= 0) continue;
      char bytes[256];
      if (ends[0].revents & POLLIN) {
        const ssize_t n = read(line_.far_fd(), bytes, sizeof bytes);
        if (n > 0 && write(emulator_.write_fd(), bytes, size_t(n)) != n) return;
      }
      if (ends[1].revents & POLLIN) {
        const ssize_t n = read(emulator_.read_fd(), bytes, sizeof bytes);
        for (ssize_t i = 0; i < n; ++i)
          if (n_answered++ == damaged_byte_) bytes[i] ^= 4;
        if (n > 0 && write(line_.far_fd(), bytes, size_t(n)) != n) return;
      }
    }
  }

  FakeLine line_;
  Conversant emulator_;
  int64_t damaged_byte_;
  std::atomic<bool> stop_ = false;
  std::thread bridge_;
};

}  // namespace mote::test
