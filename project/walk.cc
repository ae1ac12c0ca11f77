// SPDX-License-Identifier: Apache-2.0
// The main job's rooms. See walk.h.
#include "project/walk.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/counts.h"
#include "data/leave_out.h"
#include "graph/evaluator.h"
#include "graph/sha256.h"
#include "project/host_trace.h"

namespace mote {
namespace {

std::vector<Split> splits_of(const Config& config, Dataset& dataset, Diagnostics& diagnostics) {
  const SplitConfig& split = config.split;
  if (split.by == "folder") return {split_by_folder(dataset, config.data.test)};
  if (split.by == "recording") return {split_by_recording(dataset, split.test)};
  if (split.by == "leave-one-group-out") return leave_one_group_out(dataset);
  if (split.by == "time") {
    TimeSplit by_time = split_by_time(dataset, split.test);
    dataset = std::move(by_time.dataset);
    return {by_time.split};
  }
  if (groups_of(dataset).size() < 2)
    diagnostics.error("one-group", config.file.string(),
                      "all recordings are one group, so none can be held out by group",
                      "say how groups are named with group = { by = \"file\", pattern = \"...\" }, "
                      "or split by \"time\"");
  return {split_by_group(dataset, split.test)};
}

int32_t group_number(const std::vector<std::string>& groups, const std::string& group) {
  return int32_t(std::lower_bound(groups.begin(), groups.end(), group) - groups.begin());
}

// A changed copy of a take: every stretch of samples is augmented on its own, gaps stay. What is
// shorter than a window is a sound with silence around it.
Take augmented(const Take& take, AugmentOptions options, int64_t window_samples, uint64_t seed) {
  Take copy = take;
  const auto axes = int32_t(take.recording->axes.size());
  options.isolated = take.padding > 0;
  if (options.isolated) copy.feeds.pop_back();
  copy.steps = copy.padding = 0;
  for (size_t f = 0; f < copy.feeds.size(); ++f) {
    Feed& feed = copy.feeds[f];
    if (!feed.values.empty()) feed.values = augment(feed.values, axes, options, seed + f).rows;
    copy.steps += feed.n_missing + int64_t(feed.values.size()) / axes;
  }
  pad(copy, window_samples);
  return copy;
}

AugmentOptions augment_options(const Config& config, const Dataset& dataset,
                               Diagnostics& diagnostics) {
  AugmentOptions options = config.augment;
  std::vector<int32_t> columns;
  const std::vector<Axis>& axes = dataset.recordings.at(0).axes;
  for (const std::string& name : config.rotation_axes) {
    const auto found =
        std::find_if(axes.begin(), axes.end(), [&](const Axis& a) { return a.name == name; });
    if (found == axes.end())
      diagnostics.error("unknown-axis", config.file.string(),
                        "rotation axis '" + name + "' is not in the data");
    else
      columns.push_back(int32_t(found - axes.begin()));
  }
  if (config.rotation_axes.size() % 3 != 0)
    diagnostics.error("wrong-value", config.file.string(),
                      "rotation_axes must name x, y and z of each sensor");
  diagnostics.stop_if_any();
  for (size_t i = 0; i + 3 <= columns.size(); i += 3)
    options.rotation_groups.push_back({columns[i], columns[i + 1], columns[i + 2]});
  return options;
}

template <class T>
int32_t winner(const uint8_t* bytes, size_t classes) {
  const T* scores = reinterpret_cast<const T*>(bytes);
  return int32_t(std::max_element(scores, scores + classes) - scores);
}

// The first output is the first head's scores; argmax with ties to the lowest class.
int32_t winner(ElementType type, const uint8_t* bytes, size_t classes) {
  return type == ElementType::f32 ? winner<float>(bytes, classes) : winner<int8_t>(bytes, classes);
}

// Recordings of [[further]] behind the others, in the training part of every fold.
void join(const FurtherConfig& config, Data& data, Diagnostics& diagnostics) {
  const Dataset further = read_further(config.options, data.dataset, diagnostics);
  std::vector<Recording>& all = data.dataset.recordings;
  for (const Recording& recording : further.recordings) {
    for (Split& fold : data.folds) fold.train.push_back(all.size());
    all.push_back(recording);
    data.copies.push_back(config.copies);
  }
  data.dataset.sha256 = sha256_hex(data.dataset.sha256 + further.sha256);
  data.sentence += fmt::format(" {} recordings of {} only train.", further.recordings.size(),
                               config.options.name);
}

}  // namespace

Data read_data(const Config& config, Diagnostics& diagnostics) {
  Data data;
  data.dataset = read_dataset(config.data, diagnostics);
  data.folds = splits_of(config, data.dataset, diagnostics);
  diagnostics.stop_if_any();
  data.sentence = data.folds.at(0).sentence;
  const std::string left_out = left_out_sentence(data.dataset.left_out);
  if (!left_out.empty()) data.sentence += " " + left_out;
  data.copies.assign(data.dataset.recordings.size(), config.augmented_copies);
  for (const FurtherConfig& further : config.further) join(further, data, diagnostics);
  return data;
}

Trained train_on(const Config& config, const Data& data, const std::vector<size_t>& recordings,
                 const StepProgress& progress, Diagnostics& diagnostics) {
  const Dataset& dataset = data.dataset;
  Trained out;
  std::vector<Recording> chosen;
  for (size_t i : recordings) chosen.push_back(dataset.recordings.at(i));
  out.scales = choose_scales(chosen, config.full_scale);
  const SignalGraph signals =
      build_signals(config, {chosen.at(0).axes, out.scales, chosen[0].rate_hz}, diagnostics);
  out.window_samples = signals.window_samples;
  const std::vector<std::string> groups = groups_of(dataset);
  const AugmentOptions augment = augment_options(config, dataset, diagnostics);
  std::vector<Take> takes;
  for (const Recording& recording : chosen) {
    Take take = make_take(recording, {out.scales, out.window_samples}, out.saturated);
    take.group = group_number(groups, recording.group);
    takes.push_back(std::move(take));
  }
  const size_t originals = takes.size();
  const int64_t most = *std::max_element(data.copies.begin(), data.copies.end());
  for (int64_t copy = 1; copy <= most; ++copy)
    for (size_t t = 0; t < originals; ++t)
      if (copy <= data.copies.at(recordings[t]))
        takes.push_back(
            augmented(takes[t], augment, out.window_samples, uint64_t(copy) * 1000003 + t * 31));
  const Labelling labelling{&dataset.classes, out.window_samples, config.window.whole};
  const Extraction training = extract(signals, takes, labelling, [&](double f) {
    if (progress) progress("features", f, "");
  });
  ModelRequest request{&config, &signals, &training, {}, dataset.classes};
  for (const Window& window : training.windows) request.groups.push_back(takes[window.take].group);
  out.training_windows = int64_t(training.windows.size());
  out.model = build_model(
      request,
      [&](const std::string& head, const EpochRecord& e) {
        if (progress)
          progress("training " + head, double(e.epoch) / double(std::max(1, e.epochs)),
                   "epoch " + std::to_string(e.epoch) + "/" + std::to_string(e.epochs) + " loss " +
                       std::to_string(e.training_loss).substr(0, 5));
      },
      diagnostics);
  return out;
}

void Decisions::append(const Decisions& other) {
  const auto add = [](std::vector<int32_t>& to, const std::vector<int32_t>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  add(truth, other.truth);
  add(by_float, other.by_float);
  add(by_int8, other.by_int8);
  add(by_firmware, other.by_firmware);
  add(group, other.group);
}

Held hold(const Dataset& dataset, const std::vector<size_t>& recordings,
          const std::vector<float>& scales, int64_t window_samples) {
  Held held;
  int64_t saturated = 0;
  for (size_t i : recordings) {
    held.takes.push_back(make_take(dataset.recordings.at(i), {scales, window_samples}, saturated));
    held.playbacks.push_back({dataset.recordings[i].name, held.takes.back().feeds, false});
  }
  return held;
}

Decisions judge(const Judged& judged, const Held& held, const std::vector<std::string>& groups,
                const StepProgress& progress) {
  const auto step = [&](const char* name) {
    return [&progress, name](double f) {
      if (progress) progress(name, f, "");
    };
  };
  const Trace by_float =
      host_trace(*judged.float_graph, held.playbacks, step("scoring, float"), kFastKernels);
  // Firmware that ran was compared with the host's decisions in int8: they are there already.
  Trace evaluated;
  if (!judged.firmware)
    evaluated = host_trace(*judged.graph, held.playbacks, step("scoring, int8"), kFastKernels);
  const Trace& by_int8 = judged.firmware ? judged.firmware->reference : evaluated;
  const Labelling labelling{&judged.classes, judged.window_samples, judged.whole};
  const size_t classes = judged.classes.size();
  Decisions out;
  for (size_t t = 0; t < held.takes.size(); ++t) {
    const auto& integers = by_int8.recordings[t].decisions;
    for (size_t d = 0; d < integers.size() && !(judged.whole && d > 0); ++d) {
      const int32_t truth = label_of(held.takes[t], integers[d].step, labelling);
      if (truth < 0) continue;
      out.truth.push_back(truth);
      out.group.push_back(group_number(groups, held.takes[t].recording->group));
      out.by_float.push_back(
          winner(ElementType::f32, by_float.recordings[t].decisions.at(d).outputs.data(), classes));
      out.by_int8.push_back(winner(ElementType::s8, integers[d].outputs.data(), classes));
      if (judged.firmware)
        out.by_firmware.push_back(winner(
            ElementType::s8, judged.firmware->trace.recordings.at(t).decisions.at(d).outputs.data(),
            classes));
    }
  }
  return out;
}

}  // namespace mote
