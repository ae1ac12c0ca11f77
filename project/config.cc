// SPDX-License-Identifier: Apache-2.0
// mote.toml -> Config. See config.h.
#include "project/config.h"

#include <algorithm>

#include "data/catalogue.h"
#include "data/find_files.h"
#include "graph/sha256.h"
#include "train/architecture.h"
#include "train/check.h"

namespace mote {
namespace {

namespace fs = std::filesystem;

constexpr double kDay_ms = 24 * 3600 * 1000.0;

fs::path below(const fs::path& folder, const std::string& path) {
  return path.empty() || fs::path(path).is_absolute() ? fs::path(path) : folder / path;
}

void read_label(Settings label, DataOptions& data) {
  data.label.by = label.choice("by", data.label.by,
                               {"", "none", "folder", "file", "column", "ranges", "value"});
  data.label.pattern = label.text("pattern", data.label.pattern);
  data.label.column = label.text("column", data.label.column);
  data.label.file = label.text("file", data.label.file);
}

void read_group(Settings group, DataOptions& data) {
  data.group.by = group.choice("by", data.group.by, {"none", "folder", "file"});
  data.group.pattern = group.text("pattern", data.group.pattern);
  data.group.spread = group.flag("spread", data.group.spread);
}

// A list keeps labels under their own names; a table renames them.
void read_classes(Settings& data, DataOptions& options) {
  if (!data.has("classes")) return;
  options.classes.clear();
  options.classes_place = data.place("classes");
  if (data.is_list("classes")) {
    for (const std::string& label : data.texts("classes")) options.classes[label] = label;
  } else if (data.is_table("classes")) {
    Settings renamed = data.table("classes");
    for (const std::string& label : renamed.keys()) options.classes[label] = renamed.text(label);
  } else {
    return data.reject("classes", "a list of labels, or a table { label = \"class\" }");
  }
  if (options.classes.empty()) data.reject("classes", "a list or a table of at least one label");
}

// A catalogue entry gives the defaults; what the file says goes over them. Nothing is fetched here.
DataOptions preset(Settings& data, const std::string& set, Diagnostics& diagnostics) {
  if (set.empty()) return {};
  std::vector<std::string> known;
  for (const CatalogueEntry& entry : catalogue()) known.push_back(entry.name);
  if (data.choice("set", "", known).empty()) return {};
  const CatalogueEntry& entry = find_entry(set);
  const auto folder = locate(entry, diagnostics);
  if (folder) return options_in(entry, *folder);
  diagnostics.error("data-not-here", data.place("set"),
                    "the data set '" + entry.name + "' is not on this machine",
                    "`mote data get " + entry.name + "` brings it");
  return {};
}

// The path that `key` names, which must be there.
fs::path recordings_at(Settings& data, const std::string& key, const Config& config,
                       Diagnostics& diagnostics) {
  const fs::path path = below(config.folder, data.text(key));
  std::error_code error;
  if (!fs::exists(path, error))
    diagnostics.error("no-recordings", data.place(key),
                      "there is no such file or folder: " + path.string(),
                      "paths are relative to the folder of mote.toml");
  return path;
}

// Where recordings are and how they are read: what [data] and [[further]] have in common.
DataOptions read_source(Settings& data, const Config& config, Diagnostics& diagnostics) {
  const std::string set = data.text("set");
  DataOptions options = preset(data, set, diagnostics);
  if (set.empty())
    data.require(
        "recordings",
        "name the folder of recordings, or a data set of the catalogue with set = \"...\"");
  if (data.has("recordings"))
    options.recordings = recordings_at(data, "recordings", config, diagnostics);
  options.format = data.text("format", options.format);
  options.rate_hz = data.number_in("rate_hz", options.rate_hz, 0, 1e6);
  if (data.has("axes")) options.axes = data.texts("axes");
  if (data.has("units")) options.units = data.texts("units");
  options.time_column = data.text("time_column", options.time_column);
  options.merge = data.text("merge", options.merge);
  options.missing =
      data.choice("missing", options.missing, {"drop", "hold", "interpolate", "fail"});
  read_label(data.table("label"), options);
  read_group(data.table("group"), options);
  read_classes(data, options);
  options.without = data.texts("without");
  options.without_place = data.place("without");
  return options;
}

void read_data(Settings data, Config& config, Diagnostics& diagnostics) {
  config.data_place = data.place();
  config.data = read_source(data, config, diagnostics);
  if (data.has("test")) config.data.test = recordings_at(data, "test", config, diagnostics);
  config.full_scale = data.numbers("full_scale");
  Settings split = data.table("split");
  config.split.by = split.choice("by", config.data.test.empty() ? "group" : "folder",
                                 {"group", "recording", "time", "folder", "leave-one-group-out"});
  config.split.test = split.number_in("test", 0.25, 0.01, 0.9);
  if (config.split.by == "folder" && config.data.test.empty())
    diagnostics.error("missing-key", data.place("split"),
                      "the split is by folder, but no test folder is named",
                      "add test = \"held-out/\" to [data]");
}

FurtherConfig read_further(Settings further, const Config& config, Diagnostics& diagnostics) {
  FurtherConfig out;
  out.options.place = further.place();
  out.options.data = read_source(further, config, diagnostics);
  out.options.data.test.clear();  // a set's own test part stays out
  out.options.name = further.text("set", last_name(out.options.data.recordings));
  out.options.trim_db = further.number_in("trim_db", 0, 0, 200);
  out.copies = further.integer_in("copies", config.augmented_copies, 0, 1000);
  return out;
}

void read_window(Settings window, Config& config) {
  window.require("length_ms", "say how long the window of one decision is, in milliseconds");
  config.window.length_ms = window.number_in("length_ms", 1000, 0.01, kDay_ms);
  config.window.stride_ms = window.number_in("stride_ms", config.window.length_ms, 0.01, kDay_ms);
  config.window.whole = window.flag("whole", false);
}

// A block without a name is called by its kind; a second one of the same name gets a number.
std::string free_name(const std::string& name, const std::vector<BlockSpec>& taken) {
  const auto is_taken = [&](const std::string& n) {
    return std::any_of(taken.begin(), taken.end(),
                       [&](const BlockSpec& block) { return block.name == n; });
  };
  if (!is_taken(name)) return name;
  int number = 2;
  while (is_taken(name + "_" + std::to_string(number))) ++number;
  return name + "_" + std::to_string(number);
}

BlockSpec read_block(Settings block, const std::vector<BlockSpec>& earlier) {
  BlockSpec spec;
  spec.block = block.text("block");
  spec.name = free_name(block.text("name", spec.block), earlier);
  spec.axes = block.texts("axes");
  spec.place = block.place();
  block.require("block", "say which signal block, for example block = \"spectral\"");
  for (const std::string& key : block.keys())
    if (key != "block" && key != "name" && key != "axes")
      if (const auto value = block.any(key))
        spec.parameters[key] = *value, spec.places[key] = block.place(key);
  return spec;
}

std::vector<int32_t> sizes(Settings& model, const std::string& key) {
  std::vector<int32_t> out;
  for (int64_t value : model.integers(key)) out.push_back(int32_t(value));
  return out;
}

void read_fit(Settings& model, FitOptions& fit) {
  fit.epochs = int32_t(model.integer_in("epochs", fit.epochs, 0, 100000));
  fit.batch_size = int32_t(model.integer_in("batch_size", fit.batch_size, 1, 65536));
  fit.learning_rate = model.number_in("learning_rate", fit.learning_rate, 1e-9, 10);
  fit.schedule = model.choice("schedule", fit.schedule, schedules());
  fit.weight_decay = model.number_in("weight_decay", fit.weight_decay, 0, 10);
  fit.patience = int32_t(model.integer_in("patience", fit.patience, 0, 100000));
  fit.class_weights = model.flag("class_weights", fit.class_weights);
  fit.label_smoothing = model.number_in("label_smoothing", fit.label_smoothing, 0, 0.9);
  fit.seed = uint64_t(model.integer_in("seed", int64_t(fit.seed), 0, INT64_MAX));
  fit.threads = int32_t(model.integer_in("threads", fit.threads, 1, 256));
}

void read_augmentation(Settings& model, FeatureAugmentation& a) {
  a.noise = model.number_in("noise", a.noise, 0, 10);
  a.mixup = model.number_in("mixup", a.mixup, 0, 10);
  a.time_masks = int32_t(model.integer_in("time_masks", a.time_masks, 0, 100));
  a.time_mask_frames = int32_t(model.integer_in("time_mask_frames", a.time_mask_frames, 0, 10000));
  a.frequency_masks = int32_t(model.integer_in("frequency_masks", a.frequency_masks, 0, 100));
  a.frequency_mask_bins =
      int32_t(model.integer_in("frequency_mask_bins", a.frequency_mask_bins, 0, 10000));
  a.time_stretch = model.number_in("time_stretch", a.time_stretch, 0, 0.9);
  a.frequency_warp = model.number_in("frequency_warp", a.frequency_warp, 0, 0.9);
  a.equalise = model.number_in("equalise", a.equalise, 0, 10);
}

ModelConfig read_model(Settings model, size_t index) {
  ModelConfig out;
  ModelSpec& spec = out.spec;
  out.place = model.place();
  out.input = model.texts("input");
  spec.name =
      model.text("name", index == 0 ? "classifier" : "classifier_" + std::to_string(index + 1));
  spec.kind = model.choice("kind", spec.kind, model_kinds());
  spec.hidden = sizes(model, "hidden");
  spec.channels = sizes(model, "channels");
  spec.kernel = sizes(model, "kernel");
  spec.stride = sizes(model, "stride");
  spec.pool = int32_t(model.integer_in("pool", spec.pool, 1, 64));
  spec.batch_norm = model.flag("batch_norm", spec.batch_norm);
  spec.dropout = model.number_in("dropout", spec.dropout, 0, 0.95);
  out.validation = model.number_in("validation", out.validation, 0, 0.9);
  read_fit(model, spec.fit);
  read_augmentation(model, spec.augmentation);
  return out;
}

void read_augment(Settings augment, Config& config) {
  AugmentOptions& a = config.augment;
  config.augmented_copies = augment.integer_in("copies", 0, 0, 1000);
  a.jitter = augment.number_in("jitter", a.jitter, 0, 10);
  a.gain = augment.number_in("gain", a.gain, 0, 0.99);
  a.tempo = augment.number_in("tempo", a.tempo, 0, 0.9);
  a.crop = augment.number_in("crop", a.crop, 0, 0.9);
  if (augment.has("noise_snr_db"))
    a.noise_snr_db = augment.number_in("noise_snr_db", 0, -40, kQuietestNoise_db);
  a.shift_samples = augment.number_in("shift_samples", a.shift_samples, 0, 1e6);
  a.rotation_deg = augment.number_in("rotation_deg", a.rotation_deg, 0, 180);
  config.rotation_axes = augment.texts("rotation_axes");
}

void read_rules(Settings& root, Config& config) {
  Settings decision = root.table("decision");
  config.decision.smoothing = decision.integer_in("smoothing", 1, 1, 1000);
  config.decision.minimum_score = decision.number_in("minimum_score", 0, 0, 1);
  config.decision.outlier = decision.flag("outlier", false);
  Settings budget = root.table("budget");
  config.budget.ram_kb = budget.number_in("ram_kb", 0, 0, 1e6);
  config.budget.flash_kb = budget.number_in("flash_kb", 0, 0, 1e6);
  config.budget.latency_ms = budget.number_in("latency_ms", 0, 0, kDay_ms);
  config.budget.accuracy_points = budget.number_in("accuracy_points", 0.5, 0, 100);
}

void check_names(const Config& config, Diagnostics& diagnostics) {
  std::vector<std::string> blocks;
  for (const BlockSpec& block : config.signal) blocks.push_back(block.name);
  for (const ModelConfig& model : config.models)
    for (const std::string& input : model.input) {
      if (std::find(blocks.begin(), blocks.end(), input) != blocks.end()) continue;
      const std::string near = nearest(input, blocks);
      diagnostics.error(
          "unknown-block", model.place, "model input '" + input + "' names no [[signal]] block",
          near.empty() ? "give the block a name = \"...\"" : "did you mean '" + near + "'?");
    }
}

}  // namespace

Config read_config(const fs::path& folder, Diagnostics& diagnostics) {
  Config config;
  config.folder = folder;
  config.file = folder / "mote.toml";
  if (!fs::is_directory(folder))
    fail("no-project", folder.string(), "there is no such project folder",
         "`mote new NAME --data FOLDER` makes one");
  Settings root = Settings::read(config.file, diagnostics);
  Settings project = root.table("project");
  config.name = project.text("name", fs::absolute(folder).lexically_normal().filename().string());
  config.board = project.text("board", "nucleo-l4r5zi");
  config.board_place = project.place("board");
  read_data(root.table("data"), config, diagnostics);
  read_window(root.table("window"), config);
  for (Settings& block : root.tables("signal"))
    config.signal.push_back(read_block(block, config.signal));
  for (Settings& model : root.tables("model"))
    config.models.push_back(read_model(model, config.models.size()));
  if (config.signal.empty())
    config.signal.push_back({"spectral", "spectral", {}, {}, {}, config.file.string()});
  if (config.models.empty()) config.models.emplace_back();
  read_augment(root.table("augment"), config);
  for (Settings& further : root.tables("further"))
    config.further.push_back(read_further(further, config, diagnostics));
  read_rules(root, config);
  root.finish();
  check_names(config, diagnostics);
  diagnostics.stop_if_any();
  config.sha256 = sha256_file(config.file).value_or("");
  return config;
}

}  // namespace mote
