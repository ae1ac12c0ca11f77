// SPDX-License-Identifier: Apache-2.0
// score(): a matrix worked out by hand, classes that are absent.
#include "project/scores.h"

#include <gtest/gtest.h>

namespace mote {
namespace {

// By hand: class 0 has TP 2, FN 1, FP 1; class 1 has TP 1, FP 1, FN 1.
TEST(Scores, EqualTheHandComputedFigures) {
  const Scores s = score({0, 0, 0, 1, 1}, {0, 0, 1, 1, 0}, 2);
  EXPECT_EQ(s.count, 5);
  EXPECT_DOUBLE_EQ(s.accuracy, 0.6);
  EXPECT_DOUBLE_EQ(s.f1[0], 4.0 / 6.0);
  EXPECT_DOUBLE_EQ(s.f1[1], 0.5);
  EXPECT_DOUBLE_EQ(s.macro_f1, (4.0 / 6.0 + 0.5) / 2);
}

TEST(Scores, AClassThatNeverOccursIsNotInTheMean) {
  const Scores s = score({0, 1}, {0, 1}, 3);
  EXPECT_DOUBLE_EQ(s.macro_f1, 1.0);
  EXPECT_NE(s.f1[2], s.f1[2]);
}

TEST(Scores, AClassDecidedButNeverPresentCountsAsZero) {
  EXPECT_DOUBLE_EQ(score({0, 0}, {0, 1}, 2).macro_f1, (2.0 / 3.0 + 0.0) / 2);
}

}  // namespace
}  // namespace mote
