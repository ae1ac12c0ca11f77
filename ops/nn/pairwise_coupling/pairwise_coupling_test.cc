// SPDX-License-Identifier: Apache-2.0
// pairwise_coupling: pairs that were made from probabilities give these again; the optimum of
// contradicting pairs by the gradient of what is minimised; refusals.
#include <gtest/gtest.h>

#include <cmath>

#include "ops/run_one_node.h"

namespace mote {
namespace {

std::vector<float> coupled(int32_t classes, const std::vector<float>& pairs) {
  const auto rows = int32_t(pairs.size()) / (classes * (classes - 1) / 2);
  OneNode one = OneNode::make<float>({rows, classes * (classes - 1) / 2});
  one.add(pairwise_coupling_op, {{"classes", int64_t(classes)}});
  return one.run<float>(pairs);
}

TEST(PairwiseCoupling, FindsTheProbabilitiesOfConsistentPairs) {
  Numbers random;
  for (int32_t classes : {2, 3, 5, 10}) {
    std::vector<float> p, pairs;
    float sum = 0;
    for (int32_t i = 0; i < classes; ++i) sum += p.emplace_back(float(random.integer(1, 20)));
    for (float& v : p) v /= sum;
    for (size_t i = 0; i < p.size(); ++i)
      for (size_t j = i + 1; j < p.size(); ++j) pairs.push_back(p[i] / (p[i] + p[j]));
    const auto y = coupled(classes, pairs);
    for (size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(y[i], p[i], 0.03) << classes;
  }
}

// At the optimum all components of Q p are equal; the iteration stops at 0.005 / classes.
TEST(PairwiseCoupling, StopsNearTheOptimum) {
  Numbers random;
  constexpr size_t n = 4;
  for (int round = 0; round < 50; ++round) {
    const auto pairs = random.reals(n * (n - 1) / 2, 0.01f, 0.99f);
    const auto y = coupled(n, pairs);
    double r[n][n]{}, sum = 0, mean = 0, qp[n]{};
    size_t at = 0;
    for (size_t i = 0; i < n; ++i)
      for (size_t j = i + 1; j < n; ++j, ++at) r[i][j] = pairs[at], r[j][i] = 1 - r[i][j];
    for (size_t i = 0; i < n; ++i) {
      sum += double(y[i]);
      for (size_t j = 0; j < n; ++j)
        if (j != i) qp[i] += r[j][i] * r[j][i] * double(y[i]) - r[j][i] * r[i][j] * double(y[j]);
      mean += double(y[i]) * qp[i];
    }
    EXPECT_NEAR(sum, 1, 1e-5);
    for (double component : qp) EXPECT_NEAR(component, mean, 0.005 / n + 1e-5);
  }
}

// What certain pairs ask for is not divided by.
TEST(PairwiseCoupling, TakesCertainPairs) {
  for (float v : coupled(3, {1, 1, 0, 0, 0, 1})) EXPECT_TRUE(std::isfinite(v));
}

TEST(PairwiseCoupling, RefusesOtherNumbersOfPairs) {
  EXPECT_EQ(code_of_failure([] {
              OneNode one = OneNode::make<float>({2, 4});
              one.add(pairwise_coupling_op, {{"classes", int64_t{3}}});
            }),
            "wrong-shape");
}

}  // namespace
}  // namespace mote
