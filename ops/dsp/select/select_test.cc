// SPDX-License-Identifier: Apache-2.0
// select and to_float: columns and units, through the evaluator.
#include <gtest/gtest.h>

#include "ops/dsp/stream_test_bench.h"

namespace mote {
namespace {

TEST(Select, KeepsColumnsInTheOrderAsked) {
  Graph graph = stream_graph(4);
  const ValueId window = graph.add_node(framer_op, "window", {0}, {{"length", 2}, {"stride", 2}});
  graph.outputs = {
      graph.add_node(select_op, "axes", {window}, {{"indices", std::vector<int64_t>{3, 0, 3}}})};
  const auto out = as_numbers<int16_t>(run_graph(graph, {1, 2, 3, 4, 5, 6, 7, -8}));
  EXPECT_EQ(out, (std::vector<int16_t>{4, 1, 4, -8, 5, -8}));
  EXPECT_EQ(graph.value(graph.outputs[0]).shape, (Shape{2, 3}));
}

TEST(Select, RefusesColumnsThatAreNotThere) {
  Graph graph = stream_graph(2);
  EXPECT_THROW(graph.add_node(select_op, "axes", {0}, {{"indices", std::vector<int64_t>{2}}}),
               UserError);
  EXPECT_THROW(graph.add_node(select_op, "axes", {0}, {{"indices", std::vector<int64_t>{}}}),
               UserError);
}

TEST(ToFloat, MultipliesByTheScaleOfTheAxis) {
  Graph graph = stream_graph(2);
  graph.outputs = {
      graph.add_node(to_float_op, "physical", {0}, {{"scales", std::vector<double>{0.25, -2}}})};
  EXPECT_EQ(as_numbers<float>(run_graph(graph, {-32768, 32767})),
            (std::vector<float>{-8192.0f, -65534.0f}));
  EXPECT_THROW(graph.add_node(to_float_op, "wrong", {0}, {{"scales", std::vector<double>{1}}}),
               UserError);
}

}  // namespace
}  // namespace mote
