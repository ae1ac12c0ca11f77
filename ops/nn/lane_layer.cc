// SPDX-License-Identifier: Apache-2.0
// See lane_layer.h.
#include "ops/nn/lane_layer.h"

#include <algorithm>
#include <numeric>

#include "core/simd_lane_rows.h"
#include "core/wrapping.h"
#include "ops/nn/clamped_requantize.h"
#include "ops/nn/lane_outputs.h"

namespace mote {
namespace {

// Whether the products of weights with any int8 add up to an int16.
bool fits(std::span<const int8_t> weights) {
  int32_t above = 0, below = 0;
  for (const int8_t w : weights) (w > 0 ? above : below) += std::abs(w);
  return 127 * above + 128 * below <= 32767 && 128 * above + 127 * below <= 32768;
}

struct Numbers {
  LaneLayer layer;
  std::vector<std::vector<uint32_t>> of;  // each channel
};

// Moves the biases, and takes the weights of constant channels.
std::optional<Numbers> clamped_numbers(const NodeView& node, std::vector<Channel>& channels,
                                       const ChannelRatios& ratios, QuantizedClampRange clamp) {
  std::vector<SumRange> sums;
  for (const Channel& c : channels)
    sums.push_back(sum_range(c.weights, c.bias, node.input(0).quantization.zero_point()));
  const auto found =
      find_clamped_requantize(ratios, sums, node.output().quantization.zero_point(), clamp);
  if (!found) return std::nullopt;
  Numbers numbers{{{}, true, found->low_bits, found->signs}, {}};
  for (size_t i = 0; i < channels.size(); ++i) {
    const ClampedChannel& c = found->channels[i];
    if (c.span == 0) channels[i] = {std::vector<int8_t>(channels[i].weights.size()), 0};
    channels[i].bias = wrapping_sub(channels[i].bias, c.least);
    numbers.of.push_back({c.multiplier_high, c.multiplier_low, c.span, c.offset});
    if (found->signs) numbers.of.back().insert(numbers.of.back().end(), {c.zero, c.negative});
  }
  return numbers;
}

std::optional<Numbers> numbers_of(const NodeView& node, std::vector<Channel>& channels,
                                  QuantizedClampRange clamp) {
  const int32_t input_zero = node.input(0).quantization.zero_point();
  const ChannelRatios ratios = channel_ratios(node, int32_t(channels.size()));
  auto numbers = clamped_numbers(node, channels, ratios, clamp);
  if (!numbers) {
    numbers.emplace();
    for (const Channel& c : channels)
      if (!sum_range(c.weights, c.bias, input_zero).is_small(256)) return std::nullopt;
    for (size_t c = 0; c < channels.size(); ++c)
      numbers->of.push_back({uint32_t(ratios.multipliers[c]), uint32_t(ratios.shifts[c])});
  }
  for (Channel& c : channels) {  // the zero point's part of each sum
    const int32_t sum = std::accumulate(c.weights.begin(), c.weights.end(), 0);
    c.bias = wrapping_sub(c.bias, wrapping_mul(input_zero, sum));
  }
  return numbers;
}

bool is_dead(const Channel& c) {
  return std::all_of(c.weights.begin(), c.weights.end(), [](int8_t w) { return w == 0; });
}

// How many units of so many taps the next run takes, for all of `channels`; 0: one is too much.
size_t next_run(std::span<const Channel> channels, size_t from, size_t unit, size_t most) {
  const size_t taps = channels[0].weights.size();
  const size_t left = (taps - from + unit - 1) / unit;
  for (size_t run = std::min(left, most); run > 0; --run)
    if (std::all_of(channels.begin(), channels.end(), [&](const Channel& c) {
          return fits(std::span(c.weights).subspan(from, std::min(run * unit, taps - from)));
        }))
      return run;
  return 0;
}

// Each run as long as it can be; none where a single unit is too much.
std::optional<std::vector<size_t>> runs_of(std::span<const Channel> channels, size_t unit,
                                           size_t most) {
  std::vector<size_t> runs;
  for (size_t from = 0; from < channels[0].weights.size(); from += runs.back() * unit) {
    runs.push_back(next_run(channels, from, unit, most));
    if (runs.back() == 0) return std::nullopt;
  }
  return runs;
}

std::vector<uint32_t> words_of(const std::vector<int32_t>& bytes) {
  std::vector<uint32_t> words((bytes.size() + 3) / 4);
  for (size_t i = 0; i < bytes.size(); ++i) words[i / 4] |= uint32_t(bytes[i]) << (8 * (i % 4));
  return words;
}

void append(std::vector<uint32_t>& words, const std::vector<uint32_t>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

// How 3x3 weights are cut: rows, as many together as fit, or a row in two; the last fits always,
// but for weights of -128.
struct RunsOfNine {
  uint32_t count;
  uint32_t packed;
};
std::optional<RunsOfNine> runs_of_nine(const Channel& channel) {
  if (const auto rows = runs_of({&channel, 1}, 3, 3)) {
    uint32_t packed = 0;
    for (size_t row = 0, run = 0; run < rows->size(); row += (*rows)[run++])
      for (size_t i = row; i + 1 < row + (*rows)[run]; ++i) packed |= kRunGoesOn << i;
    return RunsOfNine{uint32_t(rows->size()), packed};
  }
  for (size_t row = 0; row < 9; row += 3)
    if (!fits(std::span(channel.weights).subspan(row, 2)) ||
        !fits(std::span(channel.weights).subspan(row + 2, 1)))
      return std::nullopt;
  return RunsOfNine{6, kRunsOfTwo};
}

uint32_t weight(std::span<const Channel> group, size_t c, size_t k) {
  const bool exists = c < group.size() && k < group[c].weights.size();
  return exists ? uint32_t(int32_t(group[c].weights[k])) : 0;
}

}  // namespace

std::optional<LaneLayer> lane_layer_by_places(const NodeView& node, int32_t channels,
                                              QuantizedClampRange clamp) {
  std::vector<Channel> all = channels_of(node, channels, 1);
  auto numbers = numbers_of(node, all, clamp);
  if (!numbers) return std::nullopt;
  const size_t taps = all[0].weights.size();
  std::vector<uint32_t>& words = numbers->layer.words;
  for (size_t first = 0; first < all.size(); first += 8) {
    const auto group = std::span(all).subspan(first, std::min<size_t>(8, all.size() - first));
    for (size_t k = 0; k < taps; ++k)
      for (size_t c = 0; c < 8; c += 4) {
        uint32_t word = 0;
        for (size_t i = 0; i < 4; ++i) word |= (weight(group, c + i, k) & 255) << (8 * i);
        words.push_back(word);
      }
    for (size_t c = 0; c < group.size(); ++c) {
      const uint32_t bias = uint32_t(group[c].bias);
      std::vector<int32_t> bytes{kNoRun};
      uint32_t added = 0;  // to T by the runs
      if (!is_dead(group[c])) {
        const auto runs = runs_of(group.subspan(c, 1), 1, kLongestRun);
        if (!runs) return std::nullopt;
        bytes.clear();
        for (const size_t run : *runs) bytes.push_back((kLongestRun - int32_t(run)) * kTapBytes);
        added = uint32_t(runs->size()) * kLaneHalf;
      }
      append(words, {bias + (bias << 16) - added, bias});
      append(words, words_of(bytes));
      append(words, numbers->of[first + c]);
    }
  }
  return std::move(numbers->layer);
}

std::optional<LaneLayer> lane_layer_by_channels(const NodeView& node, int32_t channels,
                                                QuantizedClampRange clamp) {
  std::vector<Channel> all = channels_of(node, channels, 1);
  auto numbers = numbers_of(node, all, clamp);
  if (!numbers) return std::nullopt;
  const size_t taps = all[0].weights.size();
  all.resize((all.size() + 3) / 4 * 4, Channel{std::vector<int8_t>(taps), 0});
  numbers->of.resize(all.size(), std::vector<uint32_t>(numbers->of[0].size()));
  std::vector<uint32_t>& words = numbers->layer.words;
  for (size_t first = 0; first < all.size(); first += 4) {
    const auto group = std::span(all).subspan(first, 4);
    const auto runs = runs_of(group, 2, kLongestRunOfPairs);
    if (!runs) return std::nullopt;
    std::vector<int32_t> bytes;
    for (const size_t run : *runs)
      bytes.push_back((kLongestRunOfPairs - int32_t(run)) * kPairBytes);
    bytes.push_back(kEndOfRuns);
    const std::vector<uint32_t> packed_runs = words_of(bytes);
    words.push_back(uint32_t(4 * packed_runs.size()));
    for (const size_t c : {0, 2}) {
      const uint32_t low = uint32_t(group[c].bias), high = uint32_t(group[c + 1].bias);
      append(words, {low + (high << 16) - uint32_t(runs->size()) * kLaneHalf, high});
    }
    append(words, packed_runs);
    for (size_t k = 0; k < taps; k += 2)
      for (const size_t c : {0, 2}) {
        const auto byte = [&](size_t o, size_t tap) { return (weight(group, o, tap) + 128) & 255; };
        words.push_back(byte(c, k) | byte(c, k + 1) << 8 | byte(c + 1, k) << 16 |
                        byte(c + 1, k + 1) << 24);
      }
    for (size_t c = 0; c < 4; ++c) append(words, numbers->of[first + c]);
  }
  return std::move(numbers->layer);
}

std::optional<LaneLayer> lane_layer_3x3(const NodeView& node, int32_t channels,
                                        QuantizedClampRange clamp, bool turned) {
  std::vector<Channel> all = channels_of(node, channels, channels);
  auto numbers = numbers_of(node, all, clamp);
  if (!numbers || !numbers->layer.is_clamped) return std::nullopt;
  std::vector<uint32_t>& words = numbers->layer.words;
  for (size_t c = 0; c < all.size(); ++c) {
    Channel one = all[c];
    for (size_t i = 0; turned && i < 9; ++i) one.weights[i] = all[c].weights[i % 3 * 3 + i / 3];
    const auto runs = runs_of_nine(one);
    if (!runs) return std::nullopt;
    const uint32_t bias = uint32_t(one.bias);
    append(words, {bias + (bias << 16) - runs->count * kLaneHalf, bias, runs->packed});
    for (size_t k = 0; k < 12; k += 4) {
      uint32_t word = 0;
      for (size_t i = 0; i < 4; ++i) word |= (weight({&one, 1}, 0, k + i) & 255) << (8 * i);
      words.push_back(word);
    }
    words.insert(words.end(), numbers->of[c].begin(), numbers->of[c].end());
  }
  return std::move(numbers->layer);
}

std::optional<LaneLayer> lane_layer_by_taps(const NodeView& node, int32_t channels,
                                            QuantizedClampRange clamp) {
  std::vector<Channel> all = channels_of(node, channels, channels);
  auto numbers = numbers_of(node, all, clamp);
  if (!numbers || !numbers->layer.is_clamped) return std::nullopt;
  std::vector<int32_t> bytes;
  for (size_t tap = 0; tap < all[0].weights.size(); ++tap)
    for (const Channel& c : all) bytes.push_back(uint8_t(c.weights[tap]));
  std::vector<uint32_t>& words = numbers->layer.words;
  words = words_of(bytes);
  for (size_t c = 0; c < all.size(); ++c) {
    words.push_back(uint32_t(all[c].bias));
    append(words, numbers->of[c]);
  }
  return std::move(numbers->layer);
}

}  // namespace mote
