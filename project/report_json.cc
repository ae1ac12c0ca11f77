// SPDX-License-Identifier: Apache-2.0
// The report as JSON: the names that scripts rely on (docs/formats/cli.md).
#include <nlohmann/json.hpp>

#include "project/elements.h"
#include "project/report.h"

namespace mote {
namespace {

using nlohmann::ordered_json;

ordered_json optional(double value) {
  return value == value ? ordered_json(value) : ordered_json(nullptr);
}

ordered_json scores_json(const Scores& scores) {
  ordered_json f1 = ordered_json::array();
  for (double value : scores.f1) f1.push_back(optional(value));
  return {{"count", scores.count},
          {"accuracy", scores.accuracy},
          {"macro_f1", scores.macro_f1},
          {"f1", f1},
          {"confusion", scores.confusion}};
}

ordered_json images_json(const FirmwareResult& r) {
  ordered_json certificate;
  certificate["verified"] = ordered_json::array();
  for (const ObjectFile& object : r.emulated.objects)
    certificate["verified"].push_back({{"object", object.name}, {"sha256", object.sha256}});
  certificate["emulated_elf_sha256"] = r.emulated.sha256;
  certificate["board_elf_sha256"] = r.own.sha256;
  certificate["not_verified"] = {"the board's start-up, clock and pin configuration",
                                 "the port (ports/own_board) and peripherals",
                                 "timing: cycles and energy are estimates"};
  return certificate;
}

ordered_json memories_json(const FirmwareResult& r) {
  ordered_json rows = ordered_json::array();
  for (const MemoryUse& memory : r.memories) {
    ordered_json holds = ordered_json::array();
    for (const MemoryPart& part : memory.parts)
      holds.push_back({{"what", part.what}, {"bytes", part.bytes}});
    rows.push_back({{"name", memory.name},
                    {"kind", memory.kind == MemoryKind::flash ? "flash" : "ram"},
                    {"bytes", memory.bytes},
                    {"used_bytes", memory.used()},
                    {"holds", holds},
                    {"accesses", memory.accesses ? ordered_json(*memory.accesses) : nullptr}});
  }
  return rows;
}

void add_run(ordered_json& json, const FirmwareResult& r) {
  json["board"] = r.board;
  json["instructions"] = r.instructions;
  json["instructions_first"] = r.first_instructions;
  json["instructions_largest_push"] = r.largest_push;
  json["cycles_estimate"] = r.cost.cycles ? ordered_json(*r.cost.cycles) : ordered_json(nullptr);
  json["cycles_error_percent"] =
      r.cost.error_percent ? ordered_json(*r.cost.error_percent) : ordered_json(nullptr);
  json["cycles_basis"] = r.cost.basis;
  json["time_us_estimate"] = r.cost.time_us ? ordered_json(*r.cost.time_us) : ordered_json(nullptr);
  json["energy_uj_estimate"] =
      r.cost.energy_uj ? ordered_json(*r.cost.energy_uj) : ordered_json(nullptr);
  json["ram_bytes"] = r.ram_bytes;
  json["input_bytes"] = r.input_bytes;
  json["model_bytes"] = r.model_bytes;
  json["far_bytes"] = r.far_bytes;
  json["model_touched_bytes"] = r.model_touched_bytes;
  json["model_alignment"] = ordered_json::array();
  for (const Alignment& idle : r.alignment)
    json["model_alignment"].push_back(
        {{"behind", idle.behind}, {"begin", idle.begin}, {"end", idle.end}});
  json["arena_bytes"] = r.arena_bytes;
  json["arena_bound_bytes"] = r.arena_bound.this_order;
  json["arena_any_order_bytes"] = r.arena_bound.any_order;
  if (!r.rows.empty()) json["rows"] = r.rows;
  json["state_bytes"] = r.state_bytes;
  json["stack_bytes"] = r.stack_bytes;
  json["stack_bound_bytes"] =
      r.stack_bound_bytes > 0 ? ordered_json(r.stack_bound_bytes) : ordered_json(nullptr);
  json["stack_path"] = r.stack_path;
  json["flash_bytes"] = r.flash_bytes;
  json["memories"] = memories_json(r);
  json["bit_exact"] = r.bit_exact;
  json["difference"] = r.difference;
  json["self_test_passed"] = r.self_test_passed;
  json["layers"] = ordered_json::array();
  for (const LayerFigures& layer : r.layers)
    json["layers"].push_back({{"index", layer.index},
                              {"name", layer.name},
                              {"operator", layer.op},
                              {"macs", layer.macs},
                              {"instructions", layer.instructions},
                              {"arena_begin", layer.arena_begin},
                              {"arena_end", layer.arena_end},
                              {"flash_bytes", layer.flash_bytes}});
  json["certificate"] = images_json(r);
}

// The same names, `null` where no firmware ran.
ordered_json run_json(const FirmwareResult& r) {
  ordered_json json;
  add_run(json, r);
  if (!r.ran)
    for (auto& [name, figure] : json.items()) figure = nullptr;
  return json;
}

ordered_json known(bool is_known, ordered_json figure) {
  return is_known ? std::move(figure) : ordered_json(nullptr);
}

ordered_json data_json(const Value& value, const uint8_t* bytes) {
  return with_elements(value, bytes, [](const auto& elements) { return ordered_json(elements); });
}

ordered_json fold_json(const Fold& fold) {
  ordered_json json{{"held_out", fold.held_out},
                    {"accuracy_float", fold.by_float.accuracy},
                    {"accuracy_int8", fold.by_int8.accuracy},
                    {"macro_f1_float", fold.by_float.macro_f1},
                    {"macro_f1_int8", fold.by_int8.macro_f1},
                    {"count", fold.by_int8.count},
                    {"confusion", fold.by_int8.confusion}};
  if (fold.by_firmware.count > 0) {
    json["accuracy_firmware"] = fold.by_firmware.accuracy;
    json["macro_f1_firmware"] = fold.by_firmware.macro_f1;
  }
  return json;
}

}  // namespace

double mean_over_groups(const BuildReport& report, double Scores::*figure) {
  double sum = 0;
  for (const Fold& group : report.groups) sum += group.by_int8.*figure;
  return report.groups.empty() ? 0 : sum / double(report.groups.size());
}

std::string to_json(const FirmwareResult& result, const Graph& graph) {
  ordered_json json;
  add_run(json, result);
  json["windows_verified"] = result.windows_verified;
  json["windows_differing"] = result.windows_differing;
  if (result.hop)
    json["hop"] = {{"frames", result.hop->hop_frames},
                   {"window_frames", result.hop->window_frames},
                   {"windows_compared", result.hop->windows},
                   {"windows_differing", result.hop->differing}};
  json["outputs"] = ordered_json::array();
  size_t at = 0;
  for (ValueId id : graph.outputs) {
    const Value& value = graph.value(id);
    if (at + size_t(value.bytes()) <= result.last_outputs.size())
      json["outputs"].push_back({{"name", value.name},
                                 {"shape", value.shape},
                                 {"type", to_string(value.type)},
                                 {"data", data_json(value, result.last_outputs.data() + at)}});
    at += size_t(value.bytes());
  }
  return json.dump(1) + "\n";
}

std::string to_json(const BuildReport& report) {
  const bool ran = report.by_firmware.count > 0, groups = !report.groups.empty();
  ordered_json json{{"name", report.name},
                    {"classes", report.classes},
                    {"split", report.split},
                    {"recordings", report.recordings},
                    {"training_windows", report.training_windows},
                    {"accuracy_float", report.by_float.accuracy},
                    {"accuracy_int8", report.by_int8.accuracy},
                    {"macro_f1_float", report.by_float.macro_f1},
                    {"macro_f1_int8", report.by_int8.macro_f1},
                    {"accuracy_firmware", known(ran, report.by_firmware.accuracy)},
                    {"macro_f1_firmware", known(ran, report.by_firmware.macro_f1)},
                    {"accuracy_int8_mean_over_groups",
                     known(groups, mean_over_groups(report, &Scores::accuracy))},
                    {"macro_f1_int8_mean_over_groups",
                     known(groups, mean_over_groups(report, &Scores::macro_f1))},
                    {"decisions_changed_by_int8", report.changed_by_int8}};
  json.update(run_json(report.firmware));
  json["board"] = report.board;
  json["bit_exact"] = known(report.firmware.ran, report.bit_exact);
  json["windows_verified"] = report.windows_verified;
  json["windows_differing"] = report.windows_differing;
  if (report.tuning) json["tune"] = ordered_json::parse(to_json(*report.tuning));
  json["also"] = ordered_json::array();
  for (const CoreComparison& core : report.also)
    json["also"].push_back({{"board", core.board},
                            {"windows_verified", core.windows_verified},
                            {"windows_differing", core.windows_differing},
                            {"bit_exact", core.bit_exact},
                            {"difference", core.difference}});
  json["scores_float"] = scores_json(report.by_float);
  json["scores_int8"] = scores_json(report.by_int8);
  json["folds"] = ordered_json::array();
  for (const Fold& fold : report.folds) json["folds"].push_back(fold_json(fold));
  json["groups"] = ordered_json::array();
  for (const Fold& fold : report.groups) json["groups"].push_back(fold_json(fold));
  json["heads"] = ordered_json::array();
  for (const HeadResult& head : report.heads)
    json["heads"].push_back({{"name", head.name},
                             {"best_epoch", head.best_epoch},
                             {"validation_float", head.validation_float},
                             {"validation_int8", head.validation_int8},
                             {"fine_tuned", head.fine_tuned}});
  json["hashes"] = {{"data_set", report.dataset_sha256},
                    {"config", report.config_sha256},
                    {"graph", report.graph_sha256},
                    {"emitted_code", known(report.firmware.ran, report.model_id)}};
  json["seconds"] = report.seconds;
  return json.dump(1) + "\n";
}

}  // namespace mote
