// SPDX-License-Identifier: Apache-2.0
// sliding_window: the rows that it hands on, when it begins to, what it refuses.
#include <gtest/gtest.h>

#include "ops/run_one_node.h"

namespace mote {
namespace {

using Rows = std::vector<int16_t>;

OneNode windows(const Shape& hop, int64_t axis, int64_t rows, int64_t first) {
  OneNode one = OneNode::make<int16_t>(hop);
  one.add(sliding_window_op, {{"axis", axis}, {"rows", rows}, {"first", first}});
  return one;
}

TEST(SlidingWindow, HandsOnTheLastRowsAfterZeros) {
  const OneNode one = windows({1, 1, 2}, 1, 3, 1);
  EXPECT_EQ(one.output().shape, (Shape{1, 3, 2}));
  Evaluator evaluator(one.graph);
  const Rows a{1, 2}, b{3, 4}, c{5, 6}, d{7, 8};
  ASSERT_TRUE(evaluator.push(0, a.data()));
  EXPECT_EQ(one.numbers<int16_t>(evaluator), (Rows{0, 0, 0, 0, 1, 2}));
  for (const Rows& row : {b, c, d}) ASSERT_TRUE(evaluator.push(0, row.data()));
  EXPECT_EQ(one.numbers<int16_t>(evaluator), (Rows{3, 4, 5, 6, 7, 8}));
}

TEST(SlidingWindow, TakesSeveralRowsAndIsAGateUntilTheFirst) {
  const OneNode one = windows({2}, 0, 5, 3);
  EXPECT_EQ(one.output().clock, (Clock{0, {1, 1}, {3, 1}}));
  Evaluator evaluator(one.graph);
  const Rows a{1, 2}, b{3, 4}, c{5, 6}, d{7, 8};
  EXPECT_FALSE(evaluator.push(0, a.data()));
  EXPECT_FALSE(evaluator.push(0, b.data()));
  EXPECT_TRUE(evaluator.push(0, c.data()));
  EXPECT_EQ(one.numbers<int16_t>(evaluator), (Rows{2, 3, 4, 5, 6}));
  EXPECT_TRUE(evaluator.push(0, d.data()));
  EXPECT_EQ(one.numbers<int16_t>(evaluator), (Rows{4, 5, 6, 7, 8}));
  evaluator.reset();
  EXPECT_FALSE(evaluator.push(0, a.data()));
}

TEST(SlidingWindow, Refusals) {
  EXPECT_EQ(code_of_failure([] { windows({1, 2}, 2, 4, 1); }), "wrong-shape");
  EXPECT_EQ(code_of_failure([] { windows({3, 2}, 1, 4, 1); }), "wrong-shape");
  EXPECT_EQ(code_of_failure([] { windows({1, 2}, -1, 4, 1); }), "wrong-shape");
  EXPECT_EQ(code_of_failure([] { windows({1, 2}, 1, 1, 1); }), "wrong-window");
  EXPECT_EQ(code_of_failure([] { windows({1, 2}, 1, 2, 0); }), "wrong-window");
}

}  // namespace
}  // namespace mote
