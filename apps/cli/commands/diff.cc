// SPDX-License-Identifier: Apache-2.0
// mote diff: two models on one input, layer by layer; or one model on two ports.
#include "project/diff.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "apps/cli/command.h"
#include "graph/scratch_folder.h"

namespace mote {
namespace {

struct Arguments {
  std::string first, second;
  std::vector<std::string> input{"prng:12345"};
  std::vector<std::string> boards;
  ImportOptions import;
};

void diff_models(const Arguments& given, Common& common) {
  const Graph a = load_model(given.first, given.import, common.diagnostics);
  const Graph b = load_model(given.second, given.import, common.diagnostics);
  common.diagnostics.stop_if_any();
  const ModelSamples samples = read_samples(a, given.input, common.diagnostics);
  const ModelDifference difference = compare_models(a, b, samples);
  common.status = first_different(difference) < 0 ? 0 : 1;
  fmt::print("{}", common.json ? to_json(difference) : to_text(difference));
}

// Every port is compared with the host's evaluation, so two ports are equal where both are.
void diff_ports(const Arguments& given, Common& common) {
  const Graph graph = load_model(given.first, given.import, common.diagnostics);
  const ModelSamples samples = read_samples(graph, given.input, common.diagnostics);
  ProgressLine line(common.quiet || common.json);
  std::vector<Trace> traces;
  for (const std::string& board : given.boards) {
    const ScratchFolder work;
    const Compiled compiled =
        compile(graph, options_of(board, common.diagnostics), common.diagnostics);
    traces.push_back(run_model(
                         compiled, board, samples, work.path(),
                         [&](const std::string& step, double fraction) {
                           line.show(board + ": " + step, fraction);
                         },
                         common.diagnostics)
                         .firmware.trace);
  }
  line.end();
  const auto difference = first_difference(traces.at(0), traces.at(1));
  common.status = difference ? 1 : 0;
  if (common.json)
    return fmt::print("{{\n \"equal\": {},\n \"first_layer\": {}\n}}\n", !difference,
                      difference ? difference->layer : -1);
  fmt::print("{} and {}: {}\n", given.boards[0], given.boards[1],
             difference ? difference->what : "every layer and state is equal");
}

}  // namespace

void add_diff(CLI::App& app, Common& common) {
  CLI::App* verb =
      add_verb(app, common, "diff",
               "two models, or one model on two boards: the first layer that differs, and "
               "how the error grows",
               "mote diff kws_float.tflite kws_int8.tflite");
  auto given = std::make_shared<Arguments>();
  verb->add_option("first", given->first, "a model file")->required();
  CLI::Option* second = verb->add_option("second", given->second, "another model file");
  verb->add_option("--input", given->input,
                   "of the first model: zero, prng:SEED, or one .npy file an input");
  verb->add_option("--boards", given->boards, "two boards (or host) to run the one model on")
      ->expected(2)
      ->delimiter(',')
      ->excludes(second);
  add_import_options(verb, given->import);
  verb->callback([given, &common] {
    if (given->second.empty() && given->boards.empty())
      fail("nothing-to-compare", given->first, "there is nothing to compare it with",
           "name a second model file, or --boards A,B");
    given->boards.empty() ? diff_models(*given, common) : diff_ports(*given, common);
  });
}

}  // namespace mote
