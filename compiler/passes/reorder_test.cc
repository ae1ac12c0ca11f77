// SPDX-License-Identifier: Apache-2.0
// reorder: a smaller arena, the same layers, the same bytes; nothing where there is nothing to
// gain.
#include <gtest/gtest.h>

#include <set>

#include "compiler/passes/passes.h"
#include "compiler/pipeline.h"
#include "graph/text.h"
#include "graph/verify.h"
#include "ops/run_one_node.h"

namespace mote {
namespace {

ValueId convolution(Graph& graph, Numbers& n, ValueId x, int32_t outputs, int32_t stride) {
  const int32_t inputs = graph.value(x).shape[3], size = stride + 1;
  std::vector<int8_t> numbers(size_t(outputs * size * size * inputs));
  for (int8_t& w : numbers) w = int8_t(n.integer(-127, 127));
  const std::string name = "conv_" + std::to_string(graph.nodes.size());
  const ValueId w = graph.add_constant(name + "/w", ElementType::s8, {outputs, size, size, inputs},
                                       numbers, per_tensor(0.01f, 0));
  return graph.add_node(conv_2d_op, name, {x, w, -1},
                        {{"padding", std::string("same")},
                         {"stride_h", int64_t(stride)},
                         {"stride_w", int64_t(stride)},
                         {"output_scale", 0.1}});
}

Graph image() {
  Graph graph;
  graph.name = "ways";
  graph.add_tensor_stream("x", ElementType::s8, {1, 8, 8, 4}, per_tensor(0.1f, 0));
  return graph;
}

Bytes answer(const Graph& graph, Numbers n) {
  std::vector<int8_t> x(256);
  for (int8_t& element : x) element = int8_t(n.integer(-128, 127));
  Evaluator evaluator(graph);
  evaluator.push(0, x.data());
  return evaluator.outputs();
}

std::multiset<std::string> names_of(const Graph& graph) {
  std::multiset<std::string> names;
  for (const Node& node : graph.nodes) names.insert(node.name);
  return names;
}

// The same layers in a good order; the arena that is saved.
int64_t saved_bytes(const Graph& before, const Numbers& n) {
  const Graph after = reorder(before);
  Diagnostics findings;
  verify(after, findings);
  EXPECT_TRUE(findings.errors().empty());
  EXPECT_EQ(names_of(after), names_of(before));
  EXPECT_EQ(after.states(), before.states());
  EXPECT_EQ(answer(after, n), answer(before, n));
  const Plan plan = make_plan(after);
  verify(plan);
  return make_plan(before).arena_bytes - plan.arena_bytes;
}

// Three ways through 32 channels to 4 at a quarter of the places, wide layers first.
Graph three_ways(Numbers& n) {
  Graph graph = image();
  std::vector<ValueId> wide, ways;
  for (int i = 0; i < 3; ++i) wide.push_back(convolution(graph, n, 0, 32, 1));
  for (ValueId way : wide) ways.push_back(convolution(graph, n, way, 4, 2));
  graph.outputs = {graph.add_node(concatenate_op, "join", ways, {{"axis", int64_t(3)}})};
  return graph;
}

// In the order as given three of 2,048 bytes wait for one another; way by way one is there at a
// time, and beside it the input.
TEST(Reorder, WaysSideBySideRunOneAfterTheOther) {
  Numbers n;
  EXPECT_GT(saved_bytes(three_ways(n), n), 2 * 1900 - 256);
}

TEST(Reorder, TheDoorBehindThePassesShowsTheOrder) {
  Numbers n;
  std::string shown;
  CompileOptions options;
  options.at_door = [&](const std::string& door, const std::string& text) {
    if (door == "passes") shown = text;
  };
  Diagnostics diagnostics;
  const Compiled compiled = compile(three_ways(n), options, diagnostics);
  EXPECT_EQ(shown, print(compiled.plan.graph));
}

TEST(Reorder, RandomGraphsKeepTheirBytes) {
  Numbers n;
  int smaller = 0;
  for (int i = 0; i < 20; ++i) {
    SCOPED_TRACE("graph " + std::to_string(i));
    Graph graph = image();
    std::vector<ValueId> large, small;  // not read yet
    for (int k = n.integer(2, 4); k > 0; --k)
      large.push_back(convolution(graph, n, 0, n.integer(1, 32), 1));
    for (ValueId way : large) {
      if (n.integer(0, 1)) way = convolution(graph, n, way, n.integer(1, 32), 1);
      small.push_back(convolution(graph, n, way, n.integer(1, 8), 2));
    }
    graph.outputs = {graph.add_node(concatenate_op, "join", small, {{"axis", int64_t(3)}})};
    const int64_t saved = saved_bytes(graph, n);
    ASSERT_GE(saved, 0);
    smaller += saved > 0;
  }
  EXPECT_GT(smaller, 10);
}

TEST(Reorder, AChainStaysAsItIs) {
  Numbers n;
  Graph graph = image();
  ValueId x = 0;
  for (int i = 0; i < 4; ++i) x = convolution(graph, n, x, 8, 1);
  graph.outputs = {x};
  const Plan plan = make_plan(graph);
  EXPECT_EQ(plan.arena_bound.any_order, plan.arena_bound.this_order);
  const Graph after = reorder(graph);
  for (size_t i = 0; i < graph.nodes.size(); ++i)
    EXPECT_EQ(after.nodes[i].name, graph.nodes[i].name);
}

}  // namespace
}  // namespace mote
