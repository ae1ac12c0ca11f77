// SPDX-License-Identifier: Apache-2.0
// The expected loss against counts of many samples, and by hand on few.
#include "project/decision_loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace mote {
namespace {

using Scores = DecisionLoss::Scores;

TEST(DecisionLoss, WithoutNoiseNothingIsLost) {
  const Scores scores{{1, 2}, {3, 3}, {5, 1}};
  EXPECT_EQ(DecisionLoss(scores, {true, true, true}).of(scores), 0);
}

// Margins 1, 2, 9, 10; the two least have the errors -3 and 0. Half of the noise lies below -1 and
// below -2, none below -9.
TEST(DecisionLoss, ByHand) {
  const Scores reference{{1, 0}, {0, 2}, {9, 0}, {10, 0}};
  const Scores noisy{{0, 2}, {0, 2}, {0, 0}, {0, 0}};
  EXPECT_EQ(DecisionLoss(reference, {true, true, true, true}).of(noisy), 100 * (0.5 + 0.5) / 4);
  EXPECT_EQ(DecisionLoss(reference, {true, false, true, true}).of(noisy), 100 * 0.5 / 4);
}

TEST(DecisionLoss, OfManyClassesTheTwoHighestCount) {
  const Scores reference{{0, 5, 4, -1}, {4, 0, 5, -1}};
  const Scores noisy{{0, 3, 4, -1}, {4, 0, 5, -1}};
  EXPECT_EQ(DecisionLoss(reference, {true, true}).of(noisy), 100 * (0.5 + 0.5) / 2);
}

// Independent noise of one size: what is expected from 300 samples is what 300000 lose.
TEST(DecisionLoss, IsWhatManySamplesLose) {
  std::mt19937 random(5);
  std::normal_distribution<double> margin(0, 3), noise(0, 0.4);
  const auto make = [&](size_t n, Scores& reference, Scores& noisy) {
    for (size_t i = 0; i < n; ++i) {
      const double m = margin(random);
      reference.push_back({m, 0});
      noisy.push_back({m + noise(random), 0});
    }
  };
  Scores many, many_noisy;
  make(300000, many, many_noisy);
  double changed = 0;
  for (size_t i = 0; i < many.size(); ++i)
    changed += std::signbit(many[i][0]) != std::signbit(many_noisy[i][0]);
  const double counted = 100 * changed / double(many.size());
  double sum = 0, furthest = 0;
  constexpr int kTrials = 20;
  for (int trial = 0; trial < kTrials; ++trial) {
    Scores few, few_noisy;
    make(300, few, few_noisy);
    const double expected = DecisionLoss(few, std::vector<bool>(300, true)).of(few_noisy);
    sum += expected / kTrials;
    furthest = std::max(furthest, std::fabs(expected - counted));
  }
  EXPECT_NEAR(sum, counted, 0.1 * counted);
  EXPECT_LT(furthest, 0.5 * counted);  // of 300, a count of 4 is off by 2 as often as not
}

}  // namespace
}  // namespace mote
