// SPDX-License-Identifier: Apache-2.0
// auto_scale: every magnitude comes to the upper half of the range, and -32768 stays as it is.
#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

TEST(AutoScale, BringsEveryMagnitudeToTheUpperHalf) {
  OneNode one = OneNode::make<int16_t>({2});
  one.add(auto_scale_op);
  std::vector<int16_t> x;
  for (int v = -32767; v <= 32767; ++v) x.insert(x.end(), {int16_t(v), int16_t(v / 3)});
  const auto y = outputs_of<int16_t>(one, x);
  const auto bits = outputs_of<int32_t>(one, x, 1);
  for (size_t i = 0; i < bits.size(); ++i) {
    ASSERT_EQ(y[2 * i], x[2 * i] * (1 << bits[i]));
    ASSERT_EQ(y[2 * i + 1], x[2 * i + 1] * (1 << bits[i]));
    const int least = x[2 * i] == 0 ? 0 : 1 << 14;
    ASSERT_GE(std::abs(int(y[2 * i])), least) << x[2 * i];
  }
}

TEST(AutoScale, LeavesTheMostNegativeNumber) {
  OneNode one = OneNode::make<int16_t>({1});
  one.add(auto_scale_op);
  EXPECT_EQ(outputs_of<int16_t>(one, std::vector<int16_t>{-32768, 0}),
            (std::vector<int16_t>{-32768, 0}));
}

}  // namespace
}  // namespace mote
