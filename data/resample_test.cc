// SPDX-License-Identifier: Apache-2.0
// Resampling against sines whose samples at the new rate are known.
#include "data/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "data/cut.h"

namespace mote {
namespace {

Recording sine(double hz, double rate_hz, int64_t n, int64_t axes = 1) {
  Recording out;
  out.rate_hz = rate_hz;
  for (int64_t a = 0; a < axes; ++a) out.axes.push_back({"x" + std::to_string(a), "FS"});
  for (int64_t i = 0; i < n; ++i)
    for (int64_t a = 0; a < axes; ++a)
      out.values.push_back(
          float((a + 1) * std::sin(2 * std::numbers::pi * hz * double(i) / rate_hz)));
  return out;
}

// Largest difference away from the ends, where the filter sees only samples of the recording.
double difference(const Recording& got, const Recording& wanted) {
  double largest = 0;
  for (int64_t i = 30; i < std::min(got.size(), wanted.size()) - 30; ++i)
    largest = std::max(largest,
                       std::abs(double(got.values[size_t(i)]) - double(wanted.values[size_t(i)])));
  return largest;
}

TEST(Resample, KeepsWhatTheNewRateHolds) {
  for (double rate_hz : {8000.0, 11025.0, 15999.0})
    for (double hz : {0.0, 100.0, 0.25 * rate_hz, 0.44 * rate_hz})
      EXPECT_LT(difference(resampled(sine(hz, 16000, 4000), rate_hz),
                           sine(hz, rate_hz, int64_t(rate_hz / 4))),
                3e-4)
          << hz << " Hz at " << rate_hz;
}

TEST(Resample, RemovesWhatTheNewRateCannotHold) {
  for (double hz : {4500.0, 6000.0, 7900.0}) {
    const Recording out = resampled(sine(hz, 16000, 4000), 8000);
    for (int64_t i = 30; i < out.size() - 30; ++i)
      ASSERT_LT(std::abs(out.values[size_t(i)]), 3e-4) << hz << " Hz, sample " << i;
  }
}

TEST(Resample, LengthGapsAndLabelsStayInTime) {
  Recording recording = sine(10, 100, 1000, 2);
  recording.label = "x";
  recording.gaps = {{400, 30}, {700, 1}};
  const Recording out = resampled(recording, 25);
  EXPECT_EQ(out.rate_hz, 25);
  EXPECT_EQ(out.size(), 250);
  ASSERT_EQ(out.gaps.size(), 1u);  // a single sample at 100 Hz is less than half of one at 25 Hz
  EXPECT_EQ(out.gaps[0].before, 100);
  EXPECT_EQ(out.gaps[0].missing, 8);
  EXPECT_NEAR(duration_s(out), duration_s(recording), 0.04);
  EXPECT_NEAR(out.values[2 * 60 + 1], 2 * out.values[2 * 60], 1e-6);
  EXPECT_EQ(out.label, "x");
}

TEST(Resample, AtItsOwnRateARecordingStays) {
  const Recording recording = sine(10, 100, 50);
  EXPECT_EQ(resampled(recording, 100).values, recording.values);
}

}  // namespace
}  // namespace mote
