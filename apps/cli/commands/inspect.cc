// SPDX-License-Identifier: Apache-2.0
// mote inspect: what a model file asks for, layer by layer, before anything is compiled for a
// board.
#include "project/inspect.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "apps/cli/command.h"
#include "project/plain_model.h"

namespace mote {
namespace {

struct Arguments {
  std::string path;
  ImportOptions import;
};

void run(const Arguments& given, Common& common) {
  LayoutReport layout;
  const Graph graph = load_model(given.path, given.import, common.diagnostics, &layout);
  const Compiled compiled = compile(graph, {}, common.diagnostics);
  const Inspection all = inspect(compiled, layout);
  fmt::print("{}", common.json ? to_json(all) : to_text(all));
}

}  // namespace

void add_inspect(CLI::App& app, Common& common) {
  CLI::App* verb =
      add_verb(app, common, "inspect", "a model file's layers, shapes, scales, MACs and memory",
               "mote inspect kws.tflite");
  auto given = std::make_shared<Arguments>();
  verb->add_option("model", given->path, "a model file (.tflite, .onnx, .pt2, .pt, .pte)")
      ->required();
  add_import_options(verb, given->import);
  verb->callback([given, &common] { run(*given, common); });
}

}  // namespace mote
