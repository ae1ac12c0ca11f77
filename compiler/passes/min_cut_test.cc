// SPDX-License-Identifier: Apache-2.0
// The minimum cut against every division of small graphs.
#include "compiler/passes/min_cut.h"

#include <gtest/gtest.h>

#include "ops/run_one_node.h"

namespace mote {
namespace {

struct Edge {
  size_t from, to;
  int64_t capacity;
};

int64_t cost(const std::vector<Edge>& edges, uint32_t sink_side) {
  int64_t sum = 0;
  for (const Edge& e : edges)
    if (!(sink_side >> e.from & 1) && (sink_side >> e.to & 1)) sum += e.capacity;
  return sum;
}

TEST(MinCut, NoDivisionIsCheaper) {
  Numbers numbers(3);
  for (int32_t round = 0; round < 500; ++round) {
    MinCut cut;
    const auto inner = size_t(numbers.integer(0, 6));
    for (size_t i = 0; i < inner; ++i) cut.add_vertex();
    std::vector<Edge> edges;
    for (int32_t e = numbers.integer(1, 20); e > 0; --e) {
      const Edge edge{size_t(numbers.integer(0, int32_t(inner) + 1)),
                      size_t(numbers.integer(0, int32_t(inner) + 1)), numbers.integer(0, 9)};
      edges.push_back(edge);
      cut.add_edge(edge.from, edge.to, edge.capacity);
    }
    int64_t work = 100'000;
    ASSERT_TRUE(cut.solve(work));
    uint32_t found = 0;
    for (size_t v = 0; v < inner + 2; ++v) found |= uint32_t(cut.on_sink_side(v)) << v;
    ASSERT_EQ(found & 3, 2u);
    for (uint32_t side = 0; side < 1u << inner; ++side) {
      const uint32_t other = side << 2 | 2;
      ASSERT_LE(cost(edges, found), cost(edges, other));
      if (cost(edges, found) == cost(edges, other)) {
        ASSERT_LE(__builtin_popcount(found), __builtin_popcount(other));
      }
    }
  }
}

TEST(MinCut, WorkIsBounded) {
  MinCut cut;
  size_t last = MinCut::kSource;
  for (int32_t i = 0; i < 1000; ++i) {
    const size_t next = cut.add_vertex();
    cut.add_edge(last, next, 5);
    last = next;
  }
  cut.add_edge(last, MinCut::kSink, 5);
  int64_t work = 100;
  EXPECT_FALSE(cut.solve(work));
}

}  // namespace
}  // namespace mote
