// SPDX-License-Identifier: Apache-2.0
// Equalised layers compute the same; their channels' ranges meet.
#include "quantize/equalization.h"

#include <gtest/gtest.h>

#include <cmath>

#include "graph/evaluator.h"
#include "ops/registry.h"
#include "quantize/output_error.h"
#include "quantize/test_networks.h"

namespace mote {
namespace {

using namespace testing_graphs;

// Two convolutions with relu between; channel c of the first is 4^c times as large.
Graph unequal_channels(const char* activation, const OpDef& second) {
  Random random(3);
  Graph graph;
  ValueId at = graph.add_tensor_stream("x", ElementType::f32, {1, 5, 6, 2}, {});
  std::vector<float> w = reals(random, 4 * 9 * 2, 1), b = reals(random, 4, 1);
  for (size_t i = 0; i < w.size(); ++i) w[i] *= std::pow(4.0f, float(i / 18));
  for (size_t i = 0; i < b.size(); ++i) b[i] *= std::pow(4.0f, float(i));
  at = graph.add_node(conv_2d_op, "first",
                      {at, graph.add_constant("w1", ElementType::f32, {4, 3, 3, 2}, w),
                       graph.add_constant("b1", ElementType::f32, {4}, b)},
                      {{"activation", std::string(activation)}});
  const Shape shape = &second == &conv_2d_op ? Shape{3, 1, 1, 4} : Shape{1, 3, 3, 4};
  const ValueId w2 =
      graph.add_constant("w2", ElementType::f32, shape, reals(random, element_count(shape), 1));
  graph.outputs = {graph.add_node(second, "second", {at, w2})};
  return graph;
}

SampleSource samples_of(size_t width) {
  Random random(9);
  const auto rows = std::make_shared<std::vector<float>>(reals(random, int64_t(width) * 20, 2));
  return [rows, width](SampleSink& sink) { rows_source(*rows, width)(sink); };
}

TEST(Equalization, KeepsWhatIsComputedAndEvensTheRanges) {
  for (const OpDef* second : {&conv_2d_op, &depthwise_conv_2d_op}) {
    const Graph graph = unequal_channels("relu", *second);
    const Equalization equalized = equalize_layers(graph);
    EXPECT_EQ(equalized.pairs, 1);
    EXPECT_LT(OutputError(graph, samples_of(60)).of(equalized.graph), 1e-12);
    const Value& w1 = equalized.graph.value(equalized.graph.nodes[0].inputs[1]);
    const Value& w2 = equalized.graph.value(equalized.graph.nodes[1].inputs[1]);
    for (int64_t c = 0; c < 4; ++c) {
      float first = 0, behind = 0;
      for (int64_t i = 0; i < 18; ++i)
        first = std::max(first, std::fabs(w1.as<float>()[c * 18 + i]));
      for (int64_t i = c; i < w2.elements(); i += 4)
        behind = std::max(behind, std::fabs(w2.as<float>()[i]));
      EXPECT_NEAR(first / behind, 1, 0.01) << "channel " << c;
    }
  }
}

TEST(Equalization, LeavesAloneWhatItWouldChange) {
  EXPECT_EQ(equalize_layers(unequal_channels("relu6", conv_2d_op)).pairs, 0);
  EXPECT_EQ(equalize_layers(unequal_channels("none", conv_2d_op)).pairs, 1);
  Graph read_twice = unequal_channels("relu", conv_2d_op);
  read_twice.outputs.push_back(read_twice.nodes[0].outputs[0]);
  EXPECT_EQ(equalize_layers(read_twice).pairs, 0);
}

// A channel of zeros has no range to even out.
TEST(Equalization, TakesDeadChannels) {
  Graph graph = unequal_channels("relu", conv_2d_op);
  Value& w1 = graph.value(graph.nodes[0].inputs[1]);
  auto zeros = std::make_shared<Bytes>(*w1.data);
  std::fill(zeros->begin(), zeros->begin() + 18 * 4, uint8_t{0});
  w1.data = zeros;
  EXPECT_LT(OutputError(graph, samples_of(60)).of(equalize_layers(graph).graph), 1e-12);
}

}  // namespace
}  // namespace mote
