// SPDX-License-Identifier: Apache-2.0
// The corridor of the main job. Read build_project() top to bottom and you have walked through the house.
#include "project/build.h"

#include <chrono>
#include <numeric>

#include "graph/sha256.h"
#include "graph/text.h"
#include "project/report.h"
#include "project/store.h"
#include "quantize/report.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

std::vector<size_t> all_recordings(const Dataset& dataset) {
  std::vector<size_t> all(dataset.recordings.size());
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

void store_model(const Config& config, const Trained& trained) {
  const Store store = store_of(config.folder);
  write_file(store.float_graph(), print(trained.model.float_graph));
  write_file(store.graph(), print(trained.model.graph));
  write_file(store.quantization(), print(trained.model.quantization));
}

std::function<void(const std::string&, double)> firmware_progress(const StepProgress& progress) {
  return [progress](const std::string& step, double fraction) {
    if (progress) progress(step, fraction, "");
  };
}

// What one held-out part says about one trained model.
struct FoldRun {
  Decisions decisions;
  FirmwareResult firmware;
};

class Walk {
 public:
  Walk(const Config& config, const BuildOptions& options, const StepProgress& progress, Diagnostics& diagnostics)
      : config_(config), options_(options), progress_(progress), diagnostics_(diagnostics) {}

  BuildReport run() {
    const auto start = std::chrono::steady_clock::now();
    board_ = board_named(options_.board.empty() ? config_.board : options_.board, diagnostics_);
    data_ = read_data(config_, diagnostics_);
    groups_ = groups_of(data_.dataset);
    begin_report();
    const bool every_group = config_.split.by == "leave-one-group-out";
    for (const Split& split : data_.folds) run_fold(split, !every_group);
    if (every_group) ship();
    score_all();
    report_.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    write_file(store_of(config_.folder).report(), to_json(report_));
    write_file(store_of(config_.folder).page(), to_html(report_));
    return std::move(report_);
  }

 private:
  void begin_report() {
    report_.name = config_.name;
    report_.board = board_.name;
    report_.classes = data_.dataset.classes;
    report_.split = data_.sentence;
    report_.dataset_sha256 = data_.dataset.sha256;
    report_.config_sha256 = config_.sha256;
    report_.recordings = int64_t(data_.dataset.recordings.size());
  }

  Trained train_split(const std::vector<size_t>& recordings) {
    return train_on(config_, data_.dataset, recordings, progress_, diagnostics_);
  }

  // Trains without the held-out recordings, and lets firmware decide on them. `ships`: this model is the product.
  void run_fold(const Split& split, bool ships) {
    const Trained trained = train_split(split.train);
    if (ships) keep(trained);
    const Held held = hold(config_, data_.dataset, split.test, trained.scales, trained.window_samples);
    FirmwareResult firmware;
    if (options_.firmware) firmware = verify(trained, held, ships);
    Judged judged{&trained.model.float_graph, &trained.model.graph, firmware.ran ? &firmware.trace : nullptr,
                  data_.dataset.classes, trained.window_samples, config_.window.whole};
    const Decisions decisions = judge(judged, held, groups_, progress_);
    Fold fold = scored(decisions);
    fold.held_out = split.test.empty() ? "" : data_.dataset.recordings[split.test[0]].group;
    fold.windows_verified = firmware.windows_verified;
    fold.windows_differing = firmware.windows_differing;
    fold.bit_exact = firmware.bit_exact;
    report_.windows_verified += firmware.windows_verified;
    report_.windows_differing += firmware.windows_differing;
    report_.folds.push_back(std::move(fold));
    all_.append(decisions);
    if (ships) report_.firmware = std::move(firmware);
  }

  // Where every group was held out once, the model that ships learns from all of them.
  void ship() {
    const std::vector<size_t> all = all_recordings(data_.dataset);
    const Trained trained = train_split(all);
    keep(trained);
    if (!options_.firmware) return;
    const Held held = hold(config_, data_.dataset, data_.folds.at(0).test, trained.scales, trained.window_samples);
    report_.firmware = verify(trained, held, true);
  }

  void keep(const Trained& trained) {
    store_model(config_, trained);
    report_.heads = trained.model.heads;
    report_.training_windows = trained.training_windows;
    report_.graph_sha256 = sha256_hex(print(trained.model.graph));
  }

  FirmwareResult verify(const Trained& trained, const Held& held, bool ships) {
    const Compiled compiled = compile(trained.model.graph, {}, diagnostics_);
    const Store store = store_of(config_.folder);
    FirmwareRequest request;
    request.compiled = &compiled;
    request.board = &board_;
    request.folder = ships ? store.firmware() : store.folder / "fold";
    request.playbacks = held.playbacks;
    request.sanitized_host = ships;
    request.own_image = ships;
    request.progress = firmware_progress(progress_);
    FirmwareResult result = verify_firmware(request, diagnostics_);
    if (ships) {
      write_file(store.plan(), print(compiled.plan));
      report_.model_id = compiled.library.model_id;
    }
    diagnostics_.stop_if_any();
    check_budget(result);
    return result;
  }

  void check_budget(const FirmwareResult& result) {
    const auto check = [&](const char* what, double budget_kb, int64_t bytes, const std::string& who) {
      if (budget_kb <= 0 || double(bytes) <= budget_kb * 1024) return;
      diagnostics_.error("over-budget", config_.file.string(),
                         std::string(what) + " is " + std::to_string(bytes) + " bytes, the budget is " +
                             std::to_string(int64_t(budget_kb * 1024)) + "; most of it: " + who,
                         "a budget of " + std::to_string((bytes + 1023) / 1024) + " kB would do");
    };
    check("RAM", config_.budget.ram_kb, result.ram_bytes, largest_ram(result));
    check("flash", config_.budget.flash_kb, result.flash_bytes, largest_flash(result));
    const double latency_ms = result.cost.time_us / 1000;
    if (config_.budget.latency_ms > 0 && latency_ms > config_.budget.latency_ms)
      diagnostics_.error("over-budget", config_.file.string(),
                         "a decision is estimated at " + std::to_string(latency_ms) + " ms, the budget is " +
                             std::to_string(config_.budget.latency_ms) + " ms");
    diagnostics_.stop_if_any();
  }

  static std::string largest_flash(const FirmwareResult& result) {
    const auto most = std::max_element(result.layers.begin(), result.layers.end(),
                                       [](const auto& a, const auto& b) { return a.flash_bytes < b.flash_bytes; });
    return most->name + " with " + std::to_string(most->flash_bytes) + " bytes";
  }
  static std::string largest_ram(const FirmwareResult& result) {
    return "arena " + std::to_string(result.arena_bytes) + ", state " + std::to_string(result.state_bytes) +
           ", stack " + std::to_string(result.stack_bytes) + " bytes";
  }

  Fold scored(const Decisions& d) const {
    const auto classes = int32_t(report_.classes.size());
    Fold fold;
    fold.by_float = score(d.truth, d.by_float, classes);
    fold.by_int8 = score(d.truth, d.by_int8, classes);
    if (d.by_firmware.size() == d.truth.size()) fold.by_firmware = score(d.truth, d.by_firmware, classes);
    return fold;
  }

  void score_all() {
    const Fold pooled = scored(all_);
    report_.by_float = pooled.by_float;
    report_.by_int8 = pooled.by_int8;
    report_.by_firmware = pooled.by_firmware;
    report_.bit_exact = !report_.folds.empty();
    for (const Fold& fold : report_.folds) report_.bit_exact = report_.bit_exact && fold.bit_exact;
    for (size_t i = 0; i < all_.truth.size(); ++i) report_.changed_by_int8 += all_.by_float[i] != all_.by_int8[i];
    if (config_.data.group.by != "none")  // else each recording is a group of its own: nothing to read there
      for (size_t g = 0; g < groups_.size(); ++g) score_group(int32_t(g));
  }

  void score_group(int32_t g) {
    Decisions part;
    for (size_t i = 0; i < all_.truth.size(); ++i) {
      if (all_.group[i] != g) continue;
      part.truth.push_back(all_.truth[i]);
      part.by_float.push_back(all_.by_float[i]);
      part.by_int8.push_back(all_.by_int8[i]);
      if (i < all_.by_firmware.size()) part.by_firmware.push_back(all_.by_firmware[i]);
    }
    if (part.truth.empty() || part.truth.size() == all_.truth.size()) return;
    Fold fold = scored(part);
    fold.held_out = groups_[size_t(g)];
    report_.groups.push_back(std::move(fold));
  }

  const Config& config_;
  const BuildOptions& options_;
  const StepProgress& progress_;
  Diagnostics& diagnostics_;
  Board board_;
  Data data_;
  std::vector<std::string> groups_;
  Decisions all_;
  BuildReport report_;
};

}  // namespace

Board board_named(const std::string& name, Diagnostics& diagnostics) {
  const fs::path folder = source_root() / "boards";
  const std::vector<std::string> names = board_names(folder);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const std::string near = nearest(name, names);
    std::string list;
    for (const std::string& known : names) list += (list.empty() ? "" : ", ") + known;
    fail("unknown-board", "board", "board '" + name + "' is unknown",
         near.empty() ? "known boards: " + list : "did you mean '" + near + "'?");
  }
  Board board = read_board(folder / (name + ".toml"), diagnostics);
  diagnostics.stop_if_any();
  return board;
}

BuildReport build_project(const fs::path& folder, const BuildOptions& options, const StepProgress& progress,
                          Diagnostics& diagnostics) {
  const Config config = read_config(folder, diagnostics);
  return Walk(config, options, progress, diagnostics).run();
}

Trained train_project(const Config& config, const Data& data, const StepProgress& progress,
                      Diagnostics& diagnostics) {
  const bool every_group = config.split.by == "leave-one-group-out";
  Trained trained = train_on(config, data.dataset, every_group ? all_recordings(data.dataset) : data.folds.at(0).train,
                             progress, diagnostics);
  store_model(config, trained);
  return trained;
}

}  // namespace mote
