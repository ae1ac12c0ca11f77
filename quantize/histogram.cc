// SPDX-License-Identifier: Apache-2.0
// Bins that widen. See histogram.h.
#include "quantize/histogram.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace mote {
namespace {

constexpr double kTail = 0.0001;
constexpr int32_t kLevels = 255;

// Real numbers between two neighbouring levels of an int8 range, seen and left of them.
struct Level {
  double count = 0;
  int32_t occupied = 0;  // bins with numbers in them
};

}  // namespace

const char* to_string(RangeRule rule) {
  constexpr const char* names[] = {"min-max", "percentile", "entropy", "mse"};
  return names[size_t(rule)];
}

void Histogram::add(float number) {
  if (!std::isfinite(number)) {
    ++non_finite_;
    return;
  }
  min_ = count_ == 0 ? number : std::min(min_, number);
  max_ = count_ == 0 ? number : std::max(max_, number);
  widen(std::fabs(number));
  const auto bin = int32_t((double(number) / reach_ + 1) * (kBins / 2));
  ++bins_[size_t(std::clamp(bin, 0, kBins - 1))];
  ++count_;
}

// Twice the reach: two bins become one, counted from the middle, so that zero stays on a border.
void Histogram::widen(float magnitude) {
  if (count_ == 0 && magnitude > 0) reach_ = std::ldexp(1.0, std::ilogb(magnitude) + 1);
  while (double(magnitude) > reach_) {
    std::vector<int64_t> wider(kBins, 0);
    for (int32_t i = 0; i < kBins; ++i) wider[size_t(kBins / 4 + i / 2)] += bins_[size_t(i)];
    bins_ = std::move(wider);
    reach_ *= 2;
  }
}

double Histogram::bin_centre(int32_t bin) const { return ((bin + 0.5) * 2 / kBins - 1) * reach_; }

ValueRange Histogram::range(RangeRule rule) const {
  ValueRange range{min_, max_};
  if (rule == RangeRule::percentile) range = percentile(kTail);
  if (rule == RangeRule::entropy) range = least_divergence();
  if (rule == RangeRule::mse) range = least_square_error();
  return {std::min(range.min, 0.0f), std::max(range.max, 0.0f)};
}

ValueRange Histogram::percentile(double tail) const {
  const double left_out = tail * double(count_);
  const double half_bin = reach_ / kBins;
  int64_t below = 0, above = 0;
  int32_t low = 0, high = kBins - 1;
  while (low < high && double(below + bins_[size_t(low)]) <= left_out)
    below += bins_[size_t(low++)];
  while (high > low && double(above + bins_[size_t(high)]) <= left_out)
    above += bins_[size_t(high--)];
  return {std::max(min_, float(bin_centre(low) - half_bin)),
          std::min(max_, float(bin_centre(high) + half_bin))};
}

double Histogram::mean_square_error(ValueRange range) const {
  const double scale = (double(range.max) - range.min) / 255;
  double error = 0;
  for (int32_t i = 0; i < kBins; ++i) {
    if (bins_[size_t(i)] == 0) continue;
    const double x = bin_centre(i);
    const double outside = std::max({range.min - x, x - range.max, 0.0});
    error += double(bins_[size_t(i)]) * (outside * outside + scale * scale / 12);
  }
  return error;
}

ValueRange Histogram::least_square_error() const {
  const ValueRange whole{std::min(min_, 0.0f), std::max(max_, 0.0f)};
  ValueRange best = whole;
  double least = mean_square_error(whole);
  // Each side shrinks on its own, the other as found so far: twice around is enough in practice.
  for (int32_t round = 0; round < 4; ++round) {
    const ValueRange start = best;
    for (int32_t step = 1; step <= 100; ++step) {
      const float part = float(step) / 100;
      const ValueRange tried = round % 2 == 0 ? ValueRange{start.min, whole.max * part}
                                              : ValueRange{whole.min * part, start.max};
      const double error = mean_square_error(tried);
      if (error < least) least = error, best = tried;
    }
  }
  return best;
}

// Of the clipped numbers (P: what lies outside counts at the ends) from the same spread evenly over
// the occupied bins of each level (Q).
double Histogram::divergence(ValueRange range) const {
  const double scale = (double(range.max) - range.min) / kLevels;
  const auto level_of = [&](int32_t bin) {
    const double level = (bin_centre(bin) - range.min) / scale;
    return size_t(std::clamp(level, 0.0, double(kLevels - 1)));
  };
  const auto is_inside = [&](int32_t bin) {
    return bin_centre(bin) >= range.min && bin_centre(bin) <= range.max;
  };
  std::array<Level, kLevels> levels{};
  int32_t first = kBins, last = -1;
  for (int32_t i = 0; i < kBins; ++i) {
    if (!is_inside(i) || bins_[size_t(i)] == 0) continue;
    first = std::min(first, i), last = i;
    levels[level_of(i)].count += double(bins_[size_t(i)]);
    ++levels[level_of(i)].occupied;
  }
  if (last < 0) return INFINITY;
  double below = 0, above = 0, inside = 0;
  for (int32_t i = 0; i < kBins; ++i) {
    if (is_inside(i))
      inside += double(bins_[size_t(i)]);
    else
      (bin_centre(i) < 0 ? below : above) += double(bins_[size_t(i)]);
  }
  double sum = 0;
  for (int32_t i = first; i <= last; ++i) {
    if (bins_[size_t(i)] == 0) continue;
    const double p = double(bins_[size_t(i)]) + (i == first ? below : 0) + (i == last ? above : 0);
    const Level& level = levels[level_of(i)];
    const double q = level.count / level.occupied;
    sum += p / double(count_) * std::log(p / double(count_) * inside / q);
  }
  return sum;
}

ValueRange Histogram::least_divergence() const {
  const ValueRange whole{std::min(min_, 0.0f), std::max(max_, 0.0f)};
  ValueRange best = whole;
  double least = divergence(whole);
  for (int32_t percent = 99; percent >= 10; --percent) {
    const float part = float(percent) / 100;
    const ValueRange tried{whole.min * part, whole.max * part};
    const double divergence_here = divergence(tried);
    if (divergence_here < least) least = divergence_here, best = tried;
  }
  return best;
}

}  // namespace mote
