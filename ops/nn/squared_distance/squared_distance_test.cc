// SPDX-License-Identifier: Apache-2.0
// squared_distance against its formula in double precision; refusals.
#include <gtest/gtest.h>

#include "ops/run_one_node.h"

namespace mote {
namespace {

TEST(SquaredDistance, IsItsFormula) {
  Numbers random;
  const auto x = random.reals(2 * 5, -3, 3), centers = random.reals(4 * 5, -3, 3);
  OneNode one = OneNode::make<float>({2, 5});
  one.add(squared_distance_op, {}, {one.constant("centers", {4, 5}, centers)});
  const auto y = one.run<float>(x);
  for (size_t r = 0; r < 2; ++r)
    for (size_t c = 0; c < 4; ++c) {
      double sum = 0;
      for (size_t i = 0; i < 5; ++i) {
        const double d = double(x[r * 5 + i]) - double(centers[c * 5 + i]);
        sum += d * d;
      }
      EXPECT_NEAR(y[r * 4 + c], sum, 1e-5 * sum);
    }
}

TEST(SquaredDistance, RefusesOtherFeatures) {
  OneNode one = OneNode::make<float>({2, 5});
  const ValueId centers = one.constant("centers", {5, 4}, std::vector<float>(20));
  EXPECT_EQ(code_of_failure([&] { one.add(squared_distance_op, {}, {centers}); }), "wrong-shape");
}

}  // namespace
}  // namespace mote
