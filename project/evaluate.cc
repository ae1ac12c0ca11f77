// SPDX-License-Identifier: Apache-2.0
// See evaluate.h.
#include "project/evaluate.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "project/build.h"
#include "project/doctor.h"
#include "project/store.h"

namespace mote {
namespace {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

Dataset read_folder(const StoredModel& stored, const fs::path& folder, Diagnostics& diagnostics) {
  if (!fs::exists(folder))
    fail("no-recordings", folder.string(), "there is no such file or folder",
         "name the recordings with --data");
  DataOptions options = stored.config.data;
  options.recordings = folder;
  options.test.clear();
  options.classes_place.clear();  // not every class need be there
  options.without.clear();        // the folder holds what somebody chose to evaluate
  Dataset dataset = read_dataset(options, diagnostics);
  check_stream(stored, dataset, diagnostics);
  return dataset;
}

FirmwareResult run_firmware(const StoredModel& stored, const EvaluateOptions& options,
                            const Held& held, const StepProgress& progress,
                            Diagnostics& diagnostics) {
  const Board board = board_of(stored.config, options.board, diagnostics);
  const Compiled compiled = compile_as_built(stored, board, diagnostics);
  const StagedFolder scratch(store_of(stored.config.folder).folder /
                             "evaluate");  // never committed
  FirmwareRequest request;
  request.compiled = &compiled;
  request.board = &board;
  request.folder = scratch.path();
  request.playbacks = held.playbacks;
  request.sanitized_host = false;
  request.own_image = false;
  request.progress = [&](const std::string& step, double fraction) {
    if (progress) progress(step, fraction, "");
  };
  FirmwareResult result = verify_firmware(request, diagnostics);
  diagnostics.stop_if_any();
  return result;
}

ordered_json figures(const Fold& fold) {
  ordered_json json{{"count", fold.by_int8.count},
                    {"accuracy_float", fold.by_float.accuracy},
                    {"accuracy_int8", fold.by_int8.accuracy},
                    {"macro_f1_float", fold.by_float.macro_f1},
                    {"macro_f1_int8", fold.by_int8.macro_f1}};
  const bool ran = fold.by_firmware.count > 0;
  json["accuracy_firmware"] = ran ? ordered_json(fold.by_firmware.accuracy) : ordered_json(nullptr);
  json["macro_f1_firmware"] = ran ? ordered_json(fold.by_firmware.macro_f1) : ordered_json(nullptr);
  return json;
}

ordered_json by_class(const Scores& scores, const std::vector<std::string>& classes) {
  ordered_json list = ordered_json::array();
  for (size_t c = 0; c < classes.size(); ++c)
    list.push_back(
        {{"name", classes[c]},
         {"f1", scores.f1[c] == scores.f1[c] ? ordered_json(scores.f1[c]) : ordered_json(nullptr)},
         {"decided_as", scores.confusion[c]}});
  return list;
}

std::string points(const Scores& scores) {
  return fmt::format("{:6.2f} % accuracy  {:.4f} macro-F1", 100 * scores.accuracy, scores.macro_f1);
}

}  // namespace

Evaluation evaluate_stored(const StoredModel& stored, const EvaluateOptions& options,
                           const StepProgress& progress, Diagnostics& diagnostics) {
  if (options.firmware) require_tools();
  const Dataset dataset = read_folder(stored, options.data, diagnostics);
  std::vector<size_t> all(dataset.recordings.size());
  std::iota(all.begin(), all.end(), size_t{0});
  const int64_t window = window_samples_of(stored.graph);
  const Held held = hold(dataset, all, scales_of(stored.graph), window);
  FirmwareResult firmware;
  if (options.firmware) firmware = run_firmware(stored, options, held, progress, diagnostics);
  const Judged judged{&stored.float_graph,  &stored.graph, firmware.ran ? &firmware : nullptr,
                      stored.graph.classes, window,        stored.config.window.whole};
  const std::vector<std::string> groups = groups_of(dataset);
  const Decisions decisions = judge(judged, held, groups, progress);
  const auto classes = int32_t(stored.graph.classes.size());
  Evaluation out;
  out.name = stored.config.name;
  out.board = firmware.board;
  out.classes = stored.graph.classes;
  out.recordings = int64_t(dataset.recordings.size());
  out.dataset_sha256 = dataset.sha256;
  out.all = score(decisions, classes);
  out.all.windows_verified = firmware.windows_verified;
  out.all.windows_differing = firmware.windows_differing;
  out.all.bit_exact = firmware.bit_exact;
  if (stored.config.data.group.by != "none") out.groups = score_groups(decisions, groups, classes);
  for (size_t i = 0; i < decisions.truth.size(); ++i)
    out.changed_by_int8 += decisions.by_float[i] != decisions.by_int8[i];
  if (decisions.truth.empty())
    fail("nothing-to-score", options.data.string(), "no window of these recordings has a label",
         "say how labels are found with label = { ... } in [data]");
  return out;
}

std::string to_json(const Evaluation& e) {
  ordered_json json{{"name", e.name}, {"recordings", e.recordings}, {"classes", e.classes}};
  json.update(figures(e.all));
  json["decisions_changed_by_int8"] = e.changed_by_int8;
  const bool ran = e.all.by_firmware.count > 0;
  json["board"] = ran ? ordered_json(e.board) : ordered_json(nullptr);
  json["bit_exact"] = ran ? ordered_json(e.all.bit_exact) : ordered_json(nullptr);
  json["windows_verified"] = e.all.windows_verified;
  json["windows_differing"] = e.all.windows_differing;
  json["confusion"] = e.all.by_int8.confusion;
  json["confusion_float"] = e.all.by_float.confusion;
  json["by_class"] = by_class(e.all.by_int8, e.classes);
  json["groups"] = ordered_json::array();
  for (const Fold& group : e.groups) {
    ordered_json entry{{"name", group.held_out}};
    entry.update(figures(group));
    json["groups"].push_back(entry);
  }
  json["sha256"] = e.dataset_sha256;
  return json.dump(1) + "\n";
}

std::string to_text(const Evaluation& e) {
  std::string text =
      fmt::format("{}: {} windows of {} recordings\n", e.name, e.all.by_int8.count, e.recordings);
  text += "  float        " + points(e.all.by_float) + "\n";
  text += "  int8         " + points(e.all.by_int8) + "\n";
  if (e.all.by_firmware.count > 0) text += "  firmware     " + points(e.all.by_firmware) + "\n";
  text +=
      fmt::format("  int8 changed {} of {} decisions\n", e.changed_by_int8, e.all.by_int8.count);
  if (e.all.by_firmware.count > 0)
    text += fmt::format(
        "  verified     {} windows on an emulated {}, {} differing; every layer and state {}\n",
        e.all.windows_verified, e.board, e.all.windows_differing,
        e.all.bit_exact ? "equal to the host, byte for byte" : "NOT equal");
  text += "\n" + print(e.all.by_int8, e.classes);
  if (!e.groups.empty()) text += fmt::format("\nby group (int8)\n");
  for (const Fold& group : e.groups)
    text += fmt::format("  {:20} {:6} windows  {}\n", group.held_out, group.by_int8.count,
                        points(group.by_int8));
  return text;
}

}  // namespace mote
