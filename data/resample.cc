// SPDX-License-Identifier: Apache-2.0
// Windowed-sinc resampling. See resample.h.
#include "data/resample.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "graph/diagnostics.h"

namespace mote {
namespace {

// Kaiser's formulas (Oppenheim and Schafer, section 7.5.3) for a stop band 80 dB down and a
// transition from 0.45 to 0.55 of the new rate.
constexpr double kAttenuation_db = 80;
constexpr double kTransition = 0.1;
const double kBeta = 0.1102 * (kAttenuation_db - 8.7);
// In new samples, to each side, rounded up.
constexpr int kHalfWidth =
    int((kAttenuation_db - 8) / (2.285 * 2 * std::numbers::pi * kTransition) / 2) + 1;

// The filter at `t` new samples from its middle; its transition's middle is at half the new rate.
double tap(double t) {
  const double sinc = t == 0 ? 1 : std::sin(std::numbers::pi * t) / (std::numbers::pi * t);
  const double r = t / kHalfWidth;
  return sinc * std::cyl_bessel_i(0.0, kBeta * std::sqrt(std::max(0.0, 1 - r * r))) /
         std::cyl_bessel_i(0.0, kBeta);
}

// One side of the filter, tabulated; between two entries it is a straight line to within 1e-6.
class Filter {
 public:
  Filter() {
    for (size_t i = 0; i < taps_.size(); ++i) taps_[i] = tap(double(i) / kEntries);
  }
  double at(double t) const {
    const double x = std::abs(t) * kEntries;
    const auto i = size_t(x);
    if (i + 1 >= taps_.size()) return 0;
    return taps_[i] + (taps_[i + 1] - taps_[i]) * (x - double(i));
  }

 private:
  static constexpr int kEntries = 512;  // a new sample
  std::array<double, size_t(kHalfWidth* kEntries) + 1> taps_;
};

struct Stretch {
  int64_t begin = 0, end = 0;  // stored samples; may be empty
};

// Appends the samples of one stretch at the new rate; `step` old samples lie between them.
void append(const Recording& from, const Stretch& stretch, double step, Recording& to) {
  const auto n_axes = int64_t(from.axes.size());
  const auto n = int64_t(std::floor(double(stretch.end - stretch.begin - 1) / step)) + 1;
  const auto reach = int64_t(std::ceil(kHalfWidth * step));
  static const Filter filter;
  std::vector<double> sums(size_t(n_axes), 0.0);
  for (int64_t i = 0; i < n; ++i) {
    const double middle = double(stretch.begin) + double(i) * step;
    const auto nearest = int64_t(std::llround(middle));
    double weights = 0;
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int64_t k = nearest - reach; k <= nearest + reach; ++k) {
      const double weight = filter.at((double(k) - middle) / step);
      weights += weight;
      const int64_t at = std::clamp(k, stretch.begin, stretch.end - 1);
      for (int64_t a = 0; a < n_axes; ++a)
        sums[size_t(a)] += weight * double(from.values[size_t(at * n_axes + a)]);
    }
    for (const double sum : sums) to.values.push_back(float(sum / weights));
  }
}

}  // namespace

Recording resampled(const Recording& recording, double rate_hz) {
  MOTE_ASSERT(0 < rate_hz && rate_hz <= recording.rate_hz);
  if (rate_hz == recording.rate_hz) return recording;
  const double step = recording.rate_hz / rate_hz;
  Recording out = recording;
  out.rate_hz = rate_hz;
  out.values.clear();
  out.gaps.clear();
  int64_t begin = 0;
  for (const Gap& gap : recording.gaps) {
    append(recording, {begin, gap.before}, step, out);
    const auto missing = int64_t(std::llround(double(gap.missing) / step));
    if (missing > 0) out.gaps.push_back({out.size(), missing});
    begin = gap.before;
  }
  append(recording, {begin, recording.size()}, step, out);
  return out;
}

}  // namespace mote
