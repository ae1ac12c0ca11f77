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
#include <chrono>

namespace mote {
namespace {

// A hello runs no model: a player that is there answers at once.
constexpr double kGreetingSilence_s = 3;
constexpr double kFlush_s = 2;

using Clock = std::chrono::steady_clock;

Clock::time_point after(double seconds) {
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

double seconds_until(Clock::time_point moment) {
  return std::chrono::duration<double>(moment - Clock::now()).count();
}

bool wait_until_writable(int fd, Clock::time_point deadline) {
  pollfd waited = {fd, POLLOUT, 0};
  const int ms = int(std::max(0.0, seconds_until(deadline) * 1000));
  const int ready = poll(&waited, 1, ms);
  return ready > 0 || (ready < 0 && errno == EINTR);
}

// Sockets are written without SIGPIPE; a tty is not a socket. A far end that takes nothing is
// silent.
Talk write_all(int fd, std::string_view bytes, double silence_s) {
  const Clock::time_point deadline = after(silence_s);
  while (!bytes.empty()) {
    ssize_t n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno == ENOTSOCK) n = write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {
      if (!wait_until_writable(fd, deadline)) return Talk::silent;
      continue;
    }
    if (n <= 0) return Talk::closed;
    bytes.remove_prefix(size_t(n));
  }
  return Talk::complete;
}

enum class Got { bytes, nothing, end };

Got read_some(int fd, double seconds, std::string& bytes) {
  pollfd waited = {fd, POLLIN, 0};
  const int ready = seconds > 0 ? poll(&waited, 1, int(seconds * 1000)) : 0;
  if (ready < 0 && errno == EINTR) return read_some(fd, seconds, bytes);
  if (ready <= 0) return Got::nothing;
  char piece[4096];
  const ssize_t n = read(fd, piece, sizeof piece);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return read_some(fd, seconds, bytes);
  if (n <= 0) return Got::end;
  bytes.assign(piece, size_t(n));
  return Got::bytes;
}

// Until command `i` is acknowledged.
Talk hear(const Line& line, size_t i, double silence_s, TraceReader& reader) {
  std::string bytes;
  size_t n_frames = reader.n_frames();
  Clock::time_point deadline = after(silence_s);
  while (reader.n_acknowledged() <= i) {
    const Got got = read_some(line.read_fd, seconds_until(deadline), bytes);
    if (got == Got::nothing) return Talk::silent;
    if (got == Got::bytes) reader.feed(bytes);
    if (got == Got::end) reader.end_of_link();
    if (reader.failed()) return Talk::failed;
    if (got == Got::end) return Talk::closed;
    if (reader.n_frames() != n_frames) deadline = after(silence_s);
    n_frames = reader.n_frames();
  }
  return Talk::complete;
}

}  // namespace

Talk talk(const Line& line, const std::vector<CommandFrame>& commands, double silence_s,
          TraceReader& reader) {
  for (size_t i = 0; i < commands.size(); ++i) {
    const double wait_s = i == 0 ? std::min(silence_s, kGreetingSilence_s) : silence_s;
    const Talk said = write_all(line.write_fd, commands[i].bytes, wait_s);
    const Talk heard = said == Talk::complete ? hear(line, i, wait_s, reader) : said;
    if (heard != Talk::complete) return heard;
  }
  return Talk::complete;
}

void flush(const Line& line) {
  // Longer than any frame: a player in the middle of one finds its CRC wrong and looks for the
  // next.
  write_all(line.write_fd, std::string(wire::kMaxFrame, '\0'), kFlush_s / 2);
  std::string bytes;
  const Clock::time_point deadline = after(kFlush_s / 2);
  while (seconds_until(deadline) > 0 && read_some(line.read_fd, 0.3, bytes) == Got::bytes) {
  }
}

int open_serial(const std::string& device) {
  const int fd = open(device.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
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
