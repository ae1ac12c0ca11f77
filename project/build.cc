// SPDX-License-Identifier: Apache-2.0
// The corridor of the main job. Read build_project() top to bottom and you have walked through the
// house.
#include "project/build.h"

#include <algorithm>
#include <chrono>
#include <numeric>

#include "compiler/emit/tflite/tflite_export.h"
#include "graph/sha256.h"
#include "graph/text.h"
#include "project/budget.h"
#include "project/check_data.h"
#include "project/doctor.h"
#include "project/report.h"
#include "project/store.h"
#include "project/tune.h"
#include "quantize/report.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

std::vector<size_t> all_recordings(const Dataset& dataset) {
  std::vector<size_t> all(dataset.recordings.size());
  std::iota(all.begin(), all.end(), size_t{0});
  return all;
}

void store_model(const Store& store, const Trained& trained, Diagnostics& diagnostics) {
  for (size_t h = 0; h < trained.model.heads.size(); ++h) {
    const Bytes bytes = export_tflite(network_of(trained.model, h), {}, diagnostics);
    write_file(store.tflite(trained.model.heads[h].name), std::string(bytes.begin(), bytes.end()));
  }
  write_file(store.float_graph(), print(trained.model.float_graph));
  write_file(store.graph(), print(trained.model.graph));
  write_file(store.quantization(), print(trained.model.quantization));
}

std::function<void(const std::string&, double)> firmware_progress(const StepProgress& progress) {
  return [progress](const std::string& step, double fraction) {
    if (progress) progress(step, fraction, "");
  };
}

// The recording of most samples: it holds decisions if any does.
const Playback& longest(const std::vector<Playback>& playbacks) {
  const auto samples = [](const Playback& playback) {
    size_t values = 0;
    for (const auto& feed : playback.feeds) values += feed.values.size();
    return values;
  };
  return *std::max_element(
      playbacks.begin(), playbacks.end(),
      [&](const Playback& a, const Playback& b) { return samples(a) < samples(b); });
}

class Walk {
 public:
  Walk(const Config& config, const BuildOptions& options, const StepProgress& progress,
       Diagnostics& diagnostics)
      : config_(config),
        options_(options),
        progress_(progress),
        diagnostics_(diagnostics),
        staged_(store_of(config.folder).folder),
        store_{staged_.path()} {}

  BuildReport run() {
    const auto start = std::chrono::steady_clock::now();
    if (options_.firmware) require_tools();
    board_ = board_of(config_, options_.board, diagnostics_);
    for (const std::string& name : options_.also) {
      also_.push_back(board_named(name, "--also", diagnostics_));
      report_.also.push_back({also_.back().name, 0, 0, true, ""});
    }
    data_ = read_data(config_, diagnostics_);
    check_data(config_, data_, diagnostics_);
    groups_ = groups_of(data_.dataset);
    begin_report();
    const bool every_group = config_.split.by == "leave-one-group-out";
    for (const Split& split : data_.folds) run_fold(split, !every_group);
    if (every_group) ship();
    score_all();
    report_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    write_file(store_.report(), to_json(report_));
    write_file(store_.report_text(), to_text(report_));
    write_file(store_.page(), to_html(report_));
    staged_.commit();
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
    return train_on(config_, data_, recordings, progress_, diagnostics_);
  }

  // Trains without the held-out recordings, and lets firmware decide on them. `ships`: this model
  // is the product.
  void run_fold(const Split& split, bool ships) {
    const Trained trained = train_split(split.train);
    if (ships) keep(trained);
    const Held held = hold(data_.dataset, split.test, trained.scales, trained.window_samples);
    FirmwareResult firmware;
    if (options_.firmware) {
      const Compiled compiled =
          ships ? tuned_for_board(trained, held) : compiled_for(board_, trained);
      firmware = verify(compiled, held, ships);
      compare_also(trained, held, firmware.reference);
    }
    Judged judged{
        &trained.model.float_graph, &trained.model.graph,   firmware.ran ? &firmware : nullptr,
        data_.dataset.classes,      trained.window_samples, config_.window.whole};
    const Decisions decisions = judge(judged, held, groups_, progress_);
    Fold fold = score(decisions, int32_t(report_.classes.size()));
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
    const Held held =
        hold(data_.dataset, data_.folds.at(0).test, trained.scales, trained.window_samples);
    report_.firmware = verify(tuned_for_board(trained, held), held, true);
  }

  void keep(const Trained& trained) {
    store_model(store_, trained, diagnostics_);
    report_.heads = trained.model.heads;
    report_.training_windows = trained.training_windows;
    report_.graph_sha256 = sha256_hex(print(trained.model.graph));
  }

  FirmwareResult verify(const Compiled& compiled, const Held& held, bool ships) {
    FirmwareRequest request;
    request.compiled = &compiled;
    request.board = &board_;
    request.folder = ships ? store_.firmware() : store_.folder / "fold";
    request.playbacks = held.playbacks;
    request.sanitized_host = ships;
    request.own_image = ships;
    request.progress = firmware_progress(progress_);
    FirmwareResult result = verify_firmware(request, diagnostics_);
    if (ships) {
      write_file(store_.plan(), print(compiled.plan));
      report_.model_id = compiled.library.model_id;
    }
    diagnostics_.stop_if_any();
    Config limits = config_;
    if (!ships) limits.budget.flash_kb = 0;  // kernels are chosen for what ships alone
    check_budget(limits, result, diagnostics_);
    return result;
  }

  // With the kernels of fewest cycles, where that is asked or flash_kb needs others than the
  // rule's.
  Compiled tuned_for_board(const Trained& trained, const Held& held) {
    TuneRequest tune;
    tune.graph = &trained.model.graph;
    tune.options = options_for(board_, ram_for_model(config_));
    tune.board = &board_;
    tune.playbacks = [&] { return std::vector{longest(held.playbacks)}; };
    tune.only_for_flash = !options_.tune;
    tune.flash_bytes = int64_t(config_.budget.flash_kb * 1024);
    tune.remembered = store_of(config_.folder).kernels();
    tune.progress = firmware_progress(progress_);
    Tuned tuned = compile_tuned(tune, diagnostics_);
    if (tuned.tuning) write_file(store_.kernels(), to_toml(*tuned.tuning));
    report_.tuning = std::move(tuned.tuning);
    return std::move(tuned.compiled);
  }

  // The same emitted files, recordings and host's evaluation on the cores of further boards.
  Compiled compiled_for(const Board& board, const Trained& trained) {
    return compile(trained.model.graph, options_for(board, ram_for_model(config_)), diagnostics_);
  }

  void compare_also(const Trained& trained, const Held& held, const Trace& reference) {
    FirmwareRequest request;
    request.reference = &reference;
    request.folder = store_.folder / "also";
    request.playbacks = held.playbacks;
    request.sanitized_host = request.own_image = request.measure = false;
    request.progress = firmware_progress(progress_);
    for (size_t b = 0; b < also_.size(); ++b) {
      const Compiled compiled = compiled_for(also_[b], trained);
      request.compiled = &compiled;
      request.board = &also_[b];
      add(report_.also[b], verify_firmware(request, diagnostics_));
      diagnostics_.stop_if_any();
    }
  }

  static void add(CoreComparison& sum, const FirmwareResult& result) {
    sum.windows_verified += result.windows_verified;
    sum.windows_differing += result.windows_differing;
    if (sum.bit_exact && !result.bit_exact) sum.difference = result.difference;
    sum.bit_exact = sum.bit_exact && result.bit_exact;
  }

  void score_all() {
    const Fold pooled = score(all_, int32_t(report_.classes.size()));
    report_.by_float = pooled.by_float;
    report_.by_int8 = pooled.by_int8;
    report_.by_firmware = pooled.by_firmware;
    report_.bit_exact = !report_.folds.empty();
    for (const Fold& fold : report_.folds) report_.bit_exact = report_.bit_exact && fold.bit_exact;
    for (size_t i = 0; i < all_.truth.size(); ++i)
      report_.changed_by_int8 += all_.by_float[i] != all_.by_int8[i];
    if (config_.data.group.by !=
        "none")  // else each recording is a group of its own: nothing to read there
      report_.groups = score_groups(all_, groups_, int32_t(report_.classes.size()));
  }

  const Config& config_;
  const BuildOptions& options_;
  const StepProgress& progress_;
  Diagnostics& diagnostics_;
  StagedFolder staged_;
  Store store_;
  Board board_;
  std::vector<Board> also_;
  Data data_;
  std::vector<std::string> groups_;
  Decisions all_;
  BuildReport report_;
};

Board board_in(const fs::path& file, Diagnostics& diagnostics) {
  Board board = read_board(file, diagnostics);
  diagnostics.stop_if_any();
  return board;
}

}  // namespace

Board board_of(const Config& config, const std::string& by_option, Diagnostics& diagnostics) {
  return by_option.empty() ? board_named(config.board, config.board_place, diagnostics)
                           : board_named(by_option, "--board", diagnostics);
}

Board board_named(const std::string& name, const std::string& place, Diagnostics& diagnostics) {
  if (fs::path(name).extension() == ".toml") return board_in(name, diagnostics);
  const fs::path folder = source_root() / "boards";
  const std::vector<std::string> names = board_names(folder);
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const std::string near = nearest(name, names);
    std::string list;
    for (const std::string& known : names) list += (list.empty() ? "" : ", ") + known;
    fail("unknown-board", place, "board '" + name + "' is unknown",
         near.empty() ? "known boards: " + list : "did you mean '" + near + "'?");
  }
  return board_in(folder / (name + ".toml"), diagnostics);
}

BuildReport build_project(const fs::path& folder, const BuildOptions& options,
                          const StepProgress& progress, Diagnostics& diagnostics) {
  const Config config = read_config(folder, diagnostics);
  return Walk(config, options, progress, diagnostics).run();
}

Trained train_project(const Config& config, const Data& data, const StepProgress& progress,
                      Diagnostics& diagnostics) {
  check_data(config, data, diagnostics);
  const bool every_group = config.split.by == "leave-one-group-out";
  Trained trained =
      train_on(config, data, every_group ? all_recordings(data.dataset) : data.folds.at(0).train,
               progress, diagnostics);
  StagedFolder staged(store_of(config.folder).folder);
  store_model({staged.path()}, trained, diagnostics);
  staged.commit();
  return trained;
}

}  // namespace mote
