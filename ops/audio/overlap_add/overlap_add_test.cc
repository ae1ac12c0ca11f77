// SPDX-License-Identifier: Apache-2.0
// overlap_add: against sums of all frames that cover a sample; saturation; resuming.
#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

TEST(OverlapAdd, SumsTheFramesThatCoverASample) {
  Numbers numbers;
  OneNode one = OneNode::make<int16_t>({2, 7});
  one.add(overlap_add_op, {{"frame_step", int64_t(3)}});
  const auto x = numbers.many<int16_t>(14 * 6, -5000, 5000);
  std::vector<int> expected(3 * 12 + 7);
  for (size_t frame = 0; frame < 12; ++frame)
    for (size_t i = 0; i < 7; ++i) expected[3 * frame + i] += x[7 * frame + i];
  const auto y = outputs_of<int16_t>(one, x);
  ASSERT_EQ(y.size(), 36u);
  for (size_t i = 0; i < y.size(); ++i) EXPECT_EQ(y[i], expected[i]);
  expect_resumes(one, x);
}

TEST(OverlapAdd, Saturates) {
  OneNode one = OneNode::make<int16_t>({2, 2});
  one.add(overlap_add_op, {{"frame_step", int64_t(1)}});
  const std::vector<int16_t> x{30000, 30000, 30000, -30000};
  EXPECT_EQ(outputs_of<int16_t>(one, x), (std::vector<int16_t>{30000, 32767}));
}

TEST(OverlapAdd, RefusesGapsBetweenFrames) {
  OneNode one = OneNode::make<float>({2, 4});
  EXPECT_EQ(code_of_failure([&] {
              one.add(overlap_add_op, {{"frame_step", int64_t(5)}});
            }),
            "wrong-attribute");
}

}  // namespace
}  // namespace mote
