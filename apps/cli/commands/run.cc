// SPDX-License-Identifier: Apache-2.0
// mote run: the trained project's firmware on the emulated core, or on a board behind a serial
// port.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "apps/cli/command.h"
#include "project/report.h"
#include "project/stored.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

struct Arguments {
  std::string project;
  std::string port;
  RunOptions run;
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

void run(const Arguments& given, Common& common) {
  ProgressLine line(common.quiet || common.json);
  const StepProgress progress = [&](const std::string& step, double fraction,
                                    const std::string& detail) {
    line.show(step, fraction, detail);
  };
  const StoredModel stored = read_stored(given.project, common.diagnostics);
  if (!given.port.empty()) {
    const BoardRun result = run_on_board(stored, given.port, progress, common.diagnostics);
    line.end();
    common.status = result.bit_exact ? 0 : 1;
    return print(result, given.port, common.json);
  }
  const FirmwareResult result = run_stored(stored, given.run, progress, common.diagnostics);
  line.end();
  common.status = result.bit_exact ? 0 : 1;
  if (common.json)
    fmt::print("{}", to_json(result, stored.graph));
  else
    fmt::print("{}", to_text(result, stored.graph));
}

}  // namespace

void add_run(CLI::App& app, Common& common) {
  CLI::App* verb = add_verb(app, common, "run",
                            "the firmware on an emulated core or a board, compared with the host",
                            "mote run tractor/ --board microbit");
  auto given = std::make_shared<Arguments>();
  verb->add_option("project", given->project, "folder with mote.toml, trained")->required();
  CLI::Option* board =
      verb->add_option("--board", given->run.board, "another board than mote.toml names");
  verb->add_option("--port", given->port, "serial port of a board that runs the player image")
      ->excludes(board);
  verb->callback([given, &common] { run(*given, common); });
}

}  // namespace mote
