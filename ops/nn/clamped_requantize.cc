// SPDX-License-Identifier: Apache-2.0
// See clamped_requantize.h. TFLM rounds twice, to 2^-e and then to 1, halves away from zero:
// outputs of sums below zero begin a little to the other side, which `negative` takes up.
#include "ops/nn/clamped_requantize.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/fixed_point.h"
#include "core/simd_lanes.h"

namespace mote {
namespace {

constexpr int32_t kNeighbours = 16;  // multipliers that are tried on either side
constexpr int64_t kOutputUnit = 1 << 24;

// Offsets with which all outputs begin right.
struct Offsets {
  int64_t least = -(int64_t(1) << 40), most = int64_t(1) << 40;
  bool is_empty() const { return least > most; }
};

class ChannelSearch {
 public:
  ChannelSearch(const QuantizedMultiplier& m, SumRange range, int32_t zero_point,
                QuantizedClampRange clamp)
      : real_(std::ldexp(double(m.multiplier), m.shift - 31)) {
    const auto output = [&](int64_t sum) {
      const int64_t y = multiply_by_quantized_multiplier(int32_t(sum), m.multiplier, m.shift);
      return int32_t(std::clamp<int64_t>(y + zero_point, clamp.min, clamp.max));
    };
    first_ = output(range.least), last_ = output(range.most);
    int64_t from = range.least;
    for (int32_t y = first_ + 1; y <= last_; ++y) {
      int64_t to = range.most;
      while (from < to) {
        const int64_t middle = from + (to - from) / 2;
        output(middle) >= y ? to = middle : from = middle + 1;
      }
      begins_.push_back(from);
    }
    if (begins_.empty()) return;
    least_ = first_ == clamp.min ? begins_.front() - 1 : range.least;
    most_ = last_ == clamp.max ? begins_.back() : range.most;
  }

  int64_t span() const { return most_ - least_; }

  std::optional<ClampedChannel> find(int32_t low_bits) const {
    if (begins_.empty()) {
      ClampedChannel constant;
      constant.offset = uint32_t(first_) << 24;
      return constant;
    }
    const int64_t nearest = std::llround(std::ldexp(real_, 24 + low_bits));
    for (int32_t i = 0; i <= 2 * kNeighbours; ++i)
      if (const auto found = with(nearest + (i % 2 ? (i + 1) / 2 : -(i / 2)), low_bits))
        return found;
    return std::nullopt;
  }

 private:
  std::optional<ClampedChannel> with(int64_t multiplier, int32_t low_bits) const {
    Offsets above, below;
    const auto hold = [&](int64_t sum, int64_t y) {  // sum gives y
      Offsets& offsets = sum < 0 ? below : above;
      const int64_t scaled = ((sum - least_) * multiplier) >> low_bits;
      offsets.least = std::max(offsets.least, y * kOutputUnit - scaled);
      offsets.most = std::min(offsets.most, (y + 1) * kOutputUnit - 1 - scaled);
    };
    for (size_t i = 0; i < begins_.size(); ++i) {
      hold(begins_[i] - 1, first_ + int32_t(i));
      hold(begins_[i], first_ + int32_t(i) + 1);
    }
    hold(least_, first_);
    hold(most_, last_);
    if (least_ < 0 && most_ >= 0)
      for (const int64_t sum : {-1, 0}) hold(sum, output_of(sum));
    if (multiplier < 0 || above.is_empty() || below.is_empty()) return std::nullopt;
    ClampedChannel found;
    found.least = int32_t(least_);
    found.span = uint32_t(span());
    found.multiplier_high = uint32_t(multiplier >> low_bits);
    found.multiplier_low = uint32_t(multiplier & ((1 << low_bits) - 1));
    const int64_t both_least = std::max(above.least, below.least);
    const bool one = both_least <= std::min(above.most, below.most);
    found.offset = uint32_t(one ? both_least : above.least);
    found.negative = one ? 0 : uint32_t(below.least - above.least);
    found.zero = uint32_t(std::clamp<int64_t>(-least_, 0, span() + 1));
    return found;
  }

  int64_t output_of(int64_t sum) const {
    return first_ + (std::upper_bound(begins_.begin(), begins_.end(), sum) - begins_.begin());
  }

  double real_;
  int32_t first_, last_;          // outputs of the range's ends
  std::vector<int64_t> begins_;   // the smallest sum of each output after the first
  int64_t least_ = 0, most_ = 0;  // beyond them outputs are the activation's ends
};

}  // namespace

std::optional<ClampedRequantize> find_clamped_requantize(const ChannelRatios& ratios,
                                                         std::span<const SumRange> sums,
                                                         int32_t zero_point,
                                                         QuantizedClampRange clamp) {
  std::vector<ChannelSearch> all;
  int64_t span = 1;
  for (size_t c = 0; c < sums.size(); ++c) {
    const QuantizedMultiplier ratio{ratios.multipliers.at(c), ratios.shifts.at(c)};
    if (ratio.shift > 0 || sums[c].least < INT32_MIN || sums[c].most > INT32_MAX)
      return std::nullopt;
    all.emplace_back(ratio, sums[c], zero_point, clamp);
    if (all.back().span() > 0 && !sums[c].is_small(256)) return std::nullopt;
    span = std::max(span, all.back().span());
  }
  ClampedRequantize result;
  result.low_bits = std::min(kMostLowBits, 32 - int32_t(std::bit_width(uint64_t(span))));
  for (const ChannelSearch& channel : all) {
    const auto found = channel.find(result.low_bits);
    if (!found) return std::nullopt;
    result.signs |= found->negative != 0;
    result.channels.push_back(*found);
  }
  return result;
}

}  // namespace mote
