// SPDX-License-Identifier: Apache-2.0
// posix_spawnp with standard output and standard error in one pipe each; see tool_output.h.
#include "runner/tool_output.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

#include "graph/diagnostics.h"

extern char** environ;

namespace mote {
namespace {

struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) fail("no-pipe", "this machine", std::strerror(errno));
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close(read_end);
    close_write();
  }
  void close_write() {
    if (write_end >= 0) close(write_end);
    write_end = -1;
  }
  std::string read_all() const {
    std::string text;
    char buffer[65536];
    ssize_t n;
    while ((n = read(read_end, buffer, sizeof buffer)) > 0 || (n < 0 && errno == EINTR))
      if (n > 0) text.append(buffer, static_cast<size_t>(n));
    return text;
  }
};

// Errors go to a file that has no name, so that a tool which prints much on both streams cannot stall.
struct ErrorFile {
  int fd = -1;
  ErrorFile() {
    std::string name = (std::filesystem::temp_directory_path() / "mote-tool-XXXXXX").string();
    fd = mkostemp(name.data(), O_CLOEXEC);
    if (fd < 0) fail("cannot-write", name, std::strerror(errno));
    unlink(name.c_str());
  }
  ~ErrorFile() { close(fd); }
  std::string tail() const {
    const off_t size = lseek(fd, 0, SEEK_END);
    const off_t keep = size < 600 ? size : 600;
    std::string text(static_cast<size_t>(keep), '\0');
    const ssize_t n = pread(fd, text.data(), text.size(), size - keep);
    text.resize(n > 0 ? static_cast<size_t>(n) : 0);
    return text;
  }
};

pid_t spawn(const std::vector<std::string>& command, int out, int err) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, out, 1);
  posix_spawn_file_actions_adddup2(&actions, err, 2);
  pid_t pid = -1;
  const int error = posix_spawnp(&pid, words[0], &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) fail("tool-missing", command[0], std::strerror(error), "`mote doctor` says what to install");
  return pid;
}

}  // namespace

std::string tool_output(const std::vector<std::string>& command) {
  MOTE_ASSERT(!command.empty());
  Pipe out;
  ErrorFile errors;
  const pid_t pid = spawn(command, out.write_end, errors.fd);
  out.close_write();
  std::string text = out.read_all();
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) fail("tool-failed", command[0], errors.tail());
  return text;
}

bool tool_exists(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  std::stringstream folders(path ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');)
    if (access((folder + "/" + name).c_str(), X_OK) == 0) return true;
  return false;
}

}  // namespace mote
