// SPDX-License-Identifier: Apache-2.0
// What every verb of the command line shares. A verb is a file in commands/ with one function that
// adds its options and its action; main.cc lists them. Verbs hold no logic: they call a room and
// print.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graph/diagnostics.h"

namespace CLI {
class App;
}

namespace mote {

// Set by the options that every verb has.
struct Common {
  bool json = false;   // one JSON object on standard output, nothing else there
  bool quiet = false;  // no progress
  int status =
      0;  // exit status where a verb answers without failing: `doctor` that finds something missing
  Diagnostics diagnostics;
};

// Adds `name` with its description and example to the application; returns the sub-command.
CLI::App* add_verb(CLI::App& app, Common& common, const std::string& name,
                   const std::string& summary, const std::string& example);

// What every verb that reads a model file takes.
struct ImportOptions;
void add_import_options(CLI::App* verb, ImportOptions& options);
// --ram-kb: what a model may take.
void add_ram_option(CLI::App* verb, double& ram_kb);
[[noreturn]] void refuse_ram_of_project();

// --hop, of a model file.
void add_hop_option(CLI::App* verb, std::optional<int64_t>& hop);
[[noreturn]] void refuse_hop_of_project();

// A line of progress on standard error while a terminal is looking; "" ends it.
class ProgressLine {
 public:
  explicit ProgressLine(bool quiet);
  ~ProgressLine();
  // "training [#####-----] 12/24 loss 0.31"
  void show(const std::string& what, double fraction, const std::string& detail = "");
  // Clears the line.
  void end();

 private:
  bool visible_;
  bool shown_ = false;
};

// Prints warnings to standard error and forgets them.
void print_warnings(Common& common);

#define MOTE_VERB(name) void add_##name(CLI::App& app, Common& common);
#include "apps/cli/verbs.def"
#undef MOTE_VERB

}  // namespace mote
