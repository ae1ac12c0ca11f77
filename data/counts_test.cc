// SPDX-License-Identifier: Apache-2.0
// Counts against exact integer arithmetic: every int16 of audio, ties, saturation; ranges against a
// plain search.
#include "data/counts.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace mote {
namespace {

Recording one_axis(std::vector<float> values, const std::string& unit = "g") {
  Recording recording;
  recording.axes = {{"x", unit}};
  recording.rate_hz = 1;
  recording.values = std::move(values);
  return recording;
}

TEST(Counts, AudioKeepsItsOwnInt16) {
  Recording recording = one_axis({}, "FS");
  for (int n = -32768; n < 32768; ++n) recording.values.push_back(float(n) / 32768);
  const auto scales = choose_scales({recording});
  ASSERT_EQ(scales, (std::vector<float>{1.f / 32768}));
  const Counts counts = to_counts(recording, scales);
  for (int n = -32768; n < 32768; ++n) ASSERT_EQ(counts.values[size_t(n + 32768)], n);
  EXPECT_EQ(counts.saturated[0], 0);
}

TEST(Counts, QuietAudioKeepsFullScale) {
  EXPECT_EQ(choose_scales({one_axis({0.01f}, "FS")})[0], 1.f / 32768);
}

TEST(Counts, TiesGoToEvenAndSaturationIsCounted) {
  const Recording recording =
      one_axis({0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 32767.5f, 40000, -32768.5f, -32769, 32767});
  const Counts counts = to_counts(recording, {1});
  EXPECT_EQ(counts.values,
            (std::vector<int16_t>{0, 2, 2, 0, -2, 32767, 32767, -32768, -32768, 32767}));
  EXPECT_EQ(counts.saturated[0], 3);
}

TEST(Counts, RangeIsTheSmallest125) {
  const std::pair<double, double> known[] = {{0.97, 1},  {1, 1},        {1.01, 2},  {2, 2},
                                             {2.1, 5},   {5, 5},        {5.5, 10},  {1e-9, 1e-9},
                                             {19.6, 20}, {20.0001, 50}, {0.2, 0.2}, {3e5, 5e5}};
  for (const auto& [x, range] : known) EXPECT_EQ(range_125(x), range) << x;
}

TEST(Counts, DeclaredFullScaleWins) {
  EXPECT_EQ(choose_scales({one_axis({0.1f})}, {4})[0], 4.f / 32768);
  EXPECT_EQ(choose_scales({one_axis({0.1f}, "FS")}, {2})[0], 2.f / 32768);
  EXPECT_EQ(choose_scales({one_axis({0, 0})})[0], 1.f / 32768);
}

// Property: a scale chosen from the data saturates nothing, wastes less than a factor 2.5, and each
// value comes back within half a count.
TEST(Counts, ScaleFromDataHoldsEveryValue) {
  const unsigned seed = 77;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    const float size = std::ldexp(1.f, int(random() % 60) - 30);
    std::vector<float> values;
    for (int i = 0; i < 50; ++i) values.push_back(size * (float(random() % 20001) - 10000) / 10000);
    const Recording recording = one_axis(values);
    const auto scales = choose_scales({recording});
    const Counts counts = to_counts(recording, scales);
    EXPECT_EQ(counts.saturated[0], 0);
    int largest = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      largest = std::max(largest, std::abs(int(counts.values[i])));
      EXPECT_LE(std::abs(double(counts.values[i]) * scales[0] - values[i]), 0.5000001 * scales[0]);
    }
    EXPECT_GE(largest, 32768 * 2 / 5 - 1);
  }
  const Recording exact =
      one_axis({1, -1});  // +1 needs 32768 counts of a range of 1: the next range is taken
  EXPECT_EQ(choose_scales({exact})[0], 2.f / 32768);
  EXPECT_EQ(choose_scales({one_axis({-1})})[0], 1.f / 32768);
}

}  // namespace
}  // namespace mote
