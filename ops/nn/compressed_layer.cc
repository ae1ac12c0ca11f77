// SPDX-License-Identifier: Apache-2.0
// See compressed_layer.h. Codes of limited length are found by package-merge (Larmore and
// Hirschberg, "A fast algorithm for optimal length-limited Huffman codes", 1990).
#include "ops/nn/compressed_layer.h"

#include <algorithm>
#include <array>

#include "core/wrapping.h"
#include "ops/nn/coded_weights.h"

namespace mote {
namespace {

using Counts = std::array<int64_t, 256>;  // of each byte

// A set of values, each as often as it takes part.
struct Package {
  int64_t weight = 0;
  std::vector<uint8_t> values;
};

std::vector<Package> single_values(const Counts& counts) {
  std::vector<Package> all;
  for (size_t v = 0; v < counts.size(); ++v)
    if (counts[v] > 0) all.push_back({counts[v], {uint8_t(v)}});
  return all;
}

void sort_by_weight(std::vector<Package>& packages) {
  std::stable_sort(packages.begin(), packages.end(),
                   [](const Package& a, const Package& b) { return a.weight < b.weight; });
}

// Of each value its length in bits, 0 for those that do not occur; none where there are too many
// for codes of at most `longest` bits.
std::optional<std::array<int32_t, 256>> code_lengths(const Counts& counts, int32_t longest) {
  const std::vector<Package> singles = single_values(counts);
  if (singles.size() > size_t(1) << longest) return std::nullopt;
  std::array<int32_t, 256> lengths{};
  if (singles.size() == 1) lengths[singles[0].values[0]] = 1;
  if (singles.size() < 2) return lengths;
  std::vector<Package> packages;
  for (int32_t bit = 0; bit < longest; ++bit) {
    std::vector<Package> next = singles;
    for (size_t i = 0; i + 1 < packages.size(); i += 2) {
      Package both = packages[i];
      both.weight += packages[i + 1].weight;
      both.values.insert(both.values.end(), packages[i + 1].values.begin(),
                         packages[i + 1].values.end());
      next.push_back(std::move(both));
    }
    sort_by_weight(next);
    packages = std::move(next);
  }
  for (size_t i = 0; i < 2 * singles.size() - 2; ++i)
    for (const uint8_t value : packages[i].values) ++lengths[value];
  return lengths;
}

// Codes in the order of their lengths, as they are read: the first bit is the lowest.
struct Code {
  uint32_t bits = 0;
  int32_t length = 0;
};
std::array<Code, 256> codes_of(const std::array<int32_t, 256>& lengths) {
  std::array<Code, 256> codes;
  uint32_t next = 0;
  for (int32_t length = 1; length <= kLongestCode; ++length, next <<= 1)
    for (size_t v = 0; v < lengths.size(); ++v) {
      if (lengths[v] != length) continue;
      codes[v].length = length;
      for (int32_t b = 0; b < length; ++b) codes[v].bits |= (next >> b & 1) << (length - 1 - b);
      ++next;
    }
  return codes;
}

// Two equal table entries decode any bits, so that a table is whole.
std::vector<uint16_t> table_of(const std::array<Code, 256>& codes, int32_t longest) {
  std::vector<uint16_t> table(size_t(1) << longest, uint16_t(1 << 8));
  for (size_t v = 0; v < codes.size(); ++v)
    for (uint32_t i = codes[v].bits; codes[v].length > 0 && i < table.size();
         i += uint32_t(1) << codes[v].length)
      table[i] = uint16_t(v | uint32_t(codes[v].length) << 8);
  return table;
}

CodedWeights write_codes(std::span<const int8_t> weights, const std::array<Code, 256>& codes,
                         int32_t longest) {
  CodedWeights coded{{}, table_of(codes, longest), longest};
  uint64_t position = 0;
  for (const int8_t weight : weights) {
    const Code& code = codes[uint8_t(weight)];
    for (int32_t b = 0; b < code.length; ++b, ++position) {
      if (position % 8 == 0) coded.codes.push_back(0);
      coded.codes.back() |= uint8_t((code.bits >> b & 1) << (position % 8));
    }
  }
  coded.codes.resize(coded.codes.size() + 4);  // a load of four bytes may begin at the last
  return coded;
}

uint32_t nibble_word(const Channel& channel, size_t k) {
  uint32_t word = 0;
  for (size_t i = 0; i < 8; ++i) {
    const int32_t weight = k + i < channel.weights.size() ? channel.weights[k + i] : 0;
    // Two neighbours meet the halves of a word.
    word |= uint32_t(weight + 8) << (4 * (i / 2) + 16 * (i % 2));
  }
  return word;
}

std::vector<uint32_t> nibble_words(std::span<const Channel> four) {
  std::vector<uint32_t> words;
  for (size_t k = 0; k < four[0].weights.size(); k += 8)
    for (const Channel& channel : four) words.push_back(nibble_word(channel, k));
  return words;
}

}  // namespace

CodedWeights code_weights(std::span<const int8_t> weights) {
  Counts counts{};
  for (const int8_t weight : weights) ++counts[uint8_t(weight)];
  CodedWeights best;
  for (int32_t longest = 1; longest <= kLongestCode; ++longest) {
    const auto lengths = code_lengths(counts, longest);
    if (!lengths) continue;
    CodedWeights coded = write_codes(weights, codes_of(*lengths), longest);
    if (best.longest == 0 || coded.bytes() < best.bytes()) best = std::move(coded);
  }
  return best;
}

std::vector<int8_t> take_weights(PackedLayer& layer, int32_t filled) {
  const size_t numbers = layer.alike ? 0 : layer.rule == OutputRule::exact && !layer.signs ? 1 : 2;
  const size_t whole = size_t(4 + filled) + 4 * numbers;
  std::vector<uint32_t> rest;
  std::vector<int8_t> weights;
  for (size_t first = 0; first < layer.words.size(); first += whole) {
    const uint32_t* const group = layer.words.data() + first;
    rest.insert(rest.end(), group, group + 4);
    for (const uint32_t* word = group + 4; word != group + 4 + filled; ++word)
      for (const int32_t pair : {int32_t(int16_t(*word)), int32_t(int16_t(*word >> 16))}) {
        const int32_t second = int8_t(-pair);
        weights.push_back(int8_t((pair + second) / 256));
        weights.push_back(int8_t(second));
      }
    rest.insert(rest.end(), group + 4 + filled, group + whole);
  }
  layer.words = std::move(rest);
  return weights;
}

std::optional<PackedLayer> nibble_layer(const NodeView& node, int32_t channels,
                                        QuantizedClampRange clamp) {
  std::vector<Channel> all = channels_of(node, channels, 1);
  for (const Channel& channel : all)
    for (const int8_t weight : channel.weights)
      if (weight < -8 || weight > 7) return std::nullopt;
  if (all[0].weights.size() >= 4096) return std::nullopt;  // see the kernel
  return pack_layer(node, std::move(all), clamp,
                    {.group = 4,
                     .weights = nibble_words,
                     .bias = [](const Channel& c) { return wrapping_mul(c.bias, 256); },
                     .joins_alike = true});
}

}  // namespace mote
