// SPDX-License-Identifier: Apache-2.0
// stacker: the frames around every step-th one, the first repeated to its left; resuming.
#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

TEST(Stacker, StacksNeighbours) {
  OneNode one = OneNode::make<int16_t>({1});
  one.add(stacker_op, {{"left", int64_t(2)}, {"right", int64_t(1)}, {"step", int64_t(3)}});
  const std::vector<int16_t> x{1, 2, 3, 4, 5, 6, 7, 8};
  const auto y = outputs_of<int16_t>(one, x);
  const auto due = outputs_of<uint8_t>(one, x, 1);
  EXPECT_EQ(due, (std::vector<uint8_t>{0, 1, 0, 0, 1, 0, 0, 1}));
  const std::vector<int16_t> second(y.begin() + 4, y.begin() + 8),
      fifth(y.begin() + 16, y.begin() + 20);
  EXPECT_EQ(second, (std::vector<int16_t>{1, 1, 1, 2}));
  EXPECT_EQ(fifth, (std::vector<int16_t>{2, 3, 4, 5}));
  EXPECT_EQ(y.at(0), 0);
  expect_resumes(one, x);
}

TEST(Stacker, RefusesStepsBeyondTheStack) {
  OneNode one = OneNode::make<int16_t>({3});
  EXPECT_EQ(
      code_of_failure([&] {
        one.add(stacker_op, {{"left", int64_t(1)}, {"right", int64_t(0)}, {"step", int64_t(3)}});
      }),
      "wrong-attribute");
}

}  // namespace
}  // namespace mote
