// SPDX-License-Identifier: Apache-2.0
// Bins that widen. See histogram.h.
#include "quantize/histogram.h"

#include <algorithm>
#include <cmath>

namespace mote {

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

ValueRange Histogram::least_error() const {
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

}  // namespace mote
