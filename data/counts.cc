// SPDX-License-Identifier: Apache-2.0
// Scales and counts. See counts.h.
#include "data/counts.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "graph/diagnostics.h"

namespace mote {
namespace {

constexpr double kPositiveFull = 32767.0 / 32768;

// The full scale that a value needs: 32767 counts upward, 32768 downward.
double needed_range(float value) {
  return value > 0 ? double(value) / kPositiveFull : -double(value);
}

double largest_range(const std::vector<Recording>& recordings, size_t axis) {
  double largest = 0;
  for (const Recording& recording : recordings) {
    const size_t n_axes = recording.axes.size();
    for (size_t i = axis; i < recording.values.size(); i += n_axes) {
      largest = std::max(largest, needed_range(recording.values[i]));
    }
  }
  return largest;
}

double parse_decimal(int digit, int exponent) {
  char text[32];
  std::snprintf(text, sizeof text, "%de%d", digit, exponent);
  return std::strtod(text, nullptr);  // exact to the nearest double, which pow(10, n) is not
}

}  // namespace

double range_125(double x) {
  MOTE_ASSERT(x > 0 && std::isfinite(x));
  for (int exponent = int(std::floor(std::log10(x))) - 1;; ++exponent) {
    for (int digit : {1, 2, 5}) {
      const double range = parse_decimal(digit, exponent);
      if (range >= x) return range;
    }
  }
}

std::vector<float> choose_scales(const std::vector<Recording>& recordings,
                                 const std::vector<double>& full_scale) {
  if (recordings.empty()) return {};
  std::vector<float> scales;
  const std::vector<Axis>& axes = recordings[0].axes;
  for (size_t a = 0; a < axes.size(); ++a) {
    double range = a < full_scale.size() ? full_scale[a] : 0;
    if (range <= 0 && axes[a].unit == "FS") range = 1;
    if (range <= 0) range = largest_range(recordings, a);
    const bool declared = (a < full_scale.size() && full_scale[a] > 0) || axes[a].unit == "FS";
    if (!declared) range = range > 0 ? range_125(range) : 1;
    scales.push_back(float(range / 32768));
  }
  return scales;
}

Counts to_counts(const Recording& recording, const std::vector<float>& scales) {
  const size_t n_axes = recording.axes.size();
  MOTE_ASSERT(scales.size() == n_axes);
  Counts counts;
  counts.values.reserve(recording.values.size());
  counts.saturated.assign(n_axes, 0);
  for (size_t i = 0; i < recording.values.size(); ++i) {
    const size_t axis = i % n_axes;
    // The default rounding mode of nearbyint is half to even. The quotient of two floats as doubles
    // is exact enough: a tie can only come from an exactly representable quotient.
    const double rounded = std::nearbyint(double(recording.values[i]) / double(scales[axis]));
    counts.saturated[axis] += rounded < -32768 || rounded > 32767;
    counts.values.push_back(int16_t(std::clamp(rounded, -32768.0, 32767.0)));
  }
  return counts;
}

}  // namespace mote
