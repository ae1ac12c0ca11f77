// SPDX-License-Identifier: Apache-2.0
// Child programs: compilers, emulators, host players. In: arguments, working folder, files. Out:
// how the program ended and what it said. A missing program is a value, not an error: the caller
// knows what to advise.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace mote {

struct Invocation {
  std::vector<std::string> args;  // args[0] is looked up in PATH
  std::filesystem::path folder;   // "" = the current one
  std::filesystem::path input;    // standard input; "" = /dev/null
  std::filesystem::path output;   // standard output; "" = collected in Ending::text
  double timeout_s = 600;
};

enum class Ended { exited, killed_by_signal, timed_out, not_found };

struct Ending {
  Ended how = Ended::not_found;
  int status = 0;    // exit status or number of the signal
  std::string text;  // standard error, and standard output unless it went to a file

  bool good() const { return how == Ended::exited && status == 0; }
};

// "exited with status 3", "was killed by signal 11 (Segmentation fault)", ...
std::string to_string(const Ending& ending);

// Runs to the end.
Ending run_program(const Invocation& invocation);

// Runs all, at most `n_at_once` at a time; endings in the order of the invocations.
std::vector<Ending> run_programs(const std::vector<Invocation>& invocations, int n_at_once);

// A child one talks with: its standard input is a socket, its standard output a pipe. Ended by the
// destructor.
class Conversant {
 public:
  explicit Conversant(const Invocation& invocation);
  ~Conversant();
  Conversant(const Conversant&) = delete;
  Conversant& operator=(const Conversant&) = delete;

  bool started() const { return pid_ > 0; }
  int read_fd() const { return from_child_; }
  int write_fd() const { return to_child_; }

  // Asks it to end (SIGTERM, so that an emulator's plugins write their results), then insists.
  void end();
  // What it wrote to standard error until it ended.
  std::string error_text();

 private:
  pid_t pid_ = -1;
  int from_child_ = -1;
  int to_child_ = -1;
  int errors_ = -1;
};

}  // namespace mote
