// SPDX-License-Identifier: Apache-2.0
// mote evaluate: a trained project on other recordings, by float, int8 and firmware; or a model
// file on labelled samples.
#include "project/evaluate.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "apps/cli/command.h"
#include "project/delivery.h"
#include "project/evaluate_model.h"

namespace mote {
namespace {

struct Arguments {
  std::string project;
  EvaluateOptions evaluate;
  std::filesystem::path out;
  ImportOptions import;
};

void run_file(const Arguments& given, const StepProgress& progress, Common& common) {
  const Compiled compiled = compile_model(given.project, given.import, common.diagnostics);
  const Graph& graph = compiled.plan.graph;
  const LabelledSamples data =
      read_labelled_samples(graph, given.evaluate.data, progress, common.diagnostics);
  std::optional<Delivery> delivery;
  if (!given.out.empty()) delivery.emplace(given.out);
  const ModelEvaluation evaluation = evaluate_model(graph, data, progress);
  if (delivery) {
    write_outputs(graph, evaluation.answers, delivery->path());
    delivery->commit({{"name", graph.name}, {"model_id", compiled.library.model_id}});
  }
  progress("", 1, "");
  fmt::print("{}", common.json ? to_json(evaluation) : to_text(evaluation));
}

void run(const Arguments& given, Common& common) {
  ProgressLine line(common.quiet || common.json);
  const StepProgress progress = [&](const std::string& step, double fraction,
                                    const std::string& detail) {
    step.empty() ? line.end() : line.show(step, fraction, detail);
  };
  if (is_model_file(given.project)) return run_file(given, progress, common);
  const StoredModel stored = read_stored(given.project, common.diagnostics);
  const Evaluation evaluation =
      evaluate_stored(stored, given.evaluate, progress, common.diagnostics);
  line.end();
  fmt::print("{}", common.json ? to_json(evaluation) : to_text(evaluation));
}

}  // namespace

void add_evaluate(CLI::App& app, Common& common) {
  CLI::App* verb =
      add_verb(app, common, "evaluate", "score float, int8 and firmware on other recordings",
               "mote evaluate tractor/ --data june/");
  auto given = std::make_shared<Arguments>();
  verb->add_option("model", given->project, "folder with mote.toml, trained; or a model file")
      ->required();
  verb->add_option("--data", given->evaluate.data,
                   "folder or file of recordings, read as [data] says; of a model file: .npy "
                   "files with labels.npy beside them, or a trained project")
      ->required();
  verb->add_option("--board", given->evaluate.board, "another board than mote.toml names");
  verb->add_flag("!--no-firmware", given->evaluate.firmware, "float and int8 on this machine only");
  verb->add_option("--out", given->out,
                   "of a model file: folder for the outputs as .npy, new or written by this verb");
  add_import_options(verb, given->import);
  verb->callback([given, &common] { run(*given, common); });
}

}  // namespace mote
