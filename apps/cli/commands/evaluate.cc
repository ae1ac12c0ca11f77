// SPDX-License-Identifier: Apache-2.0
// mote evaluate: a trained project on other recordings; float, int8 and firmware.
#include "project/evaluate.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "apps/cli/command.h"

namespace mote {
namespace {

struct Arguments {
  std::string project;
  EvaluateOptions evaluate;
};

void run(const Arguments& given, Common& common) {
  ProgressLine line(common.quiet || common.json);
  const StoredModel stored = read_stored(given.project, common.diagnostics);
  const Evaluation evaluation = evaluate_stored(
      stored, given.evaluate,
      [&](const std::string& step, double f, const std::string& detail) {
        line.show(step, f, detail);
      },
      common.diagnostics);
  line.end();
  fmt::print("{}", common.json ? to_json(evaluation) : to_text(evaluation));
}

}  // namespace

void add_evaluate(CLI::App& app, Common& common) {
  CLI::App* verb =
      add_verb(app, common, "evaluate", "score float, int8 and firmware on other recordings",
               "mote evaluate tractor/ --data june/");
  auto given = std::make_shared<Arguments>();
  verb->add_option("project", given->project, "folder with mote.toml, trained")->required();
  verb->add_option("--data", given->evaluate.data,
                   "folder or file of recordings, read as [data] says")
      ->required();
  verb->add_option("--board", given->evaluate.board, "another board than mote.toml names");
  verb->add_flag("!--no-firmware", given->evaluate.firmware, "float and int8 on this machine only");
  verb->callback([given, &common] { run(*given, common); });
}

}  // namespace mote
