// SPDX-License-Identifier: Apache-2.0
// The search for offsets against all offsets that there are, on small random problems; what
// verify() finds in plans that were moved.
#include "compiler/plan/arena.h"

#include <gtest/gtest.h>

#include <functional>

#include "compiler/passes/dead_channels_nets.h"
#include "compiler/plan/plan_run_test.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

bool overlap(const ArenaRequest& a, int64_t at_a, const ArenaRequest& b, int64_t at_b) {
  return a.first <= b.last && b.first <= a.last && at_a < at_b + b.bytes && at_b < at_a + a.bytes;
}

bool allowed(const ArenaProblem& problem, const std::vector<int64_t>& at, size_t a, size_t b) {
  if (!overlap(problem.requests[a], at[a], problem.requests[b], at[b])) return true;
  for (const ArenaOverlap& o : problem.overlaps) {
    if (!(o.output == a && o.input == b) && !(o.output == b && o.input == a)) continue;
    const int64_t distance = at[o.input] - at[o.output];
    return o.is_exact ? distance == o.distance : distance >= o.distance;
  }
  return false;
}

bool is_layout(const ArenaProblem& problem, const std::vector<int64_t>& at, size_t count) {
  for (size_t a = 0; a < count; ++a) {
    if (at[a] % problem.requests[a].alignment != 0) return false;
    if (int32_t(a) == problem.lowest && at[a] != 0) return false;
    for (size_t b = 0; b < a; ++b)
      if (!allowed(problem, at, a, b)) return false;
  }
  return true;
}

int64_t least_of_all(const ArenaProblem& problem) {
  std::vector<int64_t> at(problem.requests.size());
  int64_t sum = 0, least = INT64_MAX;
  for (const ArenaRequest& r : problem.requests) sum += r.bytes;
  const std::function<void(size_t, int64_t)> place = [&](size_t block, int64_t top) {
    if (block == at.size()) {
      least = std::min(least, top);
      return;
    }
    const int64_t bytes = problem.requests[block].bytes;
    for (at[block] = 0; at[block] + bytes <= sum && at[block] + bytes < least; at[block] += 4)
      if (is_layout(problem, at, block + 1)) place(block + 1, std::max(top, at[block] + bytes));
  };
  place(0, 0);
  return least;
}

// A chain of values, each an input of the next layer and some of later ones, and scratch.
ArenaProblem random_chain(Numbers& n) {
  ArenaProblem problem;
  const int32_t values = n.integer(2, 4);
  for (int32_t v = 0; v < values; ++v) {
    ArenaRequest request{"value", 4 * n.integer(1, 4), v, v + 1};
    if (n.integer(0, 3) == 0) ++request.last;
    problem.requests.push_back(request);
    if (v == 0 || problem.requests[size_t(v) - 1].last != v || n.integer(0, 3) == 0) continue;
    problem.overlaps.push_back(
        {size_t(v), size_t(v) - 1, 4 * n.integer(0, 2), n.integer(0, 3) == 0});
  }
  if (n.integer(0, 1)) {
    const int32_t layer = n.integer(0, values);
    problem.requests.push_back({"scratch", 4 * n.integer(1, 3), layer, layer});
  }
  if (n.integer(0, 3) == 0) problem.lowest = values - 1;
  return problem;
}

TEST(Arena, IsAsSmallAsTheBestOfAllLayouts) {
  Numbers n;
  int proven = 0;
  constexpr int kProblems = 2000;
  for (int i = 0; i < kProblems; ++i) {
    SCOPED_TRACE("problem " + std::to_string(i));
    const ArenaProblem problem = random_chain(n);
    const ArenaLayout layout = lay_out(problem);
    ASSERT_TRUE(is_layout(problem, layout.offsets, problem.requests.size()));
    const int64_t least = least_of_all(problem);
    ASSERT_EQ(layout.bytes, least);
    ASSERT_LE(layout.bound, least);
    proven += layout.bound == least;
  }
  EXPECT_GT(proven, kProblems * 9 / 10);
}

// [8, 8, 4] -> the same three times, each a window of 3x3.
Plan three_convolutions() {
  Graph graph;
  graph.name = "three";
  ValueId x = graph.add_tensor_stream("x", ElementType::s8, {1, 8, 8, 4}, per_tensor(0.1f, 0));
  const ValueId w = graph.add_constant("w", ElementType::s8, {4, 3, 3, 4},
                                       std::vector<int8_t>(144, 3), per_tensor(0.1f, 0));
  for (int i = 0; i < 3; ++i)
    x = graph.add_node(conv_2d_op, "conv", {x, w, -1}, {{"padding", std::string("same")}});
  graph.outputs = {graph.add_node(softmax_op, "softmax", {x}, {})};
  return make_plan(graph);
}

// A row and a pixel, but for the channel that is written last, between each two.
TEST(Plan, ConvolutionsOverlapByTheirWindow) {
  const Plan plan = three_convolutions();
  verify(plan);
  EXPECT_EQ(plan.arena_bytes, 256 + 3 * 40);
  EXPECT_EQ(plan.arena_bound.this_order, plan.arena_bytes);
}

// Each lies below what comes before, the first below the input.
TEST(Plan, VerifyFindsABlockThatIsAWordTooNear) {
  const Plan good = three_convolutions();
  for (size_t n = 0; n < good.graph.nodes.size(); ++n) {
    Plan plan = good;
    plan.arena_bytes += 8;
    plan.locations[size_t(plan.graph.nodes[n].outputs[0])].offset += 4;
    EXPECT_THROW(verify(plan), InternalError) << "layer " << n;
  }
}

// What it unfolds lies where the input was, from the place on from which no input is overwritten
// unread; its output lies apart from both.
TEST(Plan, ADenseLayerUnfoldsItsInputsOverThemselves) {
  Numbers numbers;
  dead_channels::Net net(numbers);
  net.graph.outputs = {net.dense(net.input({1, 64}), 8)};
  const Bytes sample = numbers.many<uint8_t>(64, 0, 255);
  Evaluator whole(net.graph);
  whole.push(0, sample.data());
  const std::pair<InstructionSet, int64_t> unfolded[] = {{InstructionSet::dsp, 2 * 64},
                                                         {InstructionSet::scalar, 6 * 64}};
  for (const auto& [core, bytes] : unfolded) {
    const Plan plan = make_plan(net.graph, core);
    verify(plan);
    EXPECT_EQ(plan.arena_bytes, bytes + 8);
    EXPECT_EQ(PlanRun(plan).push(sample), whole.outputs());
    Plan nearer = plan;
    nearer.layers[0].scratch_offset += 8;
    nearer.arena_bytes += 8;
    EXPECT_THROW(verify(nearer), InternalError);
  }
}

}  // namespace
}  // namespace mote
