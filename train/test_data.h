// SPDX-License-Identifier: Apache-2.0
// Made-up training data for this room's tests: classes that a network of each kind can tell apart,
// not trivially.
#pragma once
#include <cmath>
#include <numbers>

#include "train/random.h"
#include "train/train.h"

namespace mote::test {

struct MadeData {
  int32_t samples = 0;
  int32_t classes = 3;
  int32_t groups = 4;
  uint64_t seed = 1;
};

// [width]: class c is two Gaussian clouds on opposite sides of the origin, so no linear rule
// separates the classes.
inline TrainingSet make_clouds(const MadeData& made, int32_t width) {
  Random random(made.seed);
  TrainingSet set;
  set.feature_shape = {width};
  for (int32_t i = 0; i < made.samples; ++i) {
    const int32_t label = i % made.classes;
    const double side = random.uniform() < 0.5 ? -1 : 1;
    for (int32_t j = 0; j < width; ++j)
      set.features.push_back(
          float((j % made.classes == label ? 1.5 * side : 0) + 0.7 * random.normal()));
    set.labels.push_back(label);
    set.groups.push_back((i / made.classes) % made.groups);
  }
  return set;
}

// [steps, columns]: class c is a wave of frequency c + 1 at a random phase, in noise.
inline TrainingSet make_waves(const MadeData& made, int32_t steps, int32_t columns) {
  Random random(made.seed);
  TrainingSet set;
  set.feature_shape = {steps, columns};
  for (int32_t i = 0; i < made.samples; ++i) {
    const int32_t label = i % made.classes;
    const double phase = random.uniform(0, 2 * std::numbers::pi);
    for (int32_t t = 0; t < steps; ++t)
      for (int32_t a = 0; a < columns; ++a)
        set.features.push_back(
            float(std::sin(2 * std::numbers::pi * 2 * (label + 1) * t / steps + phase + a) +
                  0.5 * random.normal()));
    set.labels.push_back(label);
    set.groups.push_back((i / made.classes) % made.groups);
  }
  return set;
}

}  // namespace mote::test
