// SPDX-License-Identifier: Apache-2.0
// mote compile: a trained graph, or a model file, to the emitted library; shows what stands at each
// door.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/cli/command.h"
#include "apps/cli/kernel_options.h"
#include "compiler/budget.h"
#include "compiler/import/import.h"
#include "compiler/passes/stream_over_time.h"
#include "graph/scratch_folder.h"
#include "graph/text.h"
#include "project/build.h"
#include "project/delivery.h"
#include "project/hop.h"
#include "project/link.h"
#include "project/plain_model.h"
#include "project/report.h"
#include "project/stored.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string project;
  std::string out;
  std::string board;
  std::string stop_after;
  bool dump = false;
  bool run = false;
  std::optional<int64_t> hop;
  double ram_kb = 0;
  KernelOptions kernels;
  ImportOptions import;
};

// Doors that were passed, in their order: name and text.
using Doors = std::vector<std::pair<std::string, std::string>>;

void print_doors(const Doors& doors, const std::string& only) {
  for (const auto& [name, text] : doors) {
    if (only == name) fmt::print("{}", text);
    if (only.empty()) fmt::print("==== {}\n{}", name, text);
  }
}

ordered_json doors_json(const Doors& doors) {
  ordered_json json = ordered_json::object();
  for (const auto& [name, text] : doors) json[name] = text;
  return json;
}

ordered_json plan_json(const Compiled& compiled) {
  const Plan& plan = compiled.plan;
  return {{"name", plan.graph.name},
          {"model_id", compiled.library.model_id},
          {"layers", plan.layers.size()},
          {"model_bytes", plan.ram_bytes()},
          {"far_bytes", plan.far_bytes()},
          {"arena_bytes", plan.arena_bytes},
          {"arena_bound_bytes", plan.arena_bound.this_order},
          {"arena_any_order_bytes", plan.arena_bound.any_order},
          {"state_bytes", plan.state_bytes},
          {"output_bytes", plan.output_bytes}};
}

void finish(ordered_json json, const Arguments& given, const Doors& doors, Common& common) {
  if (common.json) {
    if (given.dump) json["doors"] = doors_json(doors);
    return fmt::print("{}\n", json.dump(1));
  }
  if (given.dump) print_doors(doors, given.stop_after);
}

void print_summary(const Compiled& compiled, const std::string& folder,
                   const std::optional<LinkedSize>& linked) {
  const Plan& plan = compiled.plan;
  fmt::print("{}: {} layers, model {} bytes (arena {}, state {})\n", plan.graph.name,
             plan.layers.size(), plan.ram_bytes(), plan.arena_bytes, plan.state_bytes);
  if (plan.far_bytes() > 0) fmt::print("of them {} bytes for a second memory\n", plan.far_bytes());
  if (plan.loop) fmt::print("rows: {}\n", words_of_rows(plan));
  if (linked)
    fmt::print("linked for {}: flash {} of {} bytes, static RAM {} of {} bytes\n", linked->board,
               linked->flash_bytes, linked->board_flash_bytes, linked->ram_bytes,
               linked->board_ram_bytes);
  fmt::print("model id {}\nlibrary: {}\n", compiled.library.model_id, folder);
}

std::filesystem::path library_folder(const Arguments& given) {
  if (!given.out.empty()) return given.out;
  if (is_model_file(given.project))
    fail("no-folder", given.project, "there is no folder for the library", "add --out DIR");
  return store_of(given.project).folder / "library";
}

// The default input of `mote run`.
ModelSamples default_samples(const Graph& graph, const Graph& whole, const Arguments& given,
                             Common& common) {
  const std::vector<std::string> words{"prng:12345"};
  return given.hop ? read_frames(whole, graph, words, common.diagnostics)
                   : read_samples(graph, words, common.diagnostics);
}

Tuned compiled_for(const Graph& graph, const Graph& whole, const CompileOptions& options,
                   const Arguments& given, Common& common) {
  if (!is_model_file(given.project))
    return {given.board.empty()
                ? compile(graph, options, common.diagnostics)
                : compile_as_built(read_stored(given.project, common.diagnostics),
                                   board_named(given.board, "--board", common.diagnostics),
                                   common.diagnostics, options.at_door)};
  ProgressLine line(common.quiet || common.json);
  KernelRequest request{&graph, options, given.board, given.out, {}, {}};
  request.playbacks = [&] {
    return std::vector{playback_of(graph, default_samples(graph, whole, given, common))};
  };
  request.progress = [&](const std::string& step, double fraction) { line.show(step, fraction); };
  return compile_with(given.kernels, request, common.diagnostics);
}

// The same as `mote run` on the default input.
FirmwareResult verified(const Compiled& compiled, const Graph& whole, const Arguments& given,
                        Common& common) {
  ProgressLine line(common.quiet || common.json);
  const Graph& graph = compiled.model();
  const ModelSamples samples = default_samples(graph, whole, given, common);
  const ScratchFolder work;
  ModelRun run = run_model(
      compiled, given.board.empty() ? "host" : given.board, samples, work.path(),
      [&](const std::string& step, double fraction) { line.show(step, fraction); },
      common.diagnostics);
  line.end();
  if (given.hop) run.firmware.hop = compare_with_windows(whole, graph, samples, run.answers);
  common.status = is_equal(run.firmware) ? 0 : 1;
  return std::move(run.firmware);
}

void print_run(const FirmwareResult& result, const Graph& graph) {
  fmt::print("\n{}",
             result.board == "host" ? to_text_of_host(result, graph) : to_text(result, graph));
}

void run(const Arguments& given, Common& common) {
  if (!is_model_file(given.project)) {
    if (given.hop) refuse_hop_of_project();
    if (given.ram_kb > 0) refuse_ram_of_project();
    refuse_kernels_of_project(given.kernels);
  }
  const Graph whole = graph_of(given.project, given.import, common.diagnostics);
  const Graph graph = given.hop ? stream_over_time(whole, *given.hop) : whole;
  Doors doors{{"graph", print(graph)}};
  if (given.stop_after == "graph")
    return finish({{"name", graph.name}, {"layers", graph.nodes.size()}}, given, doors, common);
  CompileOptions options;
  if (!given.board.empty()) options = options_of(given.board, common.diagnostics);
  options.ram_bytes = int64_t(given.ram_kb * 1024);
  options.at_door = [&](const std::string& door, const std::string& text) {
    doors.emplace_back(door, text);
  };
  const Tuned tuned = compiled_for(graph, whole, options, given, common);
  const Compiled& compiled = tuned.compiled;
  check_ram(compiled.plan, options.ram_bytes, common.diagnostics);
  if (given.stop_after == "plan") return finish(plan_json(compiled), given, doors, common);
  if (given.run && !is_model_file(given.project))
    fail("not-a-model", "--run", "a project runs on its held-out recordings",
         "use `mote run PROJECT`");
  const std::filesystem::path out = library_folder(given);
  Delivery delivery(out);
  write_library(compiled.library, delivery.path());
  if (tuned.tuning) write_file(Store{delivery.path()}.kernels(), to_toml(*tuned.tuning));
  std::optional<LinkedSize> linked;
  if (!given.board.empty())
    linked = link_library(compiled, board_named(given.board, "--board", common.diagnostics),
                          delivery.path(), common.diagnostics);
  delivery.commit({{"name", graph.name}, {"model_id", compiled.library.model_id}});
  ordered_json json = plan_json(compiled);
  json["library"] = out.string();
  if (linked)
    json.update({{"board", linked->board},
                 {"flash_bytes", linked->flash_bytes},
                 {"static_ram_bytes", linked->ram_bytes}});
  std::optional<FirmwareResult> result;
  if (given.run) result = verified(compiled, whole, given, common);
  if (tuned.tuning) json["tune"] = ordered_json::parse(to_json(*tuned.tuning));
  if (result) json["run"] = ordered_json::parse(to_json(*result, compiled.plan.graph));
  finish(json, given, doors, common);
  if (common.json) return;
  if (tuned.tuning) fmt::print("{}\n", to_text(*tuned.tuning));
  print_summary(compiled, out.string(), linked);
  if (result) print_run(*result, compiled.plan.graph);
}

}  // namespace

void add_compile(CLI::App& app, Common& common) {
  CLI::App* verb =
      add_verb(app, common, "compile",
               "a trained graph or a model file to a C++ library; prints any door on the way",
               "mote compile kws.tflite --board nucleo-l4r5zi --out kws/ --run");
  auto given = std::make_shared<Arguments>();
  verb->add_option(
          "model", given->project,
          "folder with mote.toml, trained; or a model file (.tflite, .onnx, .pt2, .pt, .pte)")
      ->required();
  verb->add_option(
      "--out", given->out,
      "folder of the library, new or written by this verb; otherwise PROJECT/build/library");
  verb->add_option("--board", given->board,
                   "with the kernels of this board's core; link it, too, and print its sizes");
  verb->add_option("--stop-after", given->stop_after, "write nothing; end at this door")
      ->check(CLI::IsMember({"graph", "plan"}));
  verb->add_flag("--dump", given->dump,
                 "print what stands at the door (without --stop-after: at every door)");
  verb->add_flag("--run", given->run,
                 "of a model file: also run it as `mote run MODEL` does, and print what it takes");
  add_hop_option(verb, given->hop);
  add_ram_option(verb, given->ram_kb);
  add_kernel_options(verb, given->kernels);
  add_import_options(verb, given->import);
  verb->callback([given, &common] { run(*given, common); });
}

}  // namespace mote
