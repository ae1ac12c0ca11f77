// SPDX-License-Identifier: Apache-2.0
// spectral_subtraction: a steady signal is taken for noise, a new one is not; the state resumes.
#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

Attributes usual(int64_t clamping) {
  return {{"smoothing", int64_t(410)},
          {"one_minus_smoothing", int64_t(16384 - 410)},
          {"alternate_smoothing", int64_t(983)},
          {"alternate_one_minus_smoothing", int64_t(16384 - 983)},
          {"min_signal_remaining", int64_t(819)},
          {"smoothing_bits", int64_t(10)},
          {"bits", int64_t(14)},
          {"clamping", clamping}};
}

TEST(SpectralSubtraction, LearnsASteadySignal) {
  OneNode one = OneNode::make<uint32_t>({2});
  one.add(spectral_subtraction_op, usual(0));
  std::vector<uint32_t> x(2 * 600, 100000);
  x.insert(x.end(), {900000, 900000});
  const auto y = outputs_of<uint32_t>(one, x);
  EXPECT_NEAR(y[0], 100000 * (1 - 410 / 16384.0), 2);
  EXPECT_NEAR(y[1], 100000 * (1 - 983 / 16384.0), 2);  // odd channels learn faster
  EXPECT_EQ(y[2 * 599], 100000u * 819 / 16384);        // never below its share
  EXPECT_GT(y[2 * 600], 700000u);
  const auto noise = outputs_of<uint32_t>(one, x, 1);
  EXPECT_NEAR(noise[2 * 599] / 1024.0, 100000, 100);
}

TEST(SpectralSubtraction, ClampingFollowsAFallingSignal) {
  std::vector<uint32_t> x(2 * 100, 100000);
  x.insert(x.end(), {10, 10});
  for (int64_t clamping : {0, 1}) {
    OneNode one = OneNode::make<uint32_t>({2});
    one.add(spectral_subtraction_op, usual(clamping));
    const uint32_t noise = outputs_of<uint32_t>(one, x, 1).at(200);
    EXPECT_EQ(noise == 10u << 10, clamping == 1) << noise;
    EXPECT_GE(noise, 10u << 10);
    expect_resumes(one, x);
  }
}

}  // namespace
}  // namespace mote
