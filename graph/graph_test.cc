// SPDX-License-Identifier: Apache-2.0
// Building a Graph: names, defaults, refusals, rationals.
#include "graph/graph.h"

#include <gtest/gtest.h>

#include <limits>

#include "graph/test_graphs.h"

namespace mote {
namespace {

using namespace testing_graphs;

std::string refusal(Graph& graph, std::vector<ValueId> inputs, Attributes attributes) {
  try {
    graph.add_node(framer_op, "w", std::move(inputs), std::move(attributes));
  } catch (const UserError& error) {
    return error.what();
  }
  return "taken";
}

// Bug: the state's specification was moved before its name was read, and all states were called
// "window/".
TEST(Graph, NamesEachStateAfterItsLayer) {
  const Graph graph = small_graph();
  EXPECT_EQ(graph.value(graph.nodes[0].states[0]).name, "window/window");
  EXPECT_EQ(graph.value(graph.nodes[0].states[1]).name, "window/fill");
}

TEST(Graph, ListsStatesInSavingOrder) {
  const Graph graph = small_graph();
  std::vector<std::string> names;
  for (ValueId id : graph.states()) names.push_back(graph.value(id).name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"acc/last", "acc/pending", "window/window", "window/fill"}));
}

TEST(Graph, FillsInDefaultsAndRefusesWhatItDoesNotKnow) {
  Graph graph = small_graph();
  EXPECT_EQ(std::get<double>(graph.nodes[1].attributes.at("output_scale")), 1.0);
  EXPECT_EQ(refusal(graph, {0}, {{"length", int64_t{2}}}),
            "layer 3 framer \"w\": attribute 'stride' is not given [missing-attribute]");
  EXPECT_EQ(
      refusal(graph, {0}, {{"length", int64_t{2}}, {"stride", int64_t{1}}, {"strid", int64_t{1}}}),
      "layer 3 framer \"w\": attribute 'strid' is unknown; did you mean 'stride'? "
      "[unknown-attribute]");
  EXPECT_EQ(refusal(graph, {}, {{"length", int64_t{2}}, {"stride", int64_t{1}}}),
            "layer 3 framer \"w\": input 0 is not given [missing-input]");
}

// Bug: what an operator inferred was not looked at; sums and products of dimensions may be
// anything.
TEST(Graph, RefusesWhatNoMemoryHolds) {
  Graph graph = small_graph();
  EXPECT_EQ(refusal(graph, {0}, {{"length", int64_t{2000000000}}, {"stride", int64_t{1}}}),
            "layer 3 framer \"w\": it would make s16[2000000000, 3], which is empty or larger than "
            "2 GB [too-large]");
}

TEST(Graph, RationalsStayInLowestTerms) {
  EXPECT_EQ(make_rational(6, 4), (Rational{3, 2}));
  EXPECT_EQ(make_rational(0, 4), (Rational{0, 1}));
  EXPECT_EQ((Rational{1, 2} + Rational{1, 3}), (Rational{5, 6}));
  EXPECT_EQ((Rational{2, 3} * Rational{3, 2}), (Rational{1, 1}));
}

TEST(Graph, RationalsThatDoNotFitAreAUsersFault) {
  const Rational most{std::numeric_limits<int64_t>::max(), 1};
  EXPECT_THROW(most * most, UserError);
  EXPECT_THROW(most + most, UserError);
}

}  // namespace
}  // namespace mote
