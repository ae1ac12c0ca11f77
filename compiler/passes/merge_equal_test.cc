// SPDX-License-Identifier: Apache-2.0
// merge_equal: fewer nodes and less state, the same bytes; what differs stays apart.
#include <gtest/gtest.h>

#include "compiler/passes/passes.h"
#include "compiler/plan/plan.h"
#include "graph/verify.h"
#include "ops/dsp/stream_test_bench.h"

namespace mote {
namespace {

constexpr uint64_t kSeed = 55;

// conditioning -> framer -> statistics of three axes, as a block makes it.
ValueId add_block(Graph& graph, const std::string& name, const OpDef& op, double cutoff_hz,
                  int64_t stride = 50) {
  const ValueId filtered = graph.add_node(
      iir_op, name + "/filter", {0},
      {{"filter_type", std::string("low")}, {"filter_cutoff", cutoff_hz}, {"rate_hz", 100.0}});
  const ValueId window = graph.add_node(framer_op, name + "/window", {filtered},
                                        {{"length", int64_t(100)}, {"stride", stride}});
  return graph.add_node(op, name, {window});
}

// What compile() does.
Graph merged(const Graph& graph) {
  const Graph after = remove_unused(merge_equal(graph));
  Diagnostics findings;
  verify(after, findings);
  EXPECT_TRUE(findings.errors().empty()) << findings.errors().at(0).message;
  return after;
}

std::vector<std::string> names_of(const Graph& graph) {
  std::vector<std::string> names;
  for (const Node& node : graph.nodes) names.push_back(node.name);
  return names;
}

void expect_same_bytes(const Graph& before, const Graph& after) {
  RandomWindows windows(kSeed);
  for (int i = 0; i < 20; ++i) {
    const auto samples = windows.next(400, int32_t(before.streams[0].axes.size()));
    ASSERT_EQ(run_graph(after, samples), run_graph(before, samples)) << "seed " << kSeed;
  }
}

// Two blocks on the same filtered axes: the filter's history and a window of 100 * 3 int16 with its
// fill are held once.
TEST(MergeEqual, BlocksOnTheSameWindowShareItsState) {
  Graph graph = stream_graph(3);
  graph.outputs = {add_block(graph, "spectral", spectral_op, 20),
                   add_block(graph, "flatten", flatten_op, 20)};
  const Graph after = merged(graph);
  using Names = std::vector<std::string>;
  EXPECT_EQ(names_of(after), (Names{"spectral/filter", "spectral/window", "spectral", "flatten"}));
  const int64_t before_bytes = make_plan(remove_unused(graph)).state_bytes;
  const int64_t after_bytes = make_plan(after).state_bytes;
  EXPECT_EQ(before_bytes, 2 * after_bytes);
  EXPECT_GE(after_bytes, 100 * 3 * 2 + 4);
  std::cout << "state: " << before_bytes << " bytes before, " << after_bytes << " after\n";
  expect_same_bytes(graph, after);
  expect_cut_and_resume(after, RandomWindows(kSeed).next(250, 3), 23);
}

TEST(MergeEqual, WhatFollowsEqualNodesIsMergedToo) {
  Graph graph = stream_graph(3);
  const ValueId one = add_block(graph, "one", flatten_op, 20);
  const ValueId two = add_block(graph, "two", flatten_op, 20);
  graph.outputs = {graph.add_node(concatenate_op, "both", {one, two}, {{"axis", int64_t(0)}})};
  const Graph after = merged(graph);
  ASSERT_EQ(after.nodes.size(), 4u);
  const Node& both = after.nodes.back();
  EXPECT_EQ(both.inputs[0], both.inputs[1]);
  expect_same_bytes(graph, after);
}

TEST(MergeEqual, DifferentAttributesStayApart) {
  Graph graph = stream_graph(1);
  graph.outputs = {add_block(graph, "a", flatten_op, 20), add_block(graph, "b", spectral_op, 10),
                   add_block(graph, "c", flatten_op, 20, 100)};
  const Graph after = merged(graph);
  // Only the filters of a and c are the same.
  EXPECT_EQ(after.nodes.size(), graph.nodes.size() - 1);
  EXPECT_EQ(names_of(after)[6], "c/window");
  expect_same_bytes(graph, after);
}

TEST(MergeEqual, DifferentInputsStayApart) {
  Graph graph = stream_graph(2);
  for (int64_t axis : {0, 1}) {
    const std::string name = "a" + std::to_string(axis);
    const ValueId one =
        graph.add_node(select_op, name, {0}, {{"indices", std::vector<int64_t>{axis}}});
    graph.outputs.push_back(graph.add_node(framer_op, name + "/window", {one},
                                           {{"length", int64_t(4)}, {"stride", int64_t(4)}}));
  }
  EXPECT_EQ(merged(graph).nodes.size(), 4u);
}

TEST(MergeEqual, OutputsStay) {
  Graph graph = stream_graph(1);
  graph.outputs = {add_block(graph, "one", flatten_op, 20),
                   add_block(graph, "two", flatten_op, 20)};
  const Graph after = merged(graph);
  ASSERT_EQ(after.outputs.size(), 2u);
  EXPECT_NE(after.outputs[0], after.outputs[1]);
  EXPECT_EQ(after.value(after.outputs[1]).name, "two");
  EXPECT_EQ(after.nodes.size(), 4u);
  expect_same_bytes(graph, after);
}

// Different attributes may stand for different states at the start: both resamplers stay.
TEST(MergeEqual, DifferentInitialStatesStayApart) {
  Graph graph = stream_graph(1);
  for (int64_t aligned : {0, 1})
    graph.outputs.push_back(
        graph.add_node(resample_op, "r" + std::to_string(aligned), {0},
                       {{"num", int64_t(3)}, {"den", int64_t(2)}, {"aligned", aligned}}));
  graph.add_node(rectify_op, "x0", {graph.outputs[0]});
  graph.add_node(rectify_op, "x1", {graph.outputs[1]});
  for (size_t n : {2, 3}) graph.outputs[n - 2] = graph.nodes[n].outputs[0];
  EXPECT_EQ(merged(graph).nodes.size(), 4u);
}

TEST(MergeEqual, ConstantsAreComparedByContent) {
  for (int8_t last : {3, 4}) {
    Graph graph;
    graph.name = "dense";
    const ValueId x = graph.add_tensor_stream("x", ElementType::s8, {3}, per_tensor(0.05f, 0));
    std::vector<ValueId> scores;
    for (int8_t weight : {int8_t(3), last}) {
      const std::string name = "dense" + std::to_string(scores.size());
      const ValueId w = graph.add_constant(name + "/w", ElementType::s8, {1, 3},
                                           std::vector<int8_t>{1, 2, weight}, per_tensor(0.01f, 0));
      const ValueId b =
          graph.add_constant(name + "/b", ElementType::s32, {1}, std::vector<int32_t>{7});
      scores.push_back(graph.add_node(fully_connected_op, name, {x, w, b},
                                      {{"activation", std::string("none")},
                                       {"output_scale", 0.1},
                                       {"output_zero_point", int64_t(0)}}));
    }
    graph.outputs = {graph.add_node(concatenate_op, "both", scores, {{"axis", int64_t(0)}})};
    EXPECT_EQ(merged(graph).nodes.size(), last == 3 ? 2u : 3u);
  }
}

}  // namespace
}  // namespace mote
