// SPDX-License-Identifier: Apache-2.0
// mote inspect: what a model file asks for, layer by layer, before anything is compiled for a
// board.
#include "project/inspect.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "apps/cli/command.h"
#include "compiler/budget.h"
#include "compiler/passes/stream_over_time.h"
#include "project/plain_model.h"

namespace mote {
namespace {

struct Arguments {
  std::string path;
  std::optional<int64_t> hop;
  double ram_kb = 0;
  ImportOptions import;
};

void run(const Arguments& given, Common& common) {
  LayoutReport layout;
  const Graph graph = load_model(given.path, given.import, common.diagnostics, &layout);
  const auto inspected = [&](const Graph& of) {
    const auto ram_bytes = int64_t(given.ram_kb * 1024);
    const Compiled compiled = compile(of, {.ram_bytes = ram_bytes}, common.diagnostics);
    check_ram(compiled.plan, ram_bytes, common.diagnostics);
    return inspect(compiled, layout);
  };
  Inspection all = inspected(graph);
  if (given.hop) {
    const int64_t window_macs = all.macs;
    all = inspected(stream_over_time(graph, *given.hop));
    all.window_macs = window_macs;
  }
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
  add_hop_option(verb, given->hop);
  add_ram_option(verb, given->ram_kb);
  add_import_options(verb, given->import);
  verb->callback([given, &common] { run(*given, common); });
}

}  // namespace mote
