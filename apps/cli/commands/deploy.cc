// SPDX-License-Identifier: Apache-2.0
// mote deploy: a model as a folder for CMake, Arduino or Zephyr, as two files, or as a WebAssembly
// module.
#include "project/deploy.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/cli/command.h"
#include "project/delivery.h"
#include "project/plain_model.h"
#include "project/wasm_module.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string model;
  std::string form;
  std::string out;
  ImportOptions import;
};

ordered_json to_json(const WasmModule& module, const Compiled& compiled) {
  return {{"file", module.file},
          {"bytes", module.bytes},
          {"memory_bytes", module.memory_bytes},
          {"model_bytes", compiled.plan.model_bytes}};
}

void run(const Arguments& given, Common& common) {
  const bool is_wasm = given.form == "wasm";
  if (is_wasm) require_wasm_compiler();
  const Graph graph = graph_of(given.model, given.import, common.diagnostics);
  Delivery delivery(given.out);
  const Compiled compiled = compile(graph, {.core = core_of_form(given.form)}, common.diagnostics);
  const DeployedFiles files = deploy(compiled, given.form);
  for (const auto& [name, text] : files) write_file(delivery.path() / name, text);
  std::optional<WasmModule> module;
  if (is_wasm) module = build_module(delivery.path(), compiled);
  delivery.commit(
      {{"name", graph.name}, {"form", given.form}, {"model_id", compiled.library.model_id}});
  if (common.json) {
    ordered_json json{{"name", graph.name},
                      {"form", given.form},
                      {"out", given.out},
                      {"model_id", compiled.library.model_id},
                      {"files", ordered_json::array()}};
    for (const auto& [name, text] : files) json["files"].push_back(name);
    if (module) json["module"] = to_json(*module, compiled);
    return fmt::print("{}\n", json.dump(1));
  }
  if (module)
    fmt::print("{}: {} bytes; takes {} bytes of memory, of them {} for the model\n", module->file,
               module->bytes, module->memory_bytes, compiled.plan.model_bytes);
  fmt::print("{}: {} files for {}; {}/README.md says how to use them\n", given.out, files.size(),
             given.form, given.out);
}

}  // namespace

void add_deploy(CLI::App& app, Common& common) {
  CLI::App* verb = add_verb(app, common, "deploy", "a model as a folder for an application",
                            "mote deploy tractor/ --as cmake --out firmware/tractor");
  auto given = std::make_shared<Arguments>();
  verb->add_option(
          "model", given->model,
          "folder with mote.toml, trained; or a model file (.tflite, .onnx, .pt2, .pt, .pte)")
      ->required();
  verb->add_option("--as", given->form,
                   "cmake, arduino, zephyr, header (one .h and one .cc), or wasm")
      ->required()
      ->check(CLI::IsMember(deploy_forms()));
  verb->add_option("--out", given->out,
                   "folder to write; must be new, empty, or written by this verb")
      ->required();
  add_import_options(verb, given->import);
  verb->callback([given, &common] { run(*given, common); });
}

}  // namespace mote
