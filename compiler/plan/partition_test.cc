// SPDX-License-Identifier: Apache-2.0
// Arenas in two memories against all choices that there are, on small random problems; what plans
// in two memories answer is in row_loop_test.cc, and tests/ports/two_memories_test.cc.
#include "compiler/plan/partition.h"

#include <gtest/gtest.h>

#include "ops/run_one_node.h"

namespace mote {
namespace {

// Values of a chain, some read later, too, and scratch.
ArenaProblem random_problem(Numbers& n) {
  ArenaProblem problem;
  const int32_t values = n.integer(3, 5);
  for (int32_t v = 0; v < values; ++v) {
    const int32_t last = std::min(values, v + n.integer(1, 3));
    problem.requests.push_back({"v", 4 * n.integer(1, 30), v, last, 4, n.integer(1, 1000)});
    if (v > 0 && problem.requests[size_t(v) - 1].last == v && n.integer(0, 1))
      problem.overlaps.push_back({size_t(v), size_t(v) - 1, 4 * n.integer(0, 3), false});
  }
  if (n.integer(0, 1)) {
    const int32_t layer = n.integer(0, values);
    problem.requests.push_back({"w", 8 * n.integer(1, 20), layer, layer, 8, n.integer(1, 3000)});
  }
  if (n.integer(0, 1)) problem.lowest = n.integer(0, values - 1);
  return problem;
}

// Whether the blocks of one memory lie apart where they are alive together, but for overlaps.
bool lie_apart(const ArenaProblem& p, const std::vector<int64_t>& at) {
  for (size_t a = 0; a < at.size(); ++a)
    for (size_t b = 0; b < a; ++b) {
      const ArenaRequest &x = p.requests[a], &y = p.requests[b];
      if (x.first > y.last || y.first > x.last) continue;
      if (at[a] >= at[b] + y.bytes || at[b] >= at[a] + x.bytes) continue;
      const bool is_allowed =
          std::any_of(p.overlaps.begin(), p.overlaps.end(), [&](const ArenaOverlap& o) {
            const bool is_pair = (o.output == a && o.input == b) || (o.output == b && o.input == a);
            return is_pair && at[o.input] - at[o.output] >= o.distance;
          });
      if (!is_allowed) return false;
    }
  return true;
}

ArenaProblem chosen(const ArenaProblem& p, uint32_t mask) {
  ArenaProblem part;
  std::vector<size_t> at(p.requests.size());
  for (size_t i = 0; i < p.requests.size(); ++i) {
    if (!(mask >> i & 1)) continue;
    at[i] = part.requests.size();
    part.requests.push_back(p.requests[i]);
    if (int32_t(i) == p.lowest) part.lowest = int32_t(at[i]);
  }
  for (const ArenaOverlap& o : p.overlaps)
    if ((mask >> o.output & 1) && (mask >> o.input & 1))
      part.overlaps.push_back({at[o.output], at[o.input], o.distance, o.is_exact});
  return part;
}

int64_t sum_of(const ArenaProblem& p) {
  int64_t sum = 0;
  for (const ArenaRequest& r : p.requests) sum += r.accesses;
  return sum;
}

// The most accesses of blocks that the first memory can hold.
int64_t most_of_all(const ArenaProblem& p, int64_t bytes) {
  int64_t most = 0;
  for (uint32_t mask = 0; mask < 1u << p.requests.size(); ++mask) {
    if (p.lowest >= 0 && !(mask >> p.lowest & 1)) continue;
    const ArenaProblem part = chosen(p, mask);
    if (sum_of(part) > most && lay_out(part).bytes <= bytes) most = sum_of(part);
  }
  return most;
}

TEST(Partition, HoldsNearlyTheMostAccessesThatThereCouldBe) {
  Numbers n(uint32_t(7));
  double share = 0;
  int problems = 0, best = 0;
  for (int i = 0; i < 60; ++i) {
    const ArenaProblem problem = random_problem(n);
    const int64_t bytes = 8 * n.integer(4, 40);
    const auto two = lay_out_in_two(problem, bytes);
    if (!two) {
      ASSERT_GE(problem.lowest, 0);
      EXPECT_GT(problem.requests[size_t(problem.lowest)].bytes, bytes);
      continue;
    }
    EXPECT_LE(two->near_bytes, bytes);
    EXPECT_TRUE(lie_apart(problem, two->offsets));
    int64_t near = 0;
    for (size_t r = 0; r < two->offsets.size(); ++r) {
      const int64_t begin = two->offsets[r], end = begin + problem.requests[r].bytes;
      EXPECT_EQ(begin % problem.requests[r].alignment, 0);
      EXPECT_TRUE(end <= two->near_bytes || begin >= two->near_bytes);
      EXPECT_LE(end, two->near_bytes + two->far_bytes);
      if (begin < two->near_bytes) near += problem.requests[r].accesses;
    }
    if (problem.lowest >= 0) {
      EXPECT_EQ(two->offsets[size_t(problem.lowest)], 0);
    }
    const int64_t most = most_of_all(problem, bytes);
    if (most == 0) continue;
    ++problems;
    best += near == most;
    share += double(near) / double(most);
  }
  std::cout << problems << " problems, " << best << " with the best choice, on average "
            << 100 * share / problems << " % of the accesses that the best has\n";
  EXPECT_GT(problems, 30);
  EXPECT_GT(share / problems, 0.95);
}

TEST(Partition, PutsWhatIsAccessedMostAByteIntoTheFirst) {
  ArenaProblem problem;
  problem.requests = {{"image", 96, 0, 1, 4, 96}, {"window", 32, 0, 1, 8, 4000}};
  const auto two = lay_out_in_two(problem, 96);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->offsets, (std::vector<int64_t>{32, 0}));
  EXPECT_EQ(two->near_bytes, 32);
  EXPECT_EQ(two->far_bytes, 96);
}

}  // namespace
}  // namespace mote
