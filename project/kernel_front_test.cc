// SPDX-License-Identifier: Apache-2.0
// flash_front against all choices that there are: the same points, shared code paid for once.
#include "project/kernel_front.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ops/run_one_node.h"

namespace mote {
namespace {

using Point = std::pair<int64_t, double>;  // bytes, cycles

Point cost_of(const FrontProblem& problem, const std::vector<size_t>& choice) {
  Point sum{0, 0};
  std::set<size_t> shared;
  for (size_t l = 0; l < choice.size(); ++l) {
    const KernelCost& kernel = problem.layers[l][choice[l]];
    sum.first += kernel.flash_bytes;
    sum.second += kernel.cycles;
    shared.insert(kernel.shared.begin(), kernel.shared.end());
  }
  for (size_t s : shared) sum.first += problem.shared_bytes[s];
  return sum;
}

bool next(const FrontProblem& problem, std::vector<size_t>& choice) {
  for (size_t l = 0; l < choice.size(); ++l) {
    if (++choice[l] < problem.layers[l].size()) return true;
    choice[l] = 0;
  }
  return false;
}

// No other choice takes no more of both.
std::set<Point> front_of_all(const FrontProblem& problem) {
  std::set<Point> all;
  std::vector<size_t> choice(problem.layers.size(), 0);
  do all.insert(cost_of(problem, choice));
  while (next(problem, choice));
  std::set<Point> front;
  for (const Point& p : all)
    if (std::none_of(all.begin(), all.end(), [&](const Point& q) {
          return q != p && q.first <= p.first && q.second <= p.second;
        }))
      front.insert(p);
  return front;
}

FrontProblem random_problem(Numbers& numbers, int32_t layers, int32_t most_bytes) {
  FrontProblem problem;
  for (int32_t s = numbers.integer(0, 3); s > 0; --s)
    problem.shared_bytes.push_back(numbers.integer(1, most_bytes));
  for (int32_t l = 0; l < layers; ++l) {
    problem.layers.emplace_back(size_t(numbers.integer(1, 4)));
    for (KernelCost& kernel : problem.layers.back()) {
      kernel.cycles = kernel.instructions = numbers.integer(0, 2 * most_bytes);
      kernel.flash_bytes = numbers.integer(0, most_bytes);
      for (size_t s = 0; s < problem.shared_bytes.size(); ++s)
        if (numbers.integer(0, 2) == 0) kernel.shared.push_back(s);
    }
  }
  return problem;
}

TEST(KernelFront, IsThatOfAllChoices) {
  Numbers numbers(20);
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE("problem " + std::to_string(i));
    const FrontProblem problem =
        random_problem(numbers, numbers.integer(1, 5), i % 2 == 0 ? 6 : 1000);
    const Front front = flash_front(problem);
    EXPECT_TRUE(front.is_exact);
    std::set<Point> found;
    for (const FrontPoint& point : front.points) {
      EXPECT_EQ(cost_of(problem, point.choice), Point(point.flash_bytes, point.cycles));
      found.insert({point.flash_bytes, point.cycles});
    }
    ASSERT_EQ(found, front_of_all(problem));
    EXPECT_TRUE(std::is_sorted(front.points.begin(), front.points.end(),
                               [](const FrontPoint& a, const FrontPoint& b) {
                                 return a.cycles < b.cycles && a.flash_bytes > b.flash_bytes;
                               }));
  }
}

TEST(KernelFront, InstructionsDecideWhereCyclesAreEqual) {
  const FrontProblem problem{{{{10, 9, 5, {}}, {10, 7, 5, {}}, {10, 8, 4, {}}}}, {}};
  const Front front = flash_front(problem);
  ASSERT_EQ(front.points.size(), 2u);
  EXPECT_EQ(front.points[0].choice, std::vector<size_t>{1});
  EXPECT_EQ(front.points[1].choice, std::vector<size_t>{2});
}

// All choices lie on the front, as each layer gives as much of one as it takes of the other: some
// are thinned out, which is said, and both ends are still there.
TEST(KernelFront, ThinsWhatIsTooMuchAndKeepsTheEnds) {
  constexpr int64_t kLayers = 14;
  FrontProblem problem;
  for (int64_t l = 0; l < kLayers; ++l) {
    const int64_t most = int64_t{1} << l;
    problem.layers.push_back({{double(most), double(most), 0, {}}, {0, 0, most, {}}});
  }
  const Front front = flash_front(problem);
  EXPECT_FALSE(front.is_exact);
  EXPECT_LT(front.points.size(), size_t(1) << kLayers);
  const int64_t most = (int64_t{1} << kLayers) - 1;
  EXPECT_EQ(front.points.front().cycles, 0);
  EXPECT_EQ(front.points.front().flash_bytes, most);
  EXPECT_EQ(front.points.back().cycles, double(most));
  EXPECT_EQ(front.points.back().flash_bytes, 0);
  for (const FrontPoint& point : front.points)
    EXPECT_EQ(cost_of(problem, point.choice), Point(point.flash_bytes, point.cycles));
}

}  // namespace
}  // namespace mote
