// SPDX-License-Identifier: Apache-2.0
// Options and output that verbs share. See command.h.
#include "apps/cli/command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "compiler/import/import.h"

namespace mote {

CLI::App* add_verb(CLI::App& app, Common& common, const std::string& name,
                   const std::string& summary, const std::string& example) {
  CLI::App* verb = app.add_subcommand(name, summary);
  verb->footer("Example:\n  " + example);
  verb->add_flag("--json", common.json,
                 "print one JSON object (docs/formats/cli.md) and nothing else");
  verb->add_flag("--quiet", common.quiet, "no progress on standard error");
  return verb;
}

ProgressLine::ProgressLine(bool quiet) : visible_(!quiet && isatty(STDERR_FILENO) != 0) {}
ProgressLine::~ProgressLine() { end(); }

void ProgressLine::show(const std::string& what, double fraction, const std::string& detail) {
  if (!visible_) return;
  constexpr int kWidth = 24;
  const int filled = int(fraction * kWidth + 0.5);
  fmt::print(stderr, "\r\x1b[K{} [{}{}] {}", what, std::string(size_t(filled), '#'),
             std::string(size_t(kWidth - filled), '-'), detail);
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::end() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
  shown_ = false;
}

void print_warnings(Common& common) {
  for (const Diagnostic& warning : common.diagnostics.warnings())
    fmt::print(stderr, "warning: {}\n", to_string(warning));
}

void add_import_options(CLI::App* verb, ImportOptions& options) {
  verb->add_option("--loop-bound", options.loop_bound,
                   "of a model file: how often a loop runs at most whose end depends on the input")
      ->check(CLI::Range(1, 4096));
}

}  // namespace mote
