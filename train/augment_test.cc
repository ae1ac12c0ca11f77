// SPDX-License-Identifier: Apache-2.0
// Augmentation: each change alone against its definition, and all together against the seed.
#include "train/augment.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "train/random.h"

namespace mote {
namespace {

std::vector<int16_t> ramp_and_wave(int32_t n) {
  std::vector<int16_t> rows;
  for (int32_t i = 0; i < n; ++i) {
    rows.push_back(int16_t(10 * i));
    rows.push_back(int16_t(std::lround(3000 * std::sin(0.2 * i))));
    rows.push_back(4096);
  }
  return rows;
}

double variance(const std::vector<double>& values) {
  double mean = 0, squares = 0;
  for (double v : values) mean += v / double(values.size());
  for (double v : values) squares += (v - mean) * (v - mean) / double(values.size());
  return squares;
}

TEST(Augment, NothingAskedNothingChanged) {
  const auto rows = ramp_and_wave(100);
  const AugmentedRows out = augment(rows, 3, {}, 5);
  EXPECT_EQ(out.rows, rows);
  EXPECT_EQ(out.source_begin, 0);
  EXPECT_EQ(out.source_step, 1);
}

TEST(Augment, SameSeedSameRowsOtherSeedOtherRows) {
  const auto rows = ramp_and_wave(100);
  const AugmentOptions all{.jitter = 0.1,
                           .gain = 0.2,
                           .tempo = 0.1,
                           .shift_samples = 9,
                           .rotation_deg = 20,
                           .rotation_groups = {{0, 1, 2}}};
  EXPECT_EQ(augment(rows, 3, all, 5).rows, augment(rows, 3, all, 5).rows);
  EXPECT_NE(augment(rows, 3, all, 5).rows, augment(rows, 3, all, 6).rows);
  EXPECT_EQ(augment(rows, 3, all, 5).rows.size(), rows.size());
}

TEST(Augment, CropTakesOneEndAndFillsWithZeros) {
  const auto rows = ramp_and_wave(100);
  int front = 0, end = 0;
  for (uint64_t seed = 0; seed < 40; ++seed) {
    const AugmentedRows out = augment(rows, 3, {.crop = 0.4}, seed);
    ASSERT_EQ(out.rows.size(), rows.size());
    const auto begin = size_t(out.source_begin);
    size_t kept = 100;
    while (kept > 0 && out.rows[3 * kept - 1] == 0) --kept;
    EXPECT_LE(begin, 40u);
    EXPECT_GE(kept, 59u);
    front += begin > 0, end += begin == 0 && kept < 99;
    for (size_t i = 0; i < 3 * kept; ++i) ASSERT_EQ(out.rows[i], rows[3 * begin + i]) << seed;
  }
  EXPECT_GT(front, 5);
  EXPECT_GT(end, 5);
}

// The ratio of powers lies between what was asked and 40 dB, differs from copy to copy, and so does
// the colour: the correlation of neighbouring samples.
TEST(Augment, AnIsolatedSoundGetsLongerAndShorterAndNoNoiseFollowsIt) {
  const std::vector<int16_t> rows(1000, 100);
  const AugmentOptions options{.tempo = 0.2, .crop = 0.25, .noise_snr_db = 0, .isolated = true};
  size_t shortest = rows.size(), longest = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    const AugmentedRows out = augment(rows, 1, options, seed);
    shortest = std::min(shortest, out.rows.size());
    longest = std::max(longest, out.rows.size());
    const double last = out.source_begin + double(out.rows.size() - 1) * out.source_step;
    EXPECT_LE(last, 999) << "seed " << seed;  // nothing beyond the end of the recording
  }
  EXPECT_LT(shortest, 750u);
  EXPECT_GT(longest, 1150u);
}

TEST(Augment, NoiseHasTheRatioAskedAndManyColours) {
  const auto rows = ramp_and_wave(4000);
  double least_snr = 1000, least = 1, most = -1;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const AugmentedRows out = augment(rows, 3, {.noise_snr_db = 6}, seed);
    std::vector<double> before, added, product;
    for (size_t i = 1; i < rows.size(); i += 3) {
      before.push_back(rows[i]), added.push_back(out.rows[i] - rows[i]);
      if (added.size() > 1) product.push_back(added[added.size() - 2] * added.back());
    }
    const double snr = 10 * std::log10(variance(before) / variance(added));
    EXPECT_GT(snr, 5.5) << "seed " << seed;
    EXPECT_LT(snr, 41) << "seed " << seed;
    least_snr = std::min(least_snr, snr);
    const double correlation = std::accumulate(product.begin(), product.end(), 0.0) /
                               double(product.size()) / variance(added);
    least = std::min(least, correlation), most = std::max(most, correlation);
  }
  EXPECT_LT(least_snr, 10);
  EXPECT_LT(least, -0.3);  // hissing: a zero at 1 gives -0.5
  EXPECT_GT(most, 0.6);
}

TEST(Augment, JitterHasTheShareOfEachAxisThatWasAsked) {
  const auto rows = ramp_and_wave(4000);
  const AugmentedRows out = augment(rows, 3, {.jitter = 0.5}, 7);
  for (size_t axis : {size_t{1}, size_t{2}}) {
    std::vector<double> before, added;
    for (size_t i = axis; i < rows.size(); i += 3)
      before.push_back(rows[i]), added.push_back(out.rows[i] - rows[i]);
    const double expected = 0.25 * variance(before);
    EXPECT_NEAR(variance(added), expected, 0.1 * expected + 1e-9) << "axis " << axis;
  }
}

TEST(Augment, ShiftAndTempoSayWhereRowsComeFrom) {
  const auto rows = ramp_and_wave(200);  // axis 0 is 10 counts a sample, so it tells the time
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const AugmentedRows out = augment(rows, 3, {.tempo = 0.2, .shift_samples = 30}, seed);
    EXPECT_LE(std::abs(out.source_begin), 30);
    EXPECT_LE(std::abs(out.source_step - 1), 0.2);
    for (int32_t i = 0; i < 200; ++i) {
      const double time = std::clamp(out.source_begin + i * out.source_step, 0.0, 199.0);
      ASSERT_NEAR(out.rows[size_t(i) * 3], 10 * time, 0.51) << "seed " << seed << " row " << i;
    }
  }
}

TEST(Augment, RotationKeepsLengthsAndAngles) {
  Random random(3);
  std::vector<int16_t> rows;
  for (int32_t i = 0; i < 300; ++i) rows.push_back(int16_t(random.uniform(-9000, 9000)));
  double largest_turn = 0;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    const AugmentedRows out =
        augment(rows, 3, {.rotation_deg = 30, .rotation_groups = {{0, 1, 2}}}, seed);
    for (size_t i = 0; i < rows.size(); i += 3) {
      double before = 0, after = 0, along = 0;
      for (size_t a = i; a < i + 3; ++a) {
        before += double(rows[a]) * rows[a];
        after += double(out.rows[a]) * out.rows[a];
        along += double(rows[a]) * out.rows[a];
      }
      ASSERT_NEAR(std::sqrt(before), std::sqrt(after), 1.0) << "seed " << seed;
      const double turn = std::acos(std::min(1.0, along / std::sqrt(before * after))) * 180 / M_PI;
      ASSERT_LE(turn, 30.1) << "seed " << seed;
      largest_turn = std::max(largest_turn, turn);
    }
  }
  EXPECT_GT(largest_turn, 20);
}

TEST(Augment, SaturatesInsteadOfWrapping) {
  const std::vector<int16_t> rows{32767, -32768, 32767, -32768};
  bool saturated = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const AugmentedRows out = augment(rows, 2, {.gain = 0.5}, seed);
    EXPECT_GT(out.rows[0], 16000);
    EXPECT_LT(out.rows[1], -16000);
    saturated = saturated || (out.rows[0] == 32767 && out.rows[1] == -32768);
  }
  EXPECT_TRUE(saturated);
}

TEST(Augment, EmptyRecordingStaysEmpty) {
  EXPECT_TRUE(augment({}, 3, {.jitter = 0.1, .tempo = 0.1, .shift_samples = 5}, 1).rows.empty());
}

}  // namespace
}  // namespace mote
