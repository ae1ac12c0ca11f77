// SPDX-License-Identifier: Apache-2.0
// The part behind the features gives the same bytes as the whole graph.
#include "graph/subgraph.h"

#include <gtest/gtest.h>

#include "graph/evaluator.h"
#include "graph/test_graphs.h"
#include "graph/verify.h"

namespace mote {
namespace {

using namespace testing_graphs;

// sensor -> window -> features -> two heads; `both` reads one head and the window, so it lies
// outside the part.
struct TwoHeads {
  Graph graph;
  ValueId window, features, hidden, head_a, head_b, decision;
};
TwoHeads two_heads() {
  Random random(1);
  TwoHeads t;
  Graph& g = t.graph;
  g.name = "heads", g.classes = {"a", "b"};
  const ValueId sensor = g.add_stream("acc", {{"x", "g", 1}}, 10);
  t.window =
      g.add_node(framer_op, "window", {sensor}, {{"length", int64_t{6}}, {"stride", int64_t{4}}});
  t.features = add_standardize(g, random, t.window, "f32");
  t.hidden = add_dense(g, random, t.features, 5, "relu");
  t.head_a = g.add_node(softmax_op, "a", {add_dense(g, random, t.hidden, 2, "none")});
  t.head_b = add_dense(g, random, t.hidden, 1, "none");
  const ValueId smooth = g.add_node(smooth_op, "smooth", {t.head_a}, {{"length", int64_t{3}}});
  t.decision = g.add_node(decide_op, "decision", {smooth});
  g.outputs = {t.decision, t.head_b};
  return t;
}

std::vector<std::string> names(const Graph& graph, const std::vector<ValueId>& ids) {
  std::vector<std::string> all;
  for (ValueId id : ids) all.push_back(graph.value(id).name);
  return all;
}

TEST(NetworkPart, GivesTheBytesOfTheWhole) {
  const TwoHeads t = two_heads();
  const Subgraph part = network_part(t.graph, t.features);
  Diagnostics diagnostics;
  verify(part.graph, diagnostics);
  EXPECT_NO_THROW(diagnostics.stop_if_any());
  EXPECT_EQ(names(part.graph, part.graph.outputs), names(t.graph, t.graph.outputs));
  EXPECT_EQ(part.graph.classes, t.graph.classes);
  Evaluator whole(t.graph), network(part.graph);
  Random random(2);
  int decisions = 0;
  for (int i = 0; i < 200; ++i) {
    const auto x = int16_t(pick(random, -20, 20));
    if (!whole.push(0, &x)) continue;
    ASSERT_TRUE(network.push(0, whole.bytes(t.features).data()));
    ASSERT_EQ(network.outputs(), whole.outputs()) << i;
    for (size_t id = 0; id < t.graph.values.size(); ++id) {
      if (part.ids[id] < 0 || t.graph.values[id].kind == ValueKind::constant) continue;
      const auto a = whole.bytes(ValueId(id)), b = network.bytes(part.ids[id]);
      ASSERT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end())) << t.graph.values[id].name;
    }
    ++decisions;
  }
  EXPECT_EQ(decisions, 49);
}

TEST(NetworkPart, HasOneStreamAndNothingInFrontOfIt) {
  const TwoHeads t = two_heads();
  const Subgraph part = network_part(t.graph, t.features);
  ASSERT_EQ(part.graph.streams.size(), 1u);
  EXPECT_EQ(part.graph.streams[0].name, t.graph.value(t.features).name);
  EXPECT_EQ(part.ids[size_t(t.window)], -1);
  EXPECT_EQ(part.graph.nodes.size(), t.graph.nodes.size() - 2);
  EXPECT_EQ(part.graph.value(part.ids[size_t(t.decision)]).clock, (Clock{0, {1, 1}, {1, 1}}));
}

TEST(NetworkPart, TakesOnlyWhatTheChosenOutputsNeed) {
  const TwoHeads t = two_heads();
  const Subgraph part = network_part(t.graph, t.features, {t.head_a});
  EXPECT_EQ(names(part.graph, part.graph.outputs), std::vector<std::string>{"a"});
  EXPECT_EQ(part.graph.nodes.size(), 3u);
  EXPECT_EQ(part.ids[size_t(t.head_b)], -1);
}

// What layers outside read is an output too.
TEST(NetworkPart, EndsWhereSomethingElseComesIn) {
  static OpDef join;
  join.name = "join";
  join.infer = [](const NodeView& node) {
    return Inference{{{ElementType::f32, {1}, {}, node.input(0).clock}}, {}};
  };
  TwoHeads t = two_heads();
  t.graph.outputs = {t.graph.add_node(join, "join", {t.hidden, t.window})};
  const Subgraph part = network_part(t.graph, t.features);
  EXPECT_EQ(names(part.graph, part.graph.outputs),
            std::vector<std::string>{t.graph.value(t.hidden).name});
}

TEST(NetworkPart, RefusesWhatCannotBeComputedFromTheFeatures) {
  const TwoHeads t = two_heads();
  const auto refusal = [&](ValueId features, std::vector<ValueId> outputs) -> std::string {
    try {
      network_part(t.graph, features, outputs);
    } catch (const UserError& error) {
      return error.what();
    }
    return "taken";
  };
  EXPECT_EQ(refusal(t.decision, {}),
            "graph \"heads\": no layer follows \"decision\" alone [no-network]");
  EXPECT_EQ(refusal(t.head_b, {t.head_a}), "graph \"heads\": \"a\" cannot be computed from \"" +
                                               t.graph.value(t.head_b).name +
                                               "\" alone [no-network]");
}

}  // namespace
}  // namespace mote
