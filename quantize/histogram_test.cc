// SPDX-License-Identifier: Apache-2.0
// Histograms against sorted numbers and against real quantisation of the numbers.
#include "quantize/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "quantize/post_training.h"
#include "quantize/test_networks.h"

namespace mote {
namespace {

using namespace testing_graphs;

Histogram histogram_of(const std::vector<float>& numbers) {
  Histogram histogram;
  for (float x : numbers) histogram.add(x);
  return histogram;
}

double error_of(const std::vector<float>& numbers, ValueRange range) {
  const Quantization q = quantization_over(ElementType::s8, range);
  double sum = 0;
  for (float x : numbers) {
    const double got = double(q.scale()) * (to_integer(x, q, ElementType::s8) - q.zero_point());
    sum += (got - x) * (got - x);
  }
  return sum / double(numbers.size());
}

TEST(Histogram, KeepsExtremesExactly) {
  const Histogram h = histogram_of({0.1f, -3.7f, 1e-30f, 12345.678f});
  EXPECT_EQ(h.min(), -3.7f);
  EXPECT_EQ(h.max(), 12345.678f);
  EXPECT_EQ(h.count(), 4);
  EXPECT_EQ(histogram_of({5, 7}).min(), 5);
}

TEST(Histogram, CountsWhatIsNotFiniteApart) {
  const Histogram h = histogram_of({1, NAN, INFINITY, -INFINITY});
  EXPECT_EQ(h.count(), 1);
  EXPECT_EQ(h.non_finite(), 3);
  EXPECT_EQ(h.max(), 1);
}

TEST(Histogram, TakesTheWholeRangeOfFloats) {
  const Histogram h =
      histogram_of({0, std::numeric_limits<float>::denorm_min(), std::numeric_limits<float>::max(),
                    -std::numeric_limits<float>::max()});
  EXPECT_EQ(h.percentile(0).max, std::numeric_limits<float>::max());
  EXPECT_EQ(h.percentile(0).min, -std::numeric_limits<float>::max());
}

// The order of the numbers decides when the bins widen, never what is found.
TEST(Histogram, IsTheSameInAnyOrder) {
  Random random(5);
  std::vector<float> numbers = normal_numbers(random, 3000);
  numbers.push_back(900);
  std::vector<float> backward(numbers.rbegin(), numbers.rend());
  const Histogram a = histogram_of(numbers), b = histogram_of(backward);
  for (double tail : {0.0, 0.001, 0.01, 0.1}) {
    EXPECT_EQ(a.percentile(tail).min, b.percentile(tail).min) << tail;
    EXPECT_EQ(a.percentile(tail).max, b.percentile(tail).max) << tail;
  }
}

TEST(Histogram, PercentileIsThatOfSortedNumbersToABin) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    std::vector<float> numbers = normal_numbers(random, 5000);
    const Histogram h = histogram_of(numbers);
    std::sort(numbers.begin(), numbers.end());
    const float bin = 2 * 8.0f / Histogram::kBins;  // |x| < 8
    for (double tail : {0.0, 0.001, 0.01}) {
      const auto out = size_t(tail * double(numbers.size()));
      const ValueRange range = h.percentile(tail);
      EXPECT_NEAR(range.min, numbers[out], bin) << "seed " << seed << " tail " << tail;
      EXPECT_NEAR(range.max, numbers[numbers.size() - 1 - out], bin)
          << "seed " << seed << " tail " << tail;
    }
  }
}

// Against trying every range with real quantisation, on numbers with heavy and with light tails.
TEST(Histogram, LeastErrorIsThatOfTryingRanges) {
  for (uint32_t seed = 1; seed <= 6; ++seed) {
    Random random(seed);
    std::vector<float> numbers = normal_numbers(random, 4000);
    if (seed % 2)
      for (float& x : numbers) x = x * x * x;
    const Histogram h = histogram_of(numbers);
    double least = error_of(numbers, h.range(RangeRule::min_max));
    for (int low = 5; low <= 100; low += 5)
      for (int high = 5; high <= 100; high += 5)
        least = std::min(
            least, error_of(numbers, {h.min() * float(low) / 100, h.max() * float(high) / 100}));
    EXPECT_LT(error_of(numbers, h.range(RangeRule::mse)), 1.1 * least) << "seed " << seed;
  }
}

// One number in a million is worth less than half the step of all others.
TEST(Histogram, LeastErrorClipsALoneOutlier) {
  Random random(1);
  std::vector<float> numbers = reals(random, 1000000, 1);
  numbers.push_back(2);
  const ValueRange range = histogram_of(numbers).range(RangeRule::mse);
  EXPECT_GT(range.max, 0.99f);
  EXPECT_LT(range.max, 1.1f);
  EXPECT_LT(error_of(numbers, range), 0.6 * error_of(numbers, {-1, 2}));
}

// Evenly spread numbers have no tail to give up; a long thin tail is given up.
TEST(Histogram, EntropyClipsTailsOnly) {
  Random random(1);
  const ValueRange even = histogram_of(reals(random, 200000, 1)).range(RangeRule::entropy);
  EXPECT_GT(even.max, 0.97f);
  std::vector<float> numbers = normal_numbers(random, 200000);
  for (float& x : numbers) x = x * x * x;
  const Histogram h = histogram_of(numbers);
  const ValueRange tailed = h.range(RangeRule::entropy);
  EXPECT_LT(tailed.max, 0.8f * h.max());
  EXPECT_GT(tailed.max, 2);  // 13 % of the numbers lie beyond +-3.4
}

}  // namespace
}  // namespace mote
