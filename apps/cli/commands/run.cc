// SPDX-License-Identifier: Apache-2.0
// mote run: the trained project's firmware, or a model file's, on the emulated core; a project's on
// a board behind a serial port, too.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/cli/command.h"
#include "apps/cli/kernel_options.h"
#include "compiler/budget.h"
#include "compiler/passes/stream_over_time.h"
#include "graph/scratch_folder.h"
#include "project/delivery.h"
#include "project/hop.h"
#include "project/report.h"
#include "project/stored.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string project;
  RunOptions run;
  std::vector<std::string> input;
  std::string out;
  bool dump_layers = false;
  std::optional<int64_t> hop;
  double ram_kb = 0;
  KernelOptions kernels;
  ImportOptions import;
};

void print(const BoardRun& r, const std::string& port, bool json) {
  const bool passed = r.trace.self_test == 0u;
  if (json)
    return fmt::print("{}\n", ordered_json{{"port", port},
                                           {"model_id", r.trace.model_id},
                                           {"bit_exact", r.bit_exact},
                                           {"difference", r.difference},
                                           {"windows_verified", r.windows_verified},
                                           {"windows_differing", r.windows_differing},
                                           {"self_test_passed", passed},
                                           {"stack_bytes", r.trace.push_stack_bytes},
                                           {"model_bytes", r.trace.model_bytes},
                                           {"model_touched_bytes", r.trace.model_touched_bytes}}
                                  .dump(1));
  fmt::print("board on {}\n", port);
  fmt::print("  verified     {} windows, {} differing; every layer and state {}\n",
             r.windows_verified, r.windows_differing,
             r.bit_exact ? "equal to the host, byte for byte" : "NOT equal: " + r.difference);
  fmt::print("  self test    {}\n", passed ? "passed" : "FAILED");
  fmt::print("  model        {} bytes, {} touched; stack {} bytes\n", r.trace.model_bytes,
             r.trace.model_touched_bytes, r.trace.push_stack_bytes);
}

void print(const FirmwareResult& result, const Graph& graph, const Tuned& tuned,
           const Common& common) {
  if (common.json) {
    ordered_json json = ordered_json::parse(to_json(result, graph));
    if (tuned.tuning) json["tune"] = ordered_json::parse(to_json(*tuned.tuning));
    return fmt::print("{}\n", json.dump(1));
  }
  fmt::print("{}{}", tuned.tuning ? to_text(*tuned.tuning) + "\n" : "",
             result.board == "host" ? to_text_of_host(result, graph) : to_text(result, graph));
}

// A model file: fed with --input instead of recordings.
void run_file(const Arguments& given, const StepProgress& progress, Common& common) {
  if (given.dump_layers && given.out.empty())
    fail("no-folder", "--dump-layers", "there is no folder for the layers' files", "add --out DIR");
  const std::string board = given.run.board.empty() ? "host" : given.run.board;
  CompileOptions options = options_of(board, common.diagnostics);
  const Graph whole = load_model(given.project, given.import, common.diagnostics);
  options.ram_bytes = int64_t(given.ram_kb * 1024);
  const Graph of_file = given.hop ? stream_over_time(whole, *given.hop) : whole;
  const std::vector<std::string> words =
      given.input.empty() ? std::vector<std::string>{"prng:12345"} : given.input;
  const ModelSamples samples = given.hop ? read_frames(whole, of_file, words, common.diagnostics)
                                         : read_samples(of_file, words, common.diagnostics);
  const Tuned tuned = compile_with(
      given.kernels,
      {&of_file, options, board, given.out,
       [&] { return std::vector{playback_of(of_file, samples)}; },
       [&](const std::string& step, double fraction) { progress(step, fraction, ""); }},
      common.diagnostics);
  const Compiled& compiled = tuned.compiled;
  check_ram(compiled.plan, options.ram_bytes, common.diagnostics);
  const Graph& graph = compiled.model();
  std::optional<Delivery> delivery;
  if (!given.out.empty()) delivery.emplace(given.out);
  const ScratchFolder work;
  ModelRun result = run_model(
      compiled, board, samples, work.path(),
      [&](const std::string& step, double fraction) { progress(step, fraction, ""); },
      common.diagnostics);
  if (given.hop) result.firmware.hop = compare_with_windows(whole, graph, samples, result.answers);
  if (delivery) {
    write_outputs(graph, result.answers, delivery->path());
    if (given.dump_layers) write_layers(graph, result.answers, delivery->path());
    if (tuned.tuning) write_file(Store{delivery->path()}.kernels(), to_toml(*tuned.tuning));
    delivery->commit({{"name", graph.name}, {"model_id", compiled.library.model_id}});
  }
  progress("", 1, "");
  common.status = is_equal(result.firmware) ? 0 : 1;
  print(result.firmware, graph, tuned, common);
}

void run(const Arguments& given, Common& common) {
  ProgressLine line(common.quiet || common.json);
  const StepProgress progress = [&](const std::string& step, double fraction,
                                    const std::string& detail) {
    step.empty() ? line.end() : line.show(step, fraction, detail);
  };
  if (is_model_file(given.project)) return run_file(given, progress, common);
  if (given.hop) refuse_hop_of_project();
  if (given.ram_kb > 0) refuse_ram_of_project();
  refuse_kernels_of_project(given.kernels);
  const StoredModel stored = read_stored(given.project, common.diagnostics);
  if (!given.run.port.empty()) {
    const BoardRun result = run_on_board(stored, given.run, progress, common.diagnostics);
    line.end();
    common.status = result.bit_exact ? 0 : 1;
    return print(result, given.run.port, common.json);
  }
  const FirmwareResult result = run_stored(stored, given.run, progress, common.diagnostics);
  line.end();
  common.status = result.bit_exact ? 0 : 1;
  print(result, stored.graph, {}, common);
}

}  // namespace

void add_run(CLI::App& app, Common& common) {
  CLI::App* verb = add_verb(app, common, "run",
                            "the firmware on an emulated core or a board, compared with the host",
                            "mote run tractor/ --board microbit");
  auto given = std::make_shared<Arguments>();
  verb->add_option(
          "model", given->project,
          "folder with mote.toml, trained; or a model file (.tflite, .onnx, .pt2, .pt, .pte)")
      ->required();
  verb->add_option(
      "--board", given->run.board,
      "another board than mote.toml names; of a model file: a board, or host (the default)");
  verb->add_option(
      "--input", given->input,
      "of a model file: zero, prng:SEED (the default, seed 12345), or one .npy file an "
      "input; a dimension more than the input's is a sequence of samples");
  verb->add_option("--out", given->out,
                   "of a model file: folder for the outputs as .npy, new or written by this verb");
  verb->add_flag("--dump-layers", given->dump_layers,
                 "of a model file: also every layer's output, into --out");
  verb->add_option("--port", given->run.port, "serial port of a board that runs the player image");
  add_hop_option(verb, given->hop);
  add_ram_option(verb, given->ram_kb);
  add_kernel_options(verb, given->kernels);
  add_import_options(verb, given->import);
  verb->callback([given, &common] { run(*given, common); });
}

}  // namespace mote
