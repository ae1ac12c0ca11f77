// SPDX-License-Identifier: Apache-2.0
// See tune.h. Figures are those of `mote run`: executed instructions by layer, and the cost model
// over their classes. Every image is compared with the host, so a kernel that answers otherwise is
// found here at the latest.
#include "project/tune.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "compiler/emit/cpp.h"
#include "graph/scratch_folder.h"
#include "project/firmware.h"
#include "project/link.h"
#include "runner/called_code.h"

namespace mote {
namespace {

constexpr size_t kMostTries = 12;  // points that are compiled, and linked where flash is limited
constexpr int64_t kUnsure = 64;    // bytes by which predictions are off: alignment, literals

class Tuner {
 public:
  Tuner(const TuneRequest& request, Diagnostics& diagnostics)
      : request_(request), diagnostics_(diagnostics) {}

  Tuned run() {
    CompileOptions options = request_.options;
    options.at_door = {};
    rule_ = compile(*request_.graph, options, diagnostics_);
    if (request_.only_for_flash && keeps_flash(rule_)) return as_the_rule();
    tuning_ = layers_to_tune(rule_.plan, *request_.board);
    if (!recall()) measure();
    choose_point();
    tuned_.tuning = std::move(tuning_);
    return std::move(tuned_);
  }

 private:
  void step(const std::string& what, double fraction) const {
    if (request_.progress) request_.progress(what, fraction);
  }

  // Compiled once more where somebody looks at the doors.
  Tuned as_the_rule() {
    tuned_.compiled = request_.options.at_door
                          ? compile(*request_.graph, request_.options, diagnostics_)
                          : std::move(rule_);
    return std::move(tuned_);
  }

  bool keeps_flash(const Compiled& compiled) {
    if (request_.flash_bytes == 0) return true;
    step("linking for " + request_.board->name, 0);
    const ScratchFolder work;
    write_library(compiled.library, work.path("library"));
    tuned_.flash_bytes =
        link_library(compiled, *request_.board, work.path("library"), diagnostics_).flash_bytes;
    return tuned_.flash_bytes <= request_.flash_bytes;
  }

  bool recall() {
    if (request_.remembered.empty() || !std::filesystem::exists(request_.remembered)) return false;
    Tuning old = read_tuning(request_.remembered, diagnostics_);
    if (!is_of_same(old, tuning_)) return false;
    tuning_ = std::move(old);
    return true;
  }

  // ---- measuring --------------------------------------------------------------------------------

  void measure() {
    if (count_plugin_path().empty())
      fail("no-plugin", "mote_count.so",
           "the counting plugin is not beside mote, so no kernel can be measured",
           "build the target mote_count, or set MOTE_COUNT_PLUGIN");
    names_ = tuning_;  // all names, to be measured
    for (LayerTuning& layer : tuning_.layers) layer.kernels.clear();
    size_t images = 1;
    for (const LayerTuning& layer : names_.layers) images = std::max(images, layer.kernels.size());
    playbacks_ = request_.playbacks();
    for (size_t i = 0; i < images; ++i) {
      step(fmt::format("kernels {} of {}", i + 1, images), double(i) / double(images));
      measure_image(i);
    }
  }

  // The i-th kernel of every layer that has so many, the rule's of all others.
  void measure_image(size_t i) {
    KernelChoices choices;
    for (const LayerTuning& layer : names_.layers)
      choices[layer.name] = layer.kernels[i < layer.kernels.size() ? i : 0].name;
    const Plan& plan = rule_.plan;
    Compiled compiled;
    compiled.plan = make_plan(plan.graph, request_.board->core.instruction_set, plan.loop, choices,
                              request_.options.near_bytes());
    verify(compiled.plan);
    compiled.library = emit_cpp(compiled.plan);
    const ScratchFolder work;
    FirmwareRequest firmware;
    firmware.compiled = &compiled;
    firmware.board = request_.board;
    firmware.folder = work.path();
    firmware.playbacks = playbacks_;
    firmware.sanitized_host = firmware.own_image = false;
    firmware.reference = i > 0 ? &reference_ : nullptr;
    Diagnostics findings;  // what does not fit the board is a kernel less
    const FirmwareResult result = verify_firmware(firmware, i > 0 ? findings : diagnostics_);
    diagnostics_.stop_if_any();
    if (!findings.errors().empty()) return;
    expect_same_answers(result);
    if (i == 0) reference_ = result.reference;
    ++tuning_.runs;
    take_figures(compiled.plan, result, i);
  }

  void expect_same_answers(const FirmwareResult& result) {
    if (!result.ran || result.bit_exact) return;
    diagnostics_.error("kernel-differs", request_.graph->name,
                       "with other kernels the model answers otherwise: " + result.difference,
                       "this is a bug of mote, please report it");
    diagnostics_.stop_if_any();
  }

  void take_figures(const Plan& plan, const FirmwareResult& result, size_t i) {
    CalledCodeRequest called{result.emulated.elf, {}, result.emulated.architecture};
    std::vector<const LayerFigures*> figures;
    for (const LayerFigures& layer : result.layers)
      if (plan.layers[size_t(layer.index)].has_kernel) {
        figures.push_back(&layer);
        called.callers.push_back(identifier(plan.graph.name) + "_" +
                                 layer_function(plan, layer.index));
      }
    const std::vector<std::map<std::string, int64_t>> shared = called_code(called);
    for (size_t l = 0; l < figures.size(); ++l) {
      const std::string& name = plan.layers[size_t(figures[l]->index)].kernel;
      add({name, as_written(figures[l]->instructions), as_written(figures[l]->cycles),
           figures[l]->flash_bytes, shared[l]},
          tuning_.layers[l]);
    }
    if (i == 0) tuning_.other_flash_bytes = result.flash_bytes - flash_of_rule();
  }

  // What is chosen now and from the file must be the same.
  static double as_written(double figure) { return std::round(figure * 1000) / 1000; }

  // A layer that runs by rows may not have what it has as a whole; then it took the rule's again.
  static void add(KernelFigures kernel, LayerTuning& layer) {
    for (const KernelFigures& known : layer.kernels)
      if (known.name == kernel.name) return;
    layer.kernels.push_back(std::move(kernel));
  }

  int64_t flash_of_rule() const {
    return flash_front(front_problem(tuning_)).points.at(0).flash_bytes;  // one kernel a layer
  }

  // ---- choosing ---------------------------------------------------------------------------------

  // The fastest point that keeps the limits, as linked and as planned; else the rule's, or the
  // smallest.
  void choose_point() {
    const std::vector<FrontPoint> points = flash_front(front_problem(tuning_)).points;
    size_t tries = 0;
    for (const FrontPoint& point : points) {
      const int64_t predicted = tuning_.other_flash_bytes + point.flash_bytes;
      if (request_.flash_bytes > 0 && predicted > request_.flash_bytes + kUnsure) continue;
      if (++tries > kMostTries) break;
      Compiled compiled = with(point.choice);
      if (keeps_ram(compiled) && keeps_flash(compiled)) return take(std::move(compiled));
    }
    const std::vector<size_t> by_rule(tuning_.layers.size(), 0);
    Compiled compiled = with(by_rule);
    if (!keeps_flash(compiled)) {
      compiled = with(points.back().choice);
      keeps_flash(compiled);
    }
    take(std::move(compiled));
  }

  // No more than the budget, or where the rule keeps none either, no more than the rule.
  bool keeps_ram(const Compiled& compiled) const {
    const int64_t limit = request_.options.ram_bytes;
    return limit <= 0 || compiled.plan.model_bytes <= std::max(limit, rule_.plan.model_bytes);
  }

  Compiled with(const std::vector<size_t>& choice) {
    choose(tuning_, choice);
    CompileOptions options = request_.options;
    options.at_door = {};
    options.kernels = choices_of(tuning_);
    return compile(*request_.graph, options, diagnostics_);
  }

  // Compiled once more where somebody looks at the doors.
  void take(Compiled compiled) {
    if (request_.options.at_door) {
      CompileOptions options = request_.options;
      options.kernels = choices_of(tuning_);
      compiled = compile(*request_.graph, options, diagnostics_);
    }
    tuned_.compiled = std::move(compiled);
  }

  const TuneRequest& request_;
  Diagnostics& diagnostics_;
  Compiled rule_;
  Tuning tuning_;
  Tuning names_;
  std::vector<Playback> playbacks_;
  Trace reference_;
  Tuned tuned_;
};

}  // namespace

Tuned compile_tuned(const TuneRequest& request, Diagnostics& diagnostics) {
  return Tuner(request, diagnostics).run();
}

KernelChoices remembered_kernels(const Graph& graph, const CompileOptions& options,
                                 const Board& board, const std::filesystem::path& remembered,
                                 Diagnostics& diagnostics) {
  if (!std::filesystem::exists(remembered)) return {};
  const Tuning old = read_tuning(remembered, diagnostics);
  if (old.board != board.name) return {};
  CompileOptions by_rule = options;
  by_rule.at_door = {};
  const Compiled rule = compile(graph, by_rule, diagnostics);
  if (is_of_same(old, layers_to_tune(rule.plan, board))) return choices_of(old);
  diagnostics.warn("stale-kernels", remembered.string(),
                   "it was measured on other layers, kernels or with another compiler; the kernels "
                   "of the rule are taken",
                   "run `mote build` again");
  return {};
}

}  // namespace mote
