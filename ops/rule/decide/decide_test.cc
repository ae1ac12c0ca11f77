// SPDX-License-Identifier: Apache-2.0
// decide: ties, thresholds at every quantised score, both types.
#include <gtest/gtest.h>

#include "ops/run_one_node.h"

namespace mote {
namespace {

template <class T>
std::vector<int32_t> decide(const std::vector<T>& x, double minimum,
                            Quantization quantization = {}) {
  OneNode one = OneNode::make<T>({int32_t(x.size())}, std::move(quantization));
  one.add(decide_op, {{"minimum_score", minimum}});
  return one.run<int32_t>(x);
}

using Decision = std::vector<int32_t>;
const Quantization kScores = per_tensor(1.0f / 256, -128);

TEST(Decide, LargestAndAmongEqualsTheLowest) {
  EXPECT_EQ(decide<int8_t>({-3, 7, 7, 6}, 0, kScores), (Decision{1, 7}));
  EXPECT_EQ(decide<int8_t>({-128, -128}, 0, kScores), (Decision{0, -128}));
  EXPECT_EQ(decide<int8_t>({127}, 0, kScores), (Decision{0, 127}));
  EXPECT_EQ(decide<float>({0.25f, 0.5f, 0.5f}, 0), (Decision{1, 32768}));
  EXPECT_EQ(decide<float>({-2.0f, -1.0f}, 0), (Decision{1, -65536}));
}

// For every score and many thresholds: uncertain exactly when the score, as a real number, is below
// the minimum.
TEST(Decide, ThresholdMeansTheRealNumber) {
  for (int percent = 0; percent <= 99; ++percent) {
    const double minimum = percent / 100.0;
    for (int q = -128; q <= 127; ++q) {
      const bool below = (q + 128) / 256.0 < minimum;
      ASSERT_EQ(decide<int8_t>({int8_t(q), -128}, minimum, kScores), (Decision{below ? -1 : 0, q}))
          << "minimum " << minimum;
    }
  }
}

TEST(Decide, LargestStorableScoreReachesAMinimumOfOne) {
  EXPECT_EQ(decide<int8_t>({127, -128}, 1.0, kScores), (Decision{0, 127}));
  EXPECT_EQ(decide<int8_t>({126, -127}, 1.0, kScores), (Decision{-1, 126}));
}

TEST(Decide, MinimumOfZeroTakesEverything) {
  EXPECT_EQ(decide<int8_t>({-100, -90}, 0, per_tensor(0.1f, 20)), (Decision{1, -90}));
}

TEST(Decide, FloatMinimum) {
  EXPECT_EQ(decide<float>({0.6f, 0.4f}, 0.6), (Decision{0, 39322}));
  EXPECT_EQ(decide<float>({0.59f, 0.41f}, 0.6), (Decision{-1, 38666}));
  EXPECT_EQ(decide<float>({1e30f, 0.0f}, 0.6), (Decision{0, INT32_MAX}));
}

TEST(Decide, Refusals) {
  EXPECT_EQ(code_of_failure([] { decide<float>({1}, 1.5); }), "wrong-attribute");
  EXPECT_EQ(code_of_failure([] { decide<float>({1}, -0.5); }), "wrong-attribute");
  EXPECT_EQ(code_of_failure([] { decide<int16_t>({1}, 0.5); }), "wrong-type");
}

}  // namespace
}  // namespace mote
