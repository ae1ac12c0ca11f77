// SPDX-License-Identifier: Apache-2.0
// mote report: the last build's report again, as it was stored.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "apps/cli/command.h"
#include "project/store.h"

namespace mote {
namespace {

constexpr const char* kRemedy = "run `mote build` first";

void run(const std::string& project, Common& common) {
  const Store store = store_of(project);
  if (common.json) return fmt::print("{}", read_file(store.report(), kRemedy));
  fmt::print("{}\nreport: {}\n", read_file(store.report_text(), kRemedy), store.page().string());
}

}  // namespace

void add_report(CLI::App& app, Common& common) {
  CLI::App* verb = add_verb(app, common, "report", "print the last build's report again",
                            "mote report tractor/ --json");
  auto project = std::make_shared<std::string>();
  verb->add_option("project", *project, "folder with mote.toml, built")->required();
  verb->callback([project, &common] { run(*project, common); });
}

}  // namespace mote
