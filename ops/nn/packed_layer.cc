// SPDX-License-Identifier: Apache-2.0
// See packed_layer.h.
#include "ops/nn/packed_layer.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "core/wrapping.h"
#include "ops/nn/byte_fold.h"

namespace mote {
namespace {

bool is_constant(const NodeView& node, size_t i) {
  return node.input(i).kind == ValueKind::constant;
}

std::vector<SumRange> sums_of(const std::vector<Channel>& channels, int32_t zero_point) {
  std::vector<SumRange> sums;
  for (const Channel& c : channels) sums.push_back(sum_range(c.weights, c.bias, zero_point));
  return sums;
}

// The numbers of each channel's output rule; PackedLayer's fields but for the words.
using Numbers = std::vector<int32_t>;
struct Rule {
  PackedLayer layer;
  std::vector<Numbers> numbers;
  std::vector<int32_t> biases;  // to be added to 256 times the bias
};

// A sum that gives a constant channel's output: of those that come one that stays in 32 bits.
std::optional<int32_t> sum_of_constant(const QuantizedMultiplier& ratio, SumRange sums,
                                       int32_t zero_point, int32_t output, int32_t unit) {
  const int64_t limit = (int64_t(1) << 31) / unit - 9;
  const int64_t sum = std::clamp(sums.least, -limit, limit);
  if (constant_output(ratio, {sum, sum}, zero_point) != output) return std::nullopt;
  return int32_t(sum);
}

// Channels whose output is constant lose their weights; their sums, which may be large, do not
// count. With one offset for all they keep a bias that gives that output.
std::optional<Rule> exact_rule(std::vector<Channel>& channels, const ChannelRatios& ratios,
                               int32_t input_zero, int32_t output_zero, const SumForm& form) {
  std::vector<Channel> live = channels;
  std::vector<std::optional<int32_t>> constants;
  const std::vector<SumRange> all = sums_of(channels, input_zero);
  for (size_t c = 0; c < live.size(); ++c) {
    const QuantizedMultiplier ratio{ratios.multipliers[c], ratios.shifts[c]};
    constants.push_back(constant_output(ratio, all[c], output_zero));
    if (!constants[c]) continue;
    live[c] = {std::vector<int8_t>(live[c].weights.size()), 0};
    if (!form.one_offset) continue;
    const auto sum = sum_of_constant(ratio, all[c], output_zero, *constants[c], form.unit);
    if (!sum) return std::nullopt;
    live[c].bias = *sum;
  }
  auto exact = find_exact_requantize(ratios, sums_of(live, input_zero), output_zero, form);
  if (!exact) return std::nullopt;
  Rule rule{{{}, OutputRule::exact, exact->shift, !exact->negatives.empty()}, {}, exact->biases};
  for (size_t c = 0; c < live.size(); ++c) {
    if (constants[c] && !form.one_offset) set_constant(*exact, c, *constants[c]);
    rule.numbers.push_back({exact->multipliers[c]});
    if (!form.one_offset) rule.numbers.back().push_back(exact->offsets[c]);
    if (rule.layer.signs) rule.numbers.back().push_back(exact->negatives[c]);
  }
  if (form.one_offset) rule.layer.offset = exact->offsets[0];
  channels = std::move(live);
  return rule;
}

// The numbers that all channels have, where these are the same, are the layer's.
void join_alike(Rule& rule) {
  const Numbers first = rule.numbers[0];
  rule.layer.alike = std::all_of(rule.numbers.begin(), rule.numbers.end(),
                                 [&](const Numbers& n) { return n == first; });
  if (!rule.layer.alike) return;
  rule.layer.multiplier = first[0];
  if (rule.layer.signs) rule.layer.negative = first[1];
  for (Numbers& numbers : rule.numbers) numbers.clear();
}

std::optional<Rule> any_rule(const std::vector<Channel>& channels, const ChannelRatios& ratios,
                             int32_t input_zero, const SumForm& form) {
  for (const SumRange& sums : sums_of(channels, input_zero))
    if (!sums.is_small(form.unit)) return std::nullopt;
  Rule rule;
  rule.biases.resize(channels.size());
  for (size_t c = 0; c < channels.size(); ++c)
    rule.numbers.push_back({ratios.multipliers[c], ratios.shifts[c]});
  return rule;
}

// RoundedVectorOutput, for shifts of 1 to 22: the addend stays below 2^22 * 129 < 2^30, as the sums
// do, and the high half of a sum is none larger than the sum.
std::optional<Rule> rounded_rule(const std::vector<Channel>& channels, const ChannelRatios& ratios,
                                 int32_t input_zero, int32_t output_zero) {
  for (const SumRange& sums : sums_of(channels, input_zero))
    if (!sums.is_small(2)) return std::nullopt;
  Rule rule;
  rule.layer.rule = OutputRule::rounded;
  rule.biases.resize(channels.size());
  for (size_t c = 0; c < channels.size(); ++c) {
    const int32_t right = -ratios.shifts[c];
    if (right < 1 || right > 22) return std::nullopt;
    const int32_t addend = (1 << (right - 1)) + output_zero * (1 << right);
    rule.numbers.push_back({ratios.multipliers[c], addend, 24 - right});
  }
  return rule;
}

// The zero point's part of each sum goes into the bias, modulo 2^32.
void take_off(std::vector<Channel>& channels, int32_t zero_point) {
  for (Channel& c : channels) {
    const int32_t sum = std::accumulate(c.weights.begin(), c.weights.end(), 0);
    c.bias = wrapping_sub(c.bias, wrapping_mul(zero_point, sum));
  }
}

int32_t weight(const Channel& channel, size_t k) {
  return k < channel.weights.size() ? channel.weights[k] : 0;
}

uint32_t folded_word(const Channel& channel, size_t k) {
  const auto pair = [&](size_t i) {
    return uint32_t(uint16_t(int16_t(256 * weight(channel, i) - weight(channel, i + 1))));
  };
  return pair(k) | pair(k + 2) << 16;
}

std::vector<uint32_t> folded_words(std::span<const Channel> group) {
  std::vector<uint32_t> words;
  for (size_t k = 0; k < group[0].weights.size(); k += 4)
    for (const Channel& c : group) words.push_back(folded_word(c, k));
  return words;
}

// Of each row of the window and each four channels the three columns.
std::vector<uint32_t> folded_words_3x3(std::span<const Channel> one) {
  std::vector<uint32_t> words;
  const size_t depth = one[0].weights.size() / 9;
  for (size_t ky = 0; ky < 3; ++ky)
    for (size_t c = 0; c < depth; c += 4)
      for (size_t kx = 0; kx < 3; ++kx)
        words.push_back(folded_word(one[0], (3 * ky + kx) * depth + c));
  return words;
}

// Of each row of the window, each four inputs and each channel the three columns, a byte a number.
std::vector<uint32_t> plain_words_3x3(std::span<const Channel> group) {
  std::vector<uint32_t> words;
  const size_t depth = group[0].weights.size() / 9;
  for (size_t ky = 0; ky < 3; ++ky)
    for (size_t k = 0; k < depth; k += 4)
      for (const Channel& c : group)
        for (size_t kx = 0; kx < 3; ++kx) {
          uint32_t word = 0;
          for (size_t i = 0; i < 4; ++i)
            word |= uint32_t(uint8_t(c.weights[(3 * ky + kx) * depth + k + i])) << (8 * i);
          words.push_back(word);
        }
  return words;
}

int32_t winograd_bias(const Channel& channel) {
  return wrapping_mul(channel.bias, kWinogradSums.unit);
}

// u = x + 128 stands for x in even columns, and each odd column adds its weight.
int32_t folded_bias(const Channel& channel) {
  int32_t bias = bias_256(channel);
  for (size_t k = 0; k < channel.weights.size(); ++k)
    bias = wrapping_sub(bias, (k % 2 == 0 ? 256 * 128 : 1) * weight(channel, k));
  return bias;
}

uint32_t bias_word(const Channel& channel, int32_t added, const Packing& packing) {
  return uint32_t(wrapping_add(packing.bias(channel), added));
}

// Weights, biases, numbers by kind, of channel `first` and the next but one.
void append_pair(const std::vector<Channel>& channels, const Rule& rule, size_t first,
                 const Packing& packing, std::vector<uint32_t>& words) {
  const std::array<size_t, 2> both{first, first + 2};
  const std::array<Channel, 2> pair{channels[both[0]], channels[both[1]]};
  for (const uint32_t word : packing.weights(pair)) words.push_back(word);
  for (const size_t c : both) words.push_back(bias_word(channels[c], rule.biases[c], packing));
  for (size_t kind = 0; kind < rule.numbers[first].size(); ++kind)
    for (const size_t c : both) words.push_back(uint32_t(rule.numbers[c][kind]));
}

// Biases, weights, numbers of the channels from `first` on.
void append_group(const std::vector<Channel>& channels, const Rule& rule, size_t first,
                  const Packing& packing, std::vector<uint32_t>& words) {
  if (packing.in_pairs) {
    for (const size_t c : {first, first + 1}) append_pair(channels, rule, c, packing, words);
    return;
  }
  const auto at = [&](size_t i) { return first + (packing.order ? packing.order(i) : i); };
  for (size_t i = 0; i < packing.group; ++i)
    words.push_back(bias_word(channels[at(i)], rule.biases[at(i)], packing));
  for (const uint32_t word : packing.weights({channels.data() + first, packing.group}))
    words.push_back(word);
  const size_t kinds = rule.numbers[first].size();
  for (size_t k = 0; k < kinds * packing.group; ++k)
    words.push_back(uint32_t(packing.vectors
                                 ? rule.numbers[at(k % packing.group)][k / packing.group]
                                 : rule.numbers[at(k / kinds)][k % kinds]));
}

}  // namespace

int32_t bias_256(const Channel& channel) { return wrapping_mul(channel.bias, 256); }

bool is_plain_s8(const NodeView& node) {
  const Value& weights = node.input(1);
  if (node.input(0).type != ElementType::s8 || weights.type != ElementType::s8 ||
      !is_constant(node, 1) || (node.has_input(2) && !is_constant(node, 2)))
    return false;
  const auto& zero_points = weights.quantization.zero_points;
  return std::all_of(zero_points.begin(), zero_points.end(), [](int32_t z) { return z == 0; });
}

bool has_least_weight(const NodeView& node) {
  const Value& weights = node.input(1);
  const int8_t* numbers = weights.as<int8_t>();
  return std::count(numbers, numbers + weights.elements(), int8_t(-128)) > 0;
}

std::vector<Channel> channels_of(const NodeView& node, int32_t channels, int32_t stride) {
  const Value& weights = node.input(1);
  const int64_t count = weights.elements() / channels;
  const int32_t* bias = node.has_input(2) ? node.input(2).as<int32_t>() : nullptr;
  std::vector<Channel> all;
  for (int32_t c = 0; c < channels; ++c) {
    const int8_t* from = weights.as<int8_t>() + (stride == 1 ? c * count : c);
    Channel channel{{}, bias ? bias[c] : 0};
    for (int64_t k = 0; k < count; ++k) channel.weights.push_back(from[k * stride]);
    all.push_back(std::move(channel));
  }
  return all;
}

std::optional<PackedLayer> pack_layer(const NodeView& node, std::vector<Channel> channels,
                                      QuantizedClampRange clamp, const Packing& packing) {
  const int32_t input_zero = node.input(0).quantization.zero_point();
  const ChannelRatios ratios = channel_ratios(node, int32_t(channels.size()));
  std::optional<Rule> rule;
  if (clamp.min == -128 && clamp.max == 127) {
    const int32_t output_zero = node.output().quantization.zero_point();
    rule = exact_rule(channels, ratios, input_zero, output_zero, packing.sums);
    if (!rule && packing.vectors) rule = rounded_rule(channels, ratios, input_zero, output_zero);
  }
  if (!rule) rule = any_rule(channels, ratios, input_zero, packing.sums);
  if (!rule) return std::nullopt;
  if (packing.joins_alike && rule->layer.rule == OutputRule::exact) join_alike(*rule);
  take_off(channels, input_zero);
  const size_t group = packing.group, whole = (channels.size() + group - 1) / group * group;
  rule->biases.resize(whole);
  rule->numbers.resize(whole, Numbers(rule->numbers[0].size()));
  channels.resize(whole, Channel{std::vector<int8_t>(channels[0].weights.size()), 0});
  for (size_t first = 0; first < whole; first += group)
    append_group(channels, *rule, first, packing, rule->layer.words);
  return std::move(rule->layer);
}

std::optional<PackedLayer> fold_layer(const NodeView& node, int32_t channels, int32_t places,
                                      QuantizedClampRange clamp) {
  if (has_least_weight(node)) return std::nullopt;
  std::vector<Channel> all = channels_of(node, channels, 1);
  for (Channel& c : all) c.weights.resize(size_t(filled_up(places, int32_t(c.weights.size()))));
  return pack_layer(node, std::move(all), clamp,
                    {.group = size_t(channels_together(places)),
                     .weights = folded_words,
                     .bias = folded_bias,
                     .joins_alike = places == 1});
}

std::optional<PackedLayer> fold_layer_3x3(const NodeView& node, int32_t channels,
                                          QuantizedClampRange clamp) {
  if (has_least_weight(node)) return std::nullopt;
  return pack_layer(node, channels_of(node, channels, 1), clamp,
                    {1, folded_words_3x3, folded_bias});
}

std::optional<PackedLayer> winograd_layer(const NodeView& node, int32_t channels,
                                          QuantizedClampRange clamp) {
  auto layer = pack_layer(
      node, channels_of(node, channels, 1), clamp,
      {.group = 2, .weights = plain_words_3x3, .bias = winograd_bias, .sums = kWinogradSums});
  if (layer && layer->rule != OutputRule::exact) return std::nullopt;
  return layer;
}

}  // namespace mote
