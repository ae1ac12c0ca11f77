// SPDX-License-Identifier: Apache-2.0
// mote deploy: the trained model as a folder for CMake, Arduino or Zephyr, or as two files.
#include "project/deploy.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/cli/command.h"
#include "project/delivery.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string project;
  std::string form;
  std::string out;
};

void run(const Arguments& given, Common& common) {
  const Graph graph = read_graph(store_of(given.project).graph(), common.diagnostics);
  Delivery delivery(given.out);
  const Compiled compiled = compile(graph, {}, common.diagnostics);
  const DeployedFiles files = deploy(compiled, given.form);
  for (const auto& [name, text] : files) write_file(delivery.path() / name, text);
  delivery.commit(
      {{"name", graph.name}, {"form", given.form}, {"model_id", compiled.library.model_id}});
  ordered_json names = ordered_json::array();
  for (const auto& [name, text] : files) names.push_back(name);
  if (common.json)
    return fmt::print("{}\n", ordered_json{{"name", graph.name},
                                           {"form", given.form},
                                           {"out", given.out},
                                           {"model_id", compiled.library.model_id},
                                           {"files", names}}
                                  .dump(1));
  fmt::print("{}: {} files for {}; {}/README.md says how to use them\n", given.out, files.size(),
             given.form, given.out);
}

}  // namespace

void add_deploy(CLI::App& app, Common& common) {
  CLI::App* verb = add_verb(app, common, "deploy", "the model as a folder for a firmware project",
                            "mote deploy tractor/ --as cmake --out firmware/tractor");
  auto given = std::make_shared<Arguments>();
  verb->add_option("project", given->project, "folder with mote.toml, trained")->required();
  verb->add_option("--as", given->form, "cmake, arduino, zephyr, or header (one .h and one .cc)")
      ->required()
      ->check(CLI::IsMember(deploy_forms()));
  verb->add_option("--out", given->out,
                   "folder to write; must be new, empty, or written by this verb")
      ->required();
  verb->callback([given, &common] { run(*given, common); });
}

}  // namespace mote
