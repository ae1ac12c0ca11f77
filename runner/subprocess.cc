// SPDX-License-Identifier: Apache-2.0
// Child programs by posix_spawn. See subprocess.h.
#include "runner/subprocess.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "graph/diagnostics.h"

extern char** environ;

namespace mote {
namespace {

using Clock = std::chrono::steady_clock;

// The descriptors that a child gets as 0, 1 and 2.
struct Standard {
  int in, out, error;
};

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    int ends[2];
    MOTE_ASSERT(pipe2(ends, O_CLOEXEC) == 0);
    read_end = ends[0], write_end = ends[1];
  }
};

int open_file(const std::filesystem::path& path, int flags) {
  return open(path.empty() ? "/dev/null" : path.c_str(), flags | O_CLOEXEC, 0666);
}

pid_t spawn(const Invocation& invocation, Standard standard) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (!invocation.folder.empty())
    posix_spawn_file_actions_addchdir_np(&actions, invocation.folder.c_str());
  posix_spawn_file_actions_adddup2(&actions, standard.in, 0);
  posix_spawn_file_actions_adddup2(&actions, standard.out, 1);
  posix_spawn_file_actions_adddup2(&actions, standard.error, 2);
  std::vector<char*> argv;
  for (const std::string& arg : invocation.args) argv.push_back(const_cast<char*>(arg.c_str()));
  argv.push_back(nullptr);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -1;
}

int milliseconds_until(Clock::time_point end) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
  return int(std::max<int64_t>(0, left.count()));
}

// Reads what comes until the end of the pipe; false when the time is over first.
bool read_all(int fd, std::string& text, Clock::time_point end) {
  for (;;) {
    pollfd waited = {fd, POLLIN, 0};
    const int ready = poll(&waited, 1, milliseconds_until(end));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    char piece[4096];
    const ssize_t n = read(fd, piece, sizeof piece);
    if (n <= 0) return true;
    text.append(piece, size_t(n));
  }
}

// Waits for the child; nothing when it still runs at `end`.
std::optional<int> wait_until(pid_t pid, Clock::time_point end) {
  int status = 0;
  for (int pause_us = 100; waitpid(pid, &status, WNOHANG) == 0;
       pause_us = std::min(2 * pause_us, 5000)) {
    if (Clock::now() >= end) return std::nullopt;
    usleep(useconds_t(pause_us));
  }
  return status;
}

Clock::time_point after(double seconds) {
  return Clock::now() + std::chrono::milliseconds(int64_t(seconds * 1000));
}

}  // namespace

std::string to_string(const Ending& e) {
  switch (e.how) {
    case Ended::exited:
      return "exited with status " + std::to_string(e.status);
    case Ended::killed_by_signal:
      return "was killed by signal " + std::to_string(e.status) + " (" + strsignal(e.status) + ")";
    case Ended::timed_out:
      return "did not end in time";
    case Ended::not_found:
      break;
  }
  return "could not be started";
}

Ending run_program(const Invocation& invocation) {
  Pipe pipe;
  const int in = open_file(invocation.input, O_RDONLY);
  const int out = invocation.output.empty()
                      ? pipe.write_end
                      : open_file(invocation.output, O_WRONLY | O_CREAT | O_TRUNC);
  const pid_t pid = in < 0 || out < 0 ? -1 : spawn(invocation, {in, out, pipe.write_end});
  if (in >= 0) close(in);
  if (out >= 0 && out != pipe.write_end) close(out);
  close(pipe.write_end);
  Ending ending;
  if (pid > 0) {
    const Clock::time_point end = after(invocation.timeout_s);
    read_all(pipe.read_end, ending.text, end);
    std::optional<int> status = wait_until(pid, end);
    if (!status) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
      ending.how = Ended::timed_out;
    } else if (WIFEXITED(*status)) {
      ending.how = Ended::exited;
      ending.status = WEXITSTATUS(*status);
    } else {
      ending.how = Ended::killed_by_signal;
      ending.status = WTERMSIG(*status);
    }
  }
  close(pipe.read_end);
  return ending;
}

std::vector<Ending> run_programs(const std::vector<Invocation>& invocations, int n_at_once) {
  std::vector<Ending> endings(invocations.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i; (i = next++) < invocations.size();) endings[i] = run_program(invocations[i]);
  };
  std::vector<std::thread> threads;
  for (int i = 1; i < n_at_once; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return endings;
}

Conversant::Conversant(const Invocation& invocation) {
  Pipe from, errors;
  int to[2];  // a socket, because writing to a pipe whose reader is gone raises SIGPIPE
  MOTE_ASSERT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, to) == 0);
  pid_ = spawn(invocation, {to[0], from.write_end, errors.write_end});
  close(to[0]);
  close(from.write_end);
  close(errors.write_end);
  to_child_ = to[1], from_child_ = from.read_end, errors_ = errors.read_end;
}

void Conversant::end() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  if (!wait_until(pid_, after(5))) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  pid_ = -1;
}

std::string Conversant::error_text() {
  end();
  std::string text;
  read_all(errors_, text, after(1));
  return text;
}

Conversant::~Conversant() {
  end();
  for (int fd : {to_child_, from_child_, errors_})
    if (fd >= 0) close(fd);
}

}  // namespace mote
