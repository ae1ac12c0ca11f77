// SPDX-License-Identifier: Apache-2.0
// mote build: the main job, recordings in, verified firmware and a report out.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "apps/cli/command.h"
#include "project/report.h"
#include "project/store.h"

namespace mote {
namespace {

struct Options {
  std::string project;
  BuildOptions build;
};

void run(const Options& options, Common& common) {
  ProgressLine line(common.quiet || common.json);
  const StepProgress progress = [&](const std::string& step, double fraction,
                                    const std::string& detail) {
    line.show(step, fraction, detail);
  };
  const BuildReport report =
      build_project(options.project, options.build, progress, common.diagnostics);
  line.end();
  if (common.json)
    fmt::print("{}", to_json(report));
  else
    fmt::print("{}\nreport: {}\n", to_text(report), store_of(options.project).page().string());
}

}  // namespace

void add_build(CLI::App& app, Common& common) {
  CLI::App* verb =
      add_verb(app, common, "build", "recordings in, verified firmware and a report out",
               "mote build tractor/");
  auto options = std::make_shared<Options>();
  verb->add_option("project", options->project, "folder with mote.toml")->required();
  verb->add_option("--board", options->build.board, "another board than mote.toml names");
  verb->add_option("--also", options->build.also,
                   "further boards whose emulated cores are compared on every held-out window")
      ->delimiter(',');
  verb->add_flag("--tune", options->build.tune,
                 "try every kernel of every layer on the emulated core and take those of fewest "
                 "estimated cycles; remembered in PROJECT/build/kernels.toml");
  verb->add_flag("!--no-firmware", options->build.firmware, "stop at the int8 scores of the host");
  verb->callback([options, &common] { run(*options, common); });
}

}  // namespace mote
