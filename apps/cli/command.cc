// SPDX-License-Identifier: Apache-2.0
// Options and output that verbs share. See command.h.
#include "apps/cli/command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <sstream>

#include "compiler/import/import.h"

namespace mote {
namespace {

// "1,3,32,32" or "s64:1,10".
ImportOptions::Input parse_input(const std::string& text) {
  ImportOptions::Input input;
  const size_t colon = text.find(':');
  if (colon != std::string::npos)
    input.type = parse_element_type(text.substr(0, colon), "--input-shape");
  std::istringstream rest(colon == std::string::npos ? text : text.substr(colon + 1));
  for (std::string size; std::getline(rest, size, ',');) {
    const bool valid =
        !size.empty() && size.size() <= 6 &&
        std::all_of(size.begin(), size.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!valid)
      throw CLI::ValidationError("--input-shape", "\"" + text + "\" is no shape such as 1,3,32,32");
    input.shape.push_back(std::stoi(size));
  }
  return input;
}

}  // namespace

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
  verb->add_option_function<std::vector<std::string>>(
      "--input-shape",
      [&options](const std::vector<std::string>& texts) {
        for (const std::string& text : texts) options.inputs.push_back(parse_input(text));
      },
      "of a TorchScript file: the shape of each input in order, 1,3,32,32; s64:1,10 for integers");
}

void add_ram_option(CLI::App* verb, double& ram_kb) {
  verb->add_option("--ram-kb", ram_kb,
                   "of a model file: what it may take without the stack; layers run by rows where "
                   "that meets it")
      ->check(CLI::Range(0.001, 1e6));
}

void refuse_ram_of_project() {
  fail("not-a-model", "--ram-kb", "a project's budget is ram_kb in [budget] of its mote.toml",
       "leave out --ram-kb");
}

void add_hop_option(CLI::App* verb, std::optional<int64_t>& hop) {
  verb->add_option("--hop", hop,
                   "of a model file whose input is a window of a time series: the window slides by "
                   "so many frames, results are kept from hop to hop and only new ones are made");
}

void refuse_hop_of_project() {
  fail("not-a-model", "--hop", "a project's windows slide by the stride_ms of its mote.toml",
       "leave out --hop");
}

}  // namespace mote
