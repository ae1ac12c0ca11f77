// SPDX-License-Identifier: Apache-2.0
// Stop-and-wait over descriptors, and serial devices by termios. See line.h.
#include "runner/line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>

namespace mote {
namespace {

// Sockets are written without SIGPIPE; a tty is not a socket.
bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno == ENOTSOCK) n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(size_t(n));
  }
  return true;
}

// A hello runs no model: a player that is there answers at once.
constexpr double kGreetingSilence_s = 3;

enum class Got { bytes, nothing, end };

Got read_some(int fd, double seconds, std::string& bytes) {
  pollfd waited = {fd, POLLIN, 0};
  const int ready = poll(&waited, 1, int(seconds * 1000));
  if (ready < 0 && errno == EINTR) return read_some(fd, seconds, bytes);
  if (ready <= 0) return Got::nothing;
  char piece[4096];
  const ssize_t n = read(fd, piece, sizeof piece);
  if (n <= 0) return Got::end;
  bytes.assign(piece, size_t(n));
  return Got::bytes;
}

}  // namespace

Talk talk(const Line& line, const std::vector<CommandFrame>& commands, double silence_s,
          TraceReader& reader) {
  std::string bytes;
  for (size_t i = 0; i < commands.size(); ++i) {
    if (!write_all(line.write_fd, commands[i].bytes)) return Talk::closed;
    const double wait_s = i == 0 ? std::min(silence_s, kGreetingSilence_s) : silence_s;
    while (reader.n_acknowledged() <= i) {
      const Got got = read_some(line.read_fd, wait_s, bytes);
      if (got == Got::nothing) return Talk::silent;
      if (got == Got::bytes) reader.feed(bytes);
      if (got == Got::end) reader.end_of_link();
      if (reader.failed()) return Talk::failed;
      if (got == Got::end) return Talk::closed;
    }
  }
  return Talk::complete;
}

void flush(const Line& line) {
  // Longer than any frame: a player in the middle of one finds its CRC wrong and looks for the
  // next.
  write_all(line.write_fd, std::string(wire::kMaxFrame, '\0'));
  std::string bytes;
  for (int i = 0; i < 1000 && read_some(line.read_fd, 0.3, bytes) == Got::bytes; ++i) {
  }
}

int open_serial(const std::string& device) {
  const int fd = open(device.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios settings;
  if (fd < 0) return -1;
  if (tcgetattr(fd, &settings) != 0) {
    close(fd);
    return -1;
  }
  cfmakeraw(&settings);
  settings.c_cflag |= CLOCAL | CREAD;
  settings.c_cflag &= tcflag_t(~(CSTOPB | CRTSCTS));
  cfsetspeed(&settings, B115200);
  tcsetattr(fd, TCSANOW, &settings);
  tcflush(fd, TCIOFLUSH);
  return fd;
}

}  // namespace mote
