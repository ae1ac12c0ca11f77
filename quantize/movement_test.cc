// SPDX-License-Identifier: Apache-2.0
// Operators that only move numbers, through post-training quantisation: they keep their input's
// scale, borders of 0 become the zero point, and tensors that meet are brought to one scale.
#include <gtest/gtest.h>

#include "quantize/post_training.h"
#include "quantize/test_networks.h"

namespace mote {
namespace {

using namespace testing_graphs;
using List = std::vector<int64_t>;

// The integer form, and how far its outputs are from the float ones.
QuantizeReport expect_int8(const Graph& graph, const std::vector<float>& rows, size_t row) {
  QuantizeReport report;
  Diagnostics diagnostics;
  const Graph q =
      quantize(graph, calibrate(graph, rows_source(rows, row)), {}, report, diagnostics);
  for (const Node& node : q.nodes)
    EXPECT_EQ(q.value(node.outputs[0]).type, ElementType::s8) << node.name;
  measure_error(graph, q, rows_source(rows, row), report);
  return report;
}

TEST(QuantizeMovement, ShapesAndBordersKeepTheScale) {
  Random random(2);
  Graph graph;
  const ValueId x = graph.add_tensor_stream("in", ElementType::f32, {2, 3}, {});
  const ValueId turned = graph.add_node(transpose_op, "turned", {x}, {{"perm", List{1, 0}}});
  const ValueId padded =
      graph.add_node(pad_op, "padded", {turned}, {{"before", List{1, 0}}, {"after", List{0, 2}}});
  const ValueId part =
      graph.add_node(slice_op, "part", {padded},
                     {{"begin", List{3, 0}}, {"size", List{4, 4}}, {"step", List{-1, 1}}});
  const ValueId rows =
      graph.add_constant("rows", ElementType::s32, {2}, std::vector<int32_t>{3, 1});
  const ValueId chosen = graph.add_node(gather_op, "chosen", {part, rows});
  const ValueId wide = graph.add_node(tile_op, "wide", {chosen}, {{"repeats", List{1, 2}}});
  const ValueId sized = graph.add_node(resize_linear_op, "sized", {wide}, {{"size", List{3, 8}}});
  const ValueId flat = graph.add_node(reshape_op, "flat", {sized}, {{"shape", List{1, 24}}});
  graph.outputs = {add_dense(graph, random, flat, 3, "none")};
  const QuantizeReport report = expect_int8(graph, reals(random, 6 * 100, 1), 6);
  for (const char* name : {"turned", "padded", "part", "chosen", "wide"}) {
    EXPECT_EQ(report.find(name)->scale, report.find("in")->scale) << name;
    EXPECT_LE(report.find(name)->largest_error, 0.51 * double(report.find("in")->scale)) << name;
  }
}

TEST(QuantizeMovement, TensorsThatMeetGetOneScale) {
  Random random(2);
  Graph graph;
  const ValueId x = graph.add_tensor_stream("in", ElementType::f32, {1, 6}, {});
  const ValueId small = add_dense(graph, random, x, 2, "relu");
  const ValueId start = graph.add_constant("at", ElementType::s32, {2}, std::vector<int32_t>{0, 3});
  const ValueId updated = graph.add_node(dynamic_update_slice_op, "updated", {x, small, start});
  const ValueId places =
      graph.add_constant("places", ElementType::s32, {1, 2}, std::vector<int32_t>{0, 5});
  const ValueId number =
      graph.add_constant("number", ElementType::f32, {1}, std::vector<float>{-1.5f});
  const ValueId scattered = graph.add_node(scatter_nd_op, "scattered", {updated, places, number});
  graph.outputs = {scattered};
  const QuantizeReport report = expect_int8(graph, reals(random, 6 * 100, 1), 6);
  EXPECT_LT(report.find("scattered")->largest_error, 3 * double(report.find("scattered")->scale));
}

TEST(QuantizeMovement, AConstantTableIsQuantised) {
  Random random(2);
  Graph graph;
  const ValueId table = graph.add_constant("table", ElementType::f32, {4, 3}, reals(random, 12, 1));
  const ValueId words = graph.add_tensor_stream("words", ElementType::s32, {2}, {});
  graph.outputs = {graph.add_node(gather_op, "rows", {table, words})};
  const SampleSource source = [](SampleSink& sink) {
    sink.reset();
    for (int32_t i = 0; i < 4; ++i) {
      const int32_t pair[2] = {i, 3 - i};
      sink.push(0, pair);
    }
  };
  QuantizeReport report;
  Diagnostics diagnostics;
  const Graph q = quantize(graph, calibrate(graph, source), {}, report, diagnostics);
  EXPECT_EQ(q.value(q.outputs[0]).type, ElementType::s8);
  measure_error(graph, q, source, report);
  EXPECT_LE(report.find("rows")->largest_error, 0.51 * double(report.find("rows")->scale));
}

}  // namespace
}  // namespace mote
