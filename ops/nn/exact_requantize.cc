// SPDX-License-Identifier: Apache-2.0
// See exact_requantize.h. TFLM rounds twice, to 2^-e and then to 1, halves away from zero. Of sums
// above zero this moves every threshold by the same 2^-(e + 1), which offset and bias take up; of
// sums below zero by as much the other way, which `negative` takes up.
#include "ops/nn/exact_requantize.h"

#include <algorithm>
#include <cmath>

#include "core/fixed_point.h"
#include "ops/nn/folded_output.h"

namespace mote {
namespace {

constexpr int32_t kOutputs = 255;        // -127..127 as thresholds
constexpr int32_t kNeighbours = 4;       // multipliers that are tried on either side
constexpr int32_t kMoreNeighbours = 16;  // where the offset is given
constexpr int32_t kOffsets = 64;         // that are tried for all channels
constexpr int32_t kShifts = 3;           // shifts that are tried
constexpr int64_t kMostNegative = 2047;  // 256 sums + bias - negative stays in 32 bits

using Wide = __int128;

Wide ceil_divide(Wide a, Wide b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }
Wide floor_divide(Wide a, Wide b) { return -ceil_divide(-a, b); }

// What may be added to 256 * sum * multiplier, with 2^32 as 1: from least to below end.
struct Window {
  Wide least = -(Wide(1) << 61), end = Wide(1) << 61;  // where few outputs come: any in 30 bits
  bool is_open() const { return least < end; }
};

class ChannelSearch {
 public:
  ChannelSearch(const QuantizedMultiplier& m, SumRange range, int32_t zero_point,
                const SumForm& form)
      : real_(std::ldexp(double(m.multiplier), m.shift - 31)), range_(range), form_(form) {
    int64_t from = range.least;
    for (int32_t i = 0; i < kOutputs; ++i) {
      const int32_t wanted = i - 127 - zero_point;
      int64_t to = range.most + 1;
      while (from < to) {
        const int64_t middle = from + (to - from) / 2;
        const int32_t got =
            multiply_by_quantized_multiplier(int32_t(middle), m.multiplier, m.shift);
        got >= wanted ? to = middle : from = middle + 1;
      }
      begins_[i] = from;
    }
  }

  double multiplier_at(int32_t shift) const { return std::ldexp(real_, 32 + shift) / form_.unit; }

  struct Found {
    int32_t multiplier, bias, offset, negative;
  };
  std::optional<Found> find(int32_t shift) const {
    const auto nearest = int64_t(std::llround(multiplier_at(shift)));
    for (int32_t i = 0; i <= 2 * kNeighbours; ++i) {
      const int64_t multiplier = nearest + (i % 2 ? (i + 1) / 2 : -(i / 2));
      if (multiplier < 1 || multiplier > INT32_MAX) continue;
      if (const auto found = with(multiplier, shift)) return found;
    }
    return std::nullopt;
  }

  // Multipliers that some bias and offset make exact, the nearest first.
  struct Candidate {
    int64_t multiplier;
    Window above, below;
  };
  std::vector<Candidate> candidates(int32_t shift) const {
    const auto nearest = int64_t(std::llround(multiplier_at(shift)));
    std::vector<Candidate> all;
    for (int32_t i = 0; i <= 2 * kMoreNeighbours; ++i) {
      const int64_t multiplier = nearest + (i % 2 ? (i + 1) / 2 : -(i / 2));
      if (multiplier < 1 || multiplier > INT32_MAX) continue;
      const Candidate one{multiplier, window(multiplier, shift, false),
                          window(multiplier, shift, true)};
      if (one.above.is_open() && one.below.is_open()) all.push_back(one);
    }
    return all;
  }

  // With that offset; `negative` 0 unless it may be another.
  std::optional<Found> at_offset(const std::vector<Candidate>& candidates, int64_t offset,
                                 bool negative) const {
    for (const Candidate& c : candidates) {
      const Wide base = Wide(offset) * (Wide(1) << 32), multiplier = c.multiplier;
      const Wide bias = ceil_divide(std::max(c.above.least, c.below.least) - base, multiplier);
      const Wide added = bias * multiplier + base;
      if (added >= c.above.end || !stays_small(bias) || !fits(c.multiplier, offset)) continue;
      const Wide less = added < c.below.end ? 0 : floor_divide(added - c.below.end, multiplier) + 1;
      if (added - less * multiplier >= c.below.least && less <= (negative ? kMostNegative : 0) &&
          stays_small(bias - less))
        return Found{int32_t(c.multiplier), int32_t(bias), int32_t(offset), int32_t(less)};
    }
    return std::nullopt;
  }

 private:
  // Whether sums with that bias stay in 32 bits.
  bool stays_small(Wide bias) const {
    const Wide limit = Wide(1) << 31;
    return form_.unit * Wide(range_.least) + bias >= -limit &&
           form_.unit * Wide(range_.most) + bias < limit;
  }

  // With which all outputs begin right, among the sums of one sign.
  Window window(int64_t multiplier, int32_t shift, bool below_zero) const {
    Window window;
    const auto concerns = [&](int64_t sum) {
      return sum >= range_.least && sum <= range_.most && (sum < 0) == below_zero;
    };
    for (int32_t i = 0; i < kOutputs; ++i) {
      const Wide wanted = Wide(i - 127) * (Wide(1) << (shift + 32));
      const int64_t begin = begins_[i];
      if (concerns(begin))
        window.least = std::max(window.least, wanted - Wide(form_.unit) * begin * multiplier);
      if (concerns(begin - 1))
        window.end = std::min(window.end, wanted - Wide(form_.unit) * (begin - 1) * multiplier);
    }
    return window;
  }

  std::optional<Found> with(int64_t multiplier, int32_t shift) const {
    const Window above = window(multiplier, shift, false), below = window(multiplier, shift, true);
    if (!above.is_open() || !below.is_open()) return std::nullopt;
    const Wide least = std::max(above.least, below.least);
    if (!form_.negative && least >= std::min(above.end, below.end)) return std::nullopt;
    for (int32_t bias = 0; bias <= form_.most_bias; bias += form_.bias_step) {
      const Wide moved = Wide(bias) * multiplier;
      const Wide offset = ceil_divide(least - moved, Wide(1) << 32);
      const Wide added = moved + offset * (Wide(1) << 32);
      if (added >= above.end || !fits(multiplier, offset)) continue;
      const Wide negative = added < below.end ? 0 : floor_divide(added - below.end, multiplier) + 1;
      if (added - negative * multiplier >= below.least &&
          negative <= (form_.negative ? kMostNegative : 0))
        return Found{int32_t(multiplier), bias / form_.bias_step, int32_t(offset),
                     int32_t(negative)};
    }
    return std::nullopt;
  }

  // The product's upper half and the offset stay in 32 bits together.
  bool fits(int64_t multiplier, Wide offset) const {
    const Wide largest =
        Wide(form_.unit) * (std::max(std::abs(range_.least), std::abs(range_.most)) + 8) +
        form_.most_bias;
    return ((largest * multiplier) >> 32) + (offset < 0 ? -offset : offset) < INT32_MAX;
  }

  double real_;
  SumRange range_;
  SumForm form_;
  int64_t begins_[kOutputs];  // the smallest sum of each output; one beyond the last: none
};

// Of sums with one offset those that instructions may hold, the usual one first; then from the
// largest down.
std::vector<int32_t> shifts_to_try(int32_t most, const SumForm& form, int32_t usual) {
  std::vector<int32_t> shifts;
  if (form.one_offset) {
    shifts.push_back(usual);
    for (int32_t shift = kMostShift; shift >= kLeastShift; --shift) shifts.push_back(shift);
  }
  for (int32_t shift = most; shift > most - kShifts; --shift) shifts.push_back(shift);
  std::erase_if(shifts, [most](int32_t shift) { return shift > most || shift < 1; });
  return shifts;
}

// What is found of each channel; at least one.
ExactRequantize result_of(int32_t shift, const std::vector<ChannelSearch::Found>& found) {
  ExactRequantize result;
  result.shift = shift;
  for (const ChannelSearch::Found& channel : found) {
    result.multipliers.push_back(channel.multiplier);
    result.biases.push_back(channel.bias);
    result.offsets.push_back(channel.offset);
    result.negatives.push_back(channel.negative);
  }
  const auto& n = result.negatives;
  if (std::all_of(n.begin(), n.end(), [](int32_t k) { return k == 0; })) result.negatives.clear();
  return result;
}

std::optional<ExactRequantize> with_own_offsets(const std::vector<ChannelSearch>& all,
                                                int32_t shift) {
  std::vector<ChannelSearch::Found> found;
  for (const ChannelSearch& channel : all) {
    const auto one = channel.find(shift);
    if (!one) return std::nullopt;
    found.push_back(*one);
  }
  return result_of(shift, found);
}

// Any offset near the middle of the first output is as good as another: the biases take up the
// difference, each in steps of its multiplier. `negative`s are for where nothing else is found.
std::optional<ExactRequantize> with_one_offset(const std::vector<ChannelSearch>& all, int32_t shift,
                                               int32_t zero_point) {
  std::vector<std::vector<ChannelSearch::Candidate>> candidates;
  for (const ChannelSearch& channel : all) {
    candidates.push_back(channel.candidates(shift));
    if (candidates.back().empty()) return std::nullopt;
  }
  const int64_t middle = (2 * int64_t(zero_point) + 1) * (int64_t(1) << shift) / 2;
  for (const bool negative : {false, true})
    for (int32_t i = 0; i < kOffsets; ++i) {
      const int64_t offset = middle + (i % 2 ? (i + 1) / 2 : -(i / 2));
      std::vector<ChannelSearch::Found> found;
      for (size_t c = 0; c < all.size() && found.size() == c; ++c)
        if (const auto one = all[c].at_offset(candidates[c], offset, negative))
          found.push_back(*one);
      if (found.size() == all.size()) return result_of(shift, found);
    }
  return std::nullopt;
}

bool are_alike(const ChannelRatios& ratios) {
  const auto all_equal = [](const std::vector<int32_t>& n) {
    return std::all_of(n.begin(), n.end(), [&](int32_t k) { return k == n[0]; });
  };
  return all_equal(ratios.multipliers) && all_equal(ratios.shifts);
}

std::optional<ExactRequantize> find_for(const ChannelRatios& ratios, std::span<const SumRange> sums,
                                        int32_t zero_point, const SumForm& form, int32_t usual) {
  std::vector<ChannelSearch> all;
  double largest = 0;
  for (size_t c = 0; c < sums.size(); ++c) {
    const QuantizedMultiplier ratio{ratios.multipliers.at(c), ratios.shifts.at(c)};
    if (ratio.shift > 0 || !sums[c].is_small(form.unit)) return std::nullopt;
    all.emplace_back(ratio, sums[c], zero_point, form);
    largest = std::max(largest, all.back().multiplier_at(0));
  }
  if (!(largest > 0)) return std::nullopt;
  const int32_t most = std::min(22, int32_t(std::floor(std::log2(double(INT32_MAX) / largest))));
  for (const int32_t shift : shifts_to_try(most, form, usual))
    if (auto result = form.one_offset ? with_one_offset(all, shift, zero_point)
                                      : with_own_offsets(all, shift))
      return result;
  return std::nullopt;
}

// One channel whose sums are those of all.
std::optional<ExactRequantize> find_alike(const ChannelRatios& ratios,
                                          std::span<const SumRange> sums, int32_t zero_point,
                                          const SumForm& form) {
  SumRange whole = sums[0];
  for (const SumRange& range : sums)
    whole = {std::min(whole.least, range.least), std::max(whole.most, range.most)};
  auto result = find_for({{ratios.multipliers[0]}, {ratios.shifts[0]}}, {&whole, 1}, zero_point,
                         form, kUsualShiftAlike);
  if (!result) return std::nullopt;
  for (auto* numbers :
       {&result->multipliers, &result->biases, &result->offsets, &result->negatives})
    if (!numbers->empty()) numbers->assign(sums.size(), int32_t(numbers->front()));
  return result;
}

}  // namespace

SumRange sum_range(std::span<const int8_t> weights, int32_t bias, int32_t zero_point) {
  SumRange range{bias, bias};
  for (const int64_t w : weights) {
    const int64_t low = w * (-128 - zero_point), high = w * (127 - zero_point);
    range.least += std::min(low, high), range.most += std::max(low, high);
  }
  return range;
}

std::optional<ExactRequantize> find_exact_requantize(const ChannelRatios& ratios,
                                                     std::span<const SumRange> sums,
                                                     int32_t zero_point, const SumForm& form) {
  if (form.one_offset && are_alike(ratios))
    if (auto alike = find_alike(ratios, sums, zero_point, form)) return alike;
  return find_for(ratios, sums, zero_point, form, kUsualShift);
}

std::optional<int32_t> constant_output(const QuantizedMultiplier& ratio, SumRange sums,
                                       int32_t zero_point, QuantizedClampRange clamp) {
  const int64_t most = INT32_MAX >> std::max(ratio.shift, 0);  // beyond, TFLM's product wraps
  if (sums.least < -most || sums.most > most) return std::nullopt;
  const auto output = [&](int64_t sum) {
    const int64_t y = multiply_by_quantized_multiplier(int32_t(sum), ratio.multiplier, ratio.shift);
    return int32_t(std::clamp<int64_t>(y + zero_point, clamp.min, clamp.max));
  };
  if (output(sums.least) != output(sums.most)) return std::nullopt;
  return output(sums.least);
}

void set_constant(ExactRequantize& exact, size_t channel, int32_t output) {
  exact.multipliers.at(channel) = 0;
  exact.offsets.at(channel) = output * (1 << exact.shift);
}

}  // namespace mote
