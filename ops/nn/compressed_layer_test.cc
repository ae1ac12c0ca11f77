// SPDX-License-Identifier: Apache-2.0
// Weights in a prefix code: what is decoded is what was there, whatever the values are; codes are
// about as short as the entropy allows.
#include "ops/nn/compressed_layer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "ops/nn/coded_weights.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

uint32_t folded(const int8_t* w) {
  const auto pair = [](int32_t a, int32_t b) { return uint32_t(uint16_t(256 * a - b)); };
  return pair(w[0], w[1]) | pair(w[2], w[3]) << 16;
}

void expect_decoded(const std::vector<int8_t>& weights) {
  const CodedWeights coded = code_weights(weights);
  ASSERT_LE(coded.longest, kLongestCode);
  ASSERT_EQ(coded.table.size(), size_t(1) << coded.longest);
  WeightReader reader{coded.codes.data(), coded.table.data(), (1u << coded.longest) - 1, 0};
  std::vector<uint32_t> words(weights.size() / 4);
  EXPECT_EQ(decode_weights(reader, int32_t(words.size()), words.data()),
            words.data() + words.size());
  for (size_t i = 0; i < words.size(); ++i)
    ASSERT_EQ(words[i], folded(weights.data() + 4 * i)) << "word " << i;
}

double entropy_bytes(const std::vector<int8_t>& weights) {
  std::map<int8_t, int> counts;
  for (const int8_t w : weights) ++counts[w];
  double bits = 0;
  for (const auto& [value, count] : counts)
    bits -= count * std::log2(double(count) / double(weights.size()));
  return bits / 8;
}

TEST(CodedWeights, AreWhatTheyWere) {
  Numbers numbers{1914};
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE("layer " + std::to_string(i));
    const int32_t most = numbers.integer(0, 127);
    expect_decoded(numbers.many<int8_t>(4 * numbers.integer(1, 500), -most, most));
  }
}

TEST(CodedWeights, OfOneValueAndOfAll) {
  expect_decoded(std::vector<int8_t>(64, 5));
  std::vector<int8_t> all;
  for (int v = -128; v < 128; ++v) all.push_back(int8_t(v));
  all.erase(all.begin());  // folded words know no -128
  all.push_back(0);
  expect_decoded(all);
}

// Each value twice as frequent as the next: without a limit their codes would grow to 20 bits.
TEST(CodedWeights, KeepTheLimitOfLengths) {
  std::vector<int8_t> weights;
  for (int v = 0; v < 20; ++v) weights.insert(weights.end(), size_t(1) << (19 - v), int8_t(v));
  weights.push_back(0);
  expect_decoded(weights);
}

TEST(CodedWeights, TakeAboutTheirEntropy) {
  Numbers numbers{7};
  std::vector<int8_t> weights;
  for (int i = 0; i < 40000; ++i) {
    int32_t sum = 0;
    for (int k = 0; k < 6; ++k) sum += numbers.integer(-5, 5);
    weights.push_back(int8_t(sum));
  }
  // The smallest of all tables is taken, so it is at most that for codes of eight bits: 512 bytes,
  // 2 % of so small a layer. Codes of whole bits, no longer than that, take 2 % more than entropy.
  const double coded = double(code_weights(weights).bytes());
  EXPECT_LT(coded, 512 + 1.025 * entropy_bytes(weights));
  EXPECT_GT(coded, entropy_bytes(weights));
}

}  // namespace
}  // namespace mote
