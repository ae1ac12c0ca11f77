// SPDX-License-Identifier: Apache-2.0
// See lane_layer.h.
#include "ops/nn/lane_layer.h"

#include <algorithm>
#include <numeric>

#include "core/simd_lanes.h"
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

bool runs_fit(std::span<const int8_t> weights, size_t run) {
  for (; weights.size() > run; weights = weights.subspan(run))
    if (!fits(weights.first(run))) return false;
  return fits(weights);
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

// Each run as long as it can be; none where a single weight is too much.
std::optional<std::vector<size_t>> runs_of(std::span<const int8_t> weights) {
  std::vector<size_t> runs;
  while (!weights.empty()) {
    size_t run = std::min<size_t>(weights.size(), kLongestRun);
    while (run > 0 && !fits(weights.first(run))) --run;
    if (run == 0) return std::nullopt;
    runs.push_back(run);
    weights = weights.subspan(run);
  }
  return runs;
}

std::vector<uint32_t> words_of(const std::vector<size_t>& runs) {
  std::vector<uint32_t> words((runs.size() + 3) / 4);
  for (size_t i = 0; i < runs.size(); ++i)
    words[i / 4] |= uint32_t((kLongestRun - runs[i]) * kTapBytes) << (8 * (i % 4));
  return words;
}

// Even, and as short as it can be where that makes no more runs.
std::optional<int32_t> run_of_channels(const std::vector<Channel>& channels) {
  const int32_t taps = int32_t(channels[0].weights.size());
  for (int32_t run = kLongestRun; run > 0; run -= 2) {
    const int32_t runs = (taps + run - 1) / run, shortest = (taps + 2 * runs - 1) / (2 * runs) * 2;
    if (std::all_of(channels.begin(), channels.end(),
                    [&](const Channel& c) { return runs_fit(c.weights, size_t(shortest)); }))
      return shortest;
  }
  return std::nullopt;
}

// Of 3x3 weights: all, a row, or two; the last fits always, but for weights of -128.
int32_t run_of_nine(const std::vector<int8_t>& weights) {
  for (const int32_t run : {9, 3, 2})
    if (runs_fit(weights, size_t(run))) return run;
  return 0;
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
      const auto runs =
          is_dead(group[c]) ? std::optional(std::vector<size_t>{}) : runs_of(group[c].weights);
      if (!runs) return std::nullopt;
      const std::vector<uint32_t> lengths = words_of(*runs);
      const uint32_t bias = uint32_t(group[c].bias), added = uint32_t(runs->size()) * kLaneHalf;
      words.insert(words.end(), {bias + (bias << 16) - added, bias, uint32_t(lengths.size())});
      words.insert(words.end(), lengths.begin(), lengths.end());
      words.insert(words.end(), numbers->of[first + c].begin(), numbers->of[first + c].end());
    }
  }
  return std::move(numbers->layer);
}

std::optional<LaneLayer> lane_layer_by_channels(const NodeView& node, int32_t channels,
                                                QuantizedClampRange clamp) {
  std::vector<Channel> all = channels_of(node, channels, 1);
  auto numbers = numbers_of(node, all, clamp);
  const auto run = run_of_channels(all);
  if (!numbers || !run) return std::nullopt;
  numbers->layer.run = *run;
  const uint32_t runs = (uint32_t(all[0].weights.size()) + *run - 1) / *run;
  all.resize((all.size() + 3) / 4 * 4, Channel{std::vector<int8_t>(all[0].weights.size()), 0});
  numbers->of.resize(all.size(), std::vector<uint32_t>(numbers->of[0].size()));
  std::vector<uint32_t>& words = numbers->layer.words;
  for (size_t first = 0; first < all.size(); first += 4) {
    const auto group = std::span(all).subspan(first, 4);
    for (const size_t c : {0, 2}) {
      const uint32_t low = uint32_t(group[c].bias), high = uint32_t(group[c + 1].bias);
      words.insert(words.end(), {low + (high << 16) - runs * kLaneHalf, high});
    }
    for (size_t k = 0; k < runs * *run; k += 2)
      for (const size_t c : {0, 2}) {
        const auto byte = [&](size_t o, size_t tap) { return (weight(group, o, tap) + 128) & 255; };
        words.push_back(byte(c, k) | byte(c, k + 1) << 8 | byte(c + 1, k) << 16 |
                        byte(c + 1, k + 1) << 24);
      }
    for (size_t c = 0; c < 4; ++c)
      words.insert(words.end(), numbers->of[first + c].begin(), numbers->of[first + c].end());
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
    const int32_t run = run_of_nine(one.weights);
    if (run == 0) return std::nullopt;
    const uint32_t bias = uint32_t(one.bias), runs = uint32_t((9 + run - 1) / run);
    words.insert(words.end(), {bias + (bias << 16) - runs * kLaneHalf, bias, uint32_t(run)});
    for (size_t k = 0; k < 12; k += 4) {
      uint32_t word = 0;
      for (size_t i = 0; i < 4; ++i) word |= (weight({&one, 1}, 0, k + i) & 255) << (8 * i);
      words.push_back(word);
    }
    words.insert(words.end(), numbers->of[c].begin(), numbers->of[c].end());
  }
  return std::move(numbers->layer);
}

}  // namespace mote
