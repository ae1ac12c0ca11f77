// SPDX-License-Identifier: Apache-2.0
// The report as a table for a terminal.
#include <fmt/format.h>

#include "project/elements.h"
#include "project/report.h"

namespace mote {
namespace {

std::string points(const Scores& scores) {
  return fmt::format("{:6.2f} % accuracy  {:.4f} macro-F1", 100 * scores.accuracy, scores.macro_f1);
}

std::string layer_rows(const FirmwareResult& r) {
  std::string text = fmt::format("  {:>3} {:32} {:20} {:>9} {:>13} {:>9}\n", "nr", "layer",
                                 "operator", "MACs", "instructions", "flash");
  for (const LayerFigures& layer : r.layers)
    text += fmt::format("  {:>3} {:32} {:20} {:>9} {:>13.1f} {:>9}\n", layer.index, layer.name,
                        layer.op, layer.macs, layer.instructions, layer.flash_bytes);
  return text;
}

std::string estimate(const FirmwareResult& r) {
  const std::string error =
      r.cost.error_percent ? fmt::format("+-{:.0f} %", *r.cost.error_percent) : "no error bar";
  if (!r.cost.cycles) return fmt::format("  cycles       not estimated: {}\n", r.cost.basis);
  std::string text = fmt::format("  cycles       {:.0f} (estimate, {}; {})\n", *r.cost.cycles,
                                 error, r.cost.basis);
  text += fmt::format("  time         {:.1f} us a decision (estimate)\n", *r.cost.time_us);
  if (r.cost.energy_uj)
    text += fmt::format("  energy       {:.2f} uJ a decision (estimate)\n", *r.cost.energy_uj);
  return text;
}

std::string verified(const FirmwareResult& r, int64_t windows, int64_t differing, bool bit_exact) {
  std::string text = fmt::format(
      "  verified     {} windows, {} differing; every layer and state {}\n", windows, differing,
      bit_exact ? "equal to the host, byte for byte" : "NOT equal: " + r.difference);
  if (r.hop)
    text += fmt::format("  hop          {} of {} frames; {} answers, {}\n", r.hop->hop_frames,
                        r.hop->window_frames, r.hop->windows,
                        r.hop->differing == 0
                            ? "each equal to the whole window's, byte for byte"
                            : fmt::format("{} NOT equal to the whole window's", r.hop->differing));
  text += fmt::format("  self test    {}\n", !r.self_test_passed ? "FAILED"
                                             : r.board == "host" ? "passed"
                                                                 : "passed on the emulated core");
  return text;
}

std::string also_text(const CoreComparison& core) {
  return fmt::format("also on an emulated {}: {} windows, {} differing; every layer and state {}\n",
                     core.board, core.windows_verified, core.windows_differing,
                     core.bit_exact ? "equal" : "NOT equal: " + core.difference);
}

std::string bound_text(const FirmwareResult& r) {
  return r.stack_bound_bytes > 0 ? fmt::format("bound {}", r.stack_bound_bytes)
                                 : "measured; not bounded";
}

std::string firmware_text(const FirmwareResult& r, int64_t windows, int64_t differing,
                          bool bit_exact) {
  std::string text = fmt::format("firmware on an emulated {}\n", r.board);
  text += verified(r, windows, differing, bit_exact);
  text += fmt::format("  instructions {:.0f} a decision (first {}, largest push {})\n",
                      r.instructions, r.first_instructions, r.largest_push);
  text += estimate(r);
  text += fmt::format(
      "  RAM          {} bytes: model {} (arena {}, state {}{}) + stack {} ({}); the caller's "
      "input "
      "{}\n",
      r.ram_bytes, r.model_bytes, r.arena_bytes, r.state_bytes,
      r.far_bytes > 0 ? fmt::format("; far part {}", r.far_bytes) : "", r.stack_bytes,
      bound_text(r), r.input_bytes);
  text += fmt::format("  of model     {}; arena {}\n", model_memory(r),
                      arena_quality(r.arena_bytes, r.arena_bound));
  if (!r.rows.empty()) text += fmt::format("  rows         {}\n", r.rows);
  text += fmt::format("  flash        {} bytes\n", r.flash_bytes);
  for (const MemoryUse& memory : r.memories)
    text += fmt::format("  memory       {}\n", to_text(memory));
  return text + "\n" + layer_rows(r);
}

constexpr size_t kShownNumbers = 16;

std::string numbers(const Value& value, const uint8_t* bytes) {
  return with_elements(value, bytes, [](const auto& elements) {
    const size_t shown = std::min(elements.size(), kShownNumbers);
    return fmt::format(
        "[{}{}]", fmt::join(elements.begin(), elements.begin() + long(shown), ", "),
        shown < elements.size() ? fmt::format(", ... {} in all", elements.size()) : "");
  });
}

}  // namespace

std::string model_memory(const FirmwareResult& r) {
  int64_t idle = 0;
  std::string names;
  for (const Alignment& gap : r.alignment) {
    idle += gap.end - gap.begin;
    names += (names.empty() ? "behind " : ", ") + gap.behind;
  }
  std::string text =
      fmt::format("{} bytes predicted, {} touched", r.model_bytes, r.model_touched_bytes);
  if (idle > 0) text += fmt::format(", {} of alignment ({})", idle, names);
  const int64_t rest = r.model_bytes - idle - r.model_touched_bytes;
  if (rest > 0) text += fmt::format(", {} not reached", rest);
  if (rest < 0) text += fmt::format("; {} TOUCHED THAT THE PLAN LEAVES IDLE", -rest);
  return text;
}

std::string to_text(const BuildReport& report) {
  const FirmwareResult& r = report.firmware;
  std::string text = fmt::format("\n{} on {}: {} recordings, {} training windows\n", report.name,
                                 report.board, report.recordings, report.training_windows);
  text += fmt::format("  split        {}\n\n", report.split);
  text += fmt::format("held-out windows: {}\n", report.by_int8.count);
  text += "  float        " + points(report.by_float) + "\n";
  text += "  int8         " + points(report.by_int8) + "\n";
  if (report.by_firmware.count > 0) text += "  firmware     " + points(report.by_firmware) + "\n";
  text += fmt::format("  int8 changed {} of {} decisions\n\n", report.changed_by_int8,
                      report.by_int8.count);
  text += print(report.by_int8, report.classes) + "\n";
  for (const Fold& fold : report.groups)
    text += fmt::format("  {:12} {:6} windows  int8 {}\n", fold.held_out, fold.by_int8.count,
                        points(fold.by_int8));
  if (!report.groups.empty())
    text += fmt::format("  mean over {} groups: int8 {:6.2f} % accuracy  {:.4f} macro-F1\n",
                        report.groups.size(), 100 * mean_over_groups(report, &Scores::accuracy),
                        mean_over_groups(report, &Scores::macro_f1));
  if (!r.ran) return text;
  text +=
      "\n" + firmware_text(r, report.windows_verified, report.windows_differing, report.bit_exact);
  for (const CoreComparison& core : report.also) text += also_text(core);
  if (report.tuning) text += "\n" + to_text(*report.tuning);
  return text;
}

std::string outputs_text(const FirmwareResult& r, const Graph& graph) {
  std::string text;
  size_t at = 0;
  for (ValueId id : graph.outputs) {
    const Value& value = graph.value(id);
    if (at + size_t(value.bytes()) > r.last_outputs.size()) break;
    text += fmt::format("  {} = {}\n", value.name, numbers(value, r.last_outputs.data() + at));
    at += size_t(value.bytes());
  }
  return text;
}

std::string to_text(const FirmwareResult& r, const Graph& graph) {
  return firmware_text(r, r.windows_verified, r.windows_differing, r.bit_exact) +
         "\nlast decision\n" + outputs_text(r, graph);
}

std::string to_text_of_host(const FirmwareResult& r, const Graph& graph) {
  return "emitted code on this machine, under sanitizers\n" +
         verified(r, r.windows_verified, r.windows_differing, r.bit_exact) + "\nlast outputs\n" +
         outputs_text(r, graph);
}

}  // namespace mote
