// SPDX-License-Identifier: Apache-2.0
// Physical values to the int16 counts that push() takes: physical = counts * scale, one scale an
// axis. In: recordings and the sensors' full scale, or only recordings. Out: scales, counts, and
// how many samples saturated.
#pragma once
#include <cstdint>
#include <vector>

#include "data/recording.h"

namespace mote {

// full_scale[axis]: the largest physical value the sensor gives (4 for +-4 g); 0 = chosen from the
// data: the smallest 1-2-5 number that holds every value without saturating. An axis in "FS"
// (audio) has full scale 1, so a 16-bit WAV keeps its own counts. scale = full scale * 2^-15.
std::vector<float> choose_scales(const std::vector<Recording>& recordings,
                                 const std::vector<double>& full_scale = {});

struct Counts {
  std::vector<int16_t> values;     // as Recording::values
  std::vector<int64_t> saturated;  // samples beyond int16, one count an axis
};

// round(physical / scale), half to even, saturating. Values are finite: readers made others gaps.
Counts to_counts(const Recording& recording, const std::vector<float>& scales);

// The smallest of ..., 0.5, 1, 2, 5, 10, ... that is >= x; x > 0.
double range_125(double x);

}  // namespace mote
