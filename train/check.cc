// SPDX-License-Identifier: Apache-2.0
// Checks of model options and training data. See check.h.
#include "train/check.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace mote {
namespace {

// One option and the range it must be in.
struct Limit {
  const char* key;
  double value;
  double lowest;
  double highest;
};

void check_limits(const std::vector<Limit>& limits, const std::string& place, Diagnostics& found) {
  for (const Limit& limit : limits) {
    if (limit.value >= limit.lowest && limit.value <= limit.highest) continue;
    char range[80];
    std::snprintf(range, sizeof range, "use a number from %g to %g", limit.lowest, limit.highest);
    found.error("wrong-model", place, std::string("'") + limit.key + "' is out of range", range);
  }
}

void collect_fit_faults(const FitOptions& o, const std::string& place, Diagnostics& found) {
  check_limits({{"epochs", double(o.epochs), 0, 100000},
                {"batch_size", double(o.batch_size), 2, 65536},
                {"learning_rate", o.learning_rate, 1e-9, 10},
                {"weight_decay", o.weight_decay, 0, 10},
                {"patience", double(o.patience), 0, 100000},
                {"label_smoothing", o.label_smoothing, 0, 0.9},
                {"threads", double(o.threads), 1, 1024}},
               place, found);
  if (std::find(schedules().begin(), schedules().end(), o.schedule) == schedules().end())
    found.error("unknown-schedule", place, "schedule '" + o.schedule + "' is unknown",
                "use cosine, one-cycle, plateau or constant");
}

bool changes_frames(const FeatureAugmentation& a) {
  return a.time_masks + a.frequency_masks > 0 || a.time_stretch + a.frequency_warp + a.equalise > 0;
}

void collect_augmentation_faults(const FeatureAugmentation& a, const Shape& shape,
                                 const std::string& place, Diagnostics& found) {
  check_limits({{"noise", a.noise, 0, 100},
                {"mixup", a.mixup, 0, 100},
                {"time_masks", double(a.time_masks), 0, 100},
                {"time_mask_frames", double(a.time_mask_frames), 0, 1e6},
                {"frequency_masks", double(a.frequency_masks), 0, 100},
                {"frequency_mask_bins", double(a.frequency_mask_bins), 0, 1e6},
                {"time_stretch", a.time_stretch, 0, 0.9},
                {"frequency_warp", a.frequency_warp, 0, 0.9},
                {"equalise", a.equalise, 0, 100}},
               place, found);
  const bool frames = shape.size() == 2 || (shape.size() == 3 && shape[2] == 1);
  if (!frames && changes_frames(a))
    found.error("wrong-feature-shape", place,
                "masks, time_stretch, frequency_warp and equalise need features [frames, bins]",
                "leave them out");
}

// Shapes and label indices are made by our own rooms, so a fault in them is ours.
void assert_consistent(const TrainingSet& set, size_t classes) {
  MOTE_ASSERT(int64_t(set.features.size()) == set.size() * element_count(set.feature_shape));
  MOTE_ASSERT(set.groups.empty() || set.groups.size() == set.labels.size());
  for (int32_t label : set.labels) MOTE_ASSERT(label >= 0 && size_t(label) < classes);
}

std::vector<int64_t> count_classes(const TrainingSet& set, size_t classes) {
  std::vector<int64_t> counts(classes);
  for (int32_t label : set.labels) ++counts[size_t(label)];
  return counts;
}

void check_finite(const TrainingSet& set, const char* part, Diagnostics& found) {
  const auto bad = std::find_if(set.features.begin(), set.features.end(),
                                [](float v) { return !std::isfinite(v); });
  if (bad == set.features.end()) return;
  const int64_t index = bad - set.features.begin();
  const int64_t elements = element_count(set.feature_shape);
  found.error("not-finite", std::string(part) + " sample " + std::to_string(index / elements),
              "feature " + std::to_string(index % elements) + " is not a finite number",
              "look for overflow or 0/0 in the signal blocks");
}

}  // namespace

const std::vector<std::string>& schedules() {
  static const std::vector<std::string> known{"cosine", "one-cycle", "plateau", "constant"};
  return known;
}

void check_fit_options(const FitOptions& options, const std::string& place) {
  Diagnostics found;
  collect_fit_faults(options, place, found);
  found.stop_if_any();
}

void check_training(const ModelSpec& spec, const TrainingData& data, Diagnostics& diagnostics) {
  assert_consistent(data.training, data.classes.size());
  assert_consistent(data.validation, data.classes.size());
  MOTE_ASSERT(data.validation.size() == 0 ||
              data.validation.feature_shape == data.training.feature_shape);
  const std::string place = "[[model]] \"" + spec.name + "\"";
  Diagnostics found;
  collect_fit_faults(spec.fit, place, found);
  collect_augmentation_faults(spec.augmentation, data.training.feature_shape, place, found);
  check_limits({{"dropout", spec.dropout, 0, 0.95}}, place, found);
  check_finite(data.training, "training", found);
  check_finite(data.validation, "validation", found);
  const auto training = count_classes(data.training, data.classes.size());
  if (std::count_if(training.begin(), training.end(), [](int64_t n) { return n > 0; }) < 2)
    found.error("too-few-classes", place, "training needs samples of at least two classes",
                "label more recordings, or hold out fewer");
  found.stop_if_any();
  for (size_t c = 0; c < training.size(); ++c)
    if (training[c] == 0)
      diagnostics.warn(
          "class-without-samples", place,
          "class \"" + data.classes[c] + "\" has no training sample, the model will not learn it",
          "hold out other groups, or record it in more groups");
}

}  // namespace mote
