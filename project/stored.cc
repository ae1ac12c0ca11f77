// SPDX-License-Identifier: Apache-2.0
// See stored.h.
#include "project/stored.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "project/budget.h"
#include "project/build.h"
#include "project/doctor.h"
#include "project/host_trace.h"
#include "project/store.h"
#include "project/tune.h"

namespace mote {
namespace {

// The longest that a push may take on a slow core.
constexpr double kPush_s = 30;

// The recordings that the shipped model is shown again: the held-out ones (of the first group,
// where each group was held out once).
Held held_out(const StoredModel& stored, Data& data, Diagnostics& diagnostics) {
  data = read_data(stored.config, diagnostics);
  check_stream(stored, data.dataset, diagnostics);
  return hold(data.dataset, data.folds.at(0).test, scales_of(stored.graph),
              window_samples_of(stored.graph));
}

}  // namespace

StoredModel read_stored(const std::filesystem::path& folder, Diagnostics& diagnostics) {
  StoredModel stored;
  stored.config = read_config(folder, diagnostics);
  const Store store = store_of(folder);
  stored.float_graph = read_graph(store.float_graph(), diagnostics);
  stored.graph = read_graph(store.graph(), diagnostics);
  return stored;
}

Compiled compile_as_built(const StoredModel& stored, const Board& board, Diagnostics& diagnostics,
                          decltype(CompileOptions::at_door) at_door) {
  CompileOptions options = options_for(board, ram_for_model(stored.config));
  options.at_door = std::move(at_door);
  options.kernels = remembered_kernels(stored.graph, options, board,
                                       store_of(stored.config.folder).kernels(), diagnostics);
  return compile(stored.graph, options, diagnostics);
}

std::vector<float> scales_of(const Graph& graph) {
  std::vector<float> scales;
  for (const StreamAxis& axis : graph.streams.at(0).axes) scales.push_back(axis.scale);
  return scales;
}

int64_t window_samples_of(const Graph& graph) {
  const Rational& phase = graph.value(graph.outputs.at(0)).clock.phase;
  return phase.num / phase.den;
}

void check_stream(const StoredModel& stored, const Dataset& dataset, Diagnostics& diagnostics) {
  const Stream& stream = stored.graph.streams.at(0);
  const Recording& first = dataset.recordings.at(0);
  const auto listed = [](const auto& axes) {
    std::string text;
    for (const auto& axis : axes)
      text += (text.empty() ? "" : ", ") + axis.name +
              (axis.unit.empty() ? "" : " [" + axis.unit + "]");
    return text;
  };
  const bool same = std::equal(
      stream.axes.begin(), stream.axes.end(), first.axes.begin(), first.axes.end(),
      [](const StreamAxis& a, const Axis& b) { return a.name == b.name && a.unit == b.unit; });
  if (!same)
    diagnostics.error(
        "axes-differ", first.path,
        "its axes are " + listed(first.axes) + ", the model reads " + listed(stream.axes),
        "record the same axes in the same units, or train again");
  if (std::abs(first.rate_hz / stream.rate_hz - 1) > 0.01)
    diagnostics.error("rates-differ", first.path,
                      "its rate is " + fmt::format("{:g}", first.rate_hz) +
                          " Hz, the model reads " + fmt::format("{:g}", stream.rate_hz) + " Hz",
                      "resample the recordings, or train again");
  for (const std::string& name : dataset.classes) {
    const auto& known = stored.graph.classes;
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const std::string near = nearest(name, known);
    std::string all;
    for (const std::string& k : known) all += (all.empty() ? "" : ", ") + k;
    diagnostics.error("unknown-class", stored.config.file.string(),
                      "label '" + name + "' is no class of the model, which knows " + all,
                      near.empty()
                          ? "choose or rename labels with classes = { ... } in [data]"
                          : "did you mean '" + near + "'? classes = { ... } in [data] renames");
  }
  diagnostics.stop_if_any();
}

Comparison compare_decisions(const Trace& host, const Trace& device) {
  Comparison out;
  for (size_t r = 0; r < host.recordings.size(); ++r)
    for (size_t d = 0; d < host.recordings[r].decisions.size(); ++d) {
      const bool equal = r < device.recordings.size() &&
                         d < device.recordings[r].decisions.size() &&
                         device.recordings[r].decisions[d] == host.recordings[r].decisions[d];
      ++out.windows;
      out.differing += !equal;
    }
  return out;
}

FirmwareResult run_stored(const StoredModel& stored, const RunOptions& options,
                          const StepProgress& progress, Diagnostics& diagnostics) {
  require_tools();
  const Board board = board_of(stored.config, options.board, diagnostics);
  Data data;
  const Held held = held_out(stored, data, diagnostics);
  const Compiled compiled = compile_as_built(stored, board, diagnostics);
  StagedFolder staged(store_of(stored.config.folder).firmware());
  FirmwareRequest request;
  request.compiled = &compiled;
  request.board = &board;
  request.folder = staged.path();
  request.playbacks = held.playbacks;
  request.progress = [&](const std::string& step, double fraction) {
    if (progress) progress(step, fraction, "");
  };
  FirmwareResult result = verify_firmware(request, diagnostics);
  diagnostics.stop_if_any();
  staged.commit();
  return result;
}

BoardRun run_on_board(const StoredModel& stored, const RunOptions& options,
                      const StepProgress& progress, Diagnostics& diagnostics) {
  const std::string& port = options.port;
  serial_is_there(port, diagnostics);
  diagnostics.stop_if_any();  // before the host's evaluation, which may take minutes
  Data data;
  Held held = held_out(stored, data, diagnostics);
  for (Playback& playback : held.playbacks) playback.observe = true;
  const Board board = board_of(stored.config, options.board, diagnostics);
  const Compiled compiled = compile_as_built(stored, board, diagnostics);
  Trace host = host_trace(compiled.plan.graph, held.playbacks, [&](double f) {
    if (progress) progress("host evaluation", f, "");
  });
  if (progress) progress("playing to " + port, 0, "");
  StagedFolder staged(store_of(stored.config.folder).folder / "board");
  RunRequest request;
  request.work_folder = staged.path();
  request.playbacks = held.playbacks;
  request.timeout_s = kPush_s;
  const auto trace = run_serial(request, port, diagnostics);
  diagnostics.stop_if_any();
  MOTE_ASSERT(trace.has_value());
  if (trace->model_id != compiled.library.model_id)
    fail("other-model", port,
         "the board plays model " + trace->model_id.substr(0, 12) + ", the project holds " +
             compiled.library.model_id.substr(0, 12),
         "flash the image that `mote run` links for this board (or say which board with --board)");
  BoardRun out;
  out.trace = *trace;
  host.model_id = trace->model_id;
  host.model = trace->model;
  host.layers = trace->layers;  // the titles that people read
  const auto difference = first_difference(host, *trace);
  const Comparison compared = compare_decisions(host, *trace);
  out.windows_verified = compared.windows;
  out.windows_differing = compared.differing;
  out.bit_exact = !difference && compared.differing == 0;
  if (difference) out.difference = difference->recording + ": " + difference->what;
  return out;
}

}  // namespace mote
