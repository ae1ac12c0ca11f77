// SPDX-License-Identifier: Apache-2.0
// circular_buffer: the last rows at the right time, zero points before the first; resuming.
#include "ops/audio/audio_test_bench.h"

namespace mote {
namespace {

TEST(CircularBuffer, HandsOnTheLastRowsEveryFewCycles) {
  OneNode one = OneNode::make<int8_t>({1, 1, 2}, per_tensor(0.5f, -7));
  one.add(circular_buffer_op, {{"slots", int64_t(3)}, {"cycles", int64_t(2)}});
  Evaluator evaluator(one.graph);
  const std::vector<int8_t> x{1, 2, 3, 4, 5, 6, 7, 8};
  std::vector<bool> came;
  std::vector<int8_t> second;
  for (size_t i = 0; i < 4; ++i) {
    came.push_back(evaluator.push(0, x.data() + 2 * i));
    if (i == 1) second = one.numbers<int8_t>(evaluator);
  }
  EXPECT_EQ(came, (std::vector<bool>{false, true, false, true}));
  EXPECT_EQ(second, (std::vector<int8_t>{-7, -7, 1, 2, 3, 4}));
  EXPECT_EQ(one.numbers<int8_t>(evaluator), (std::vector<int8_t>{3, 4, 5, 6, 7, 8}));
}

TEST(CircularBuffer, RefusesSeveralRows) {
  OneNode one = OneNode::make<int8_t>({1, 2, 2}, per_tensor(0.5f, 0));
  EXPECT_EQ(code_of_failure([&] {
              one.add(circular_buffer_op, {{"slots", int64_t(3)}});
            }),
            "wrong-shape");
}

}  // namespace
}  // namespace mote
