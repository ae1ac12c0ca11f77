// SPDX-License-Identifier: Apache-2.0
// Float networks with random weights for the tests of this room.
#pragma once
#include "graph/test_graphs.h"
#include "quantize/samples.h"

namespace mote::testing_graphs {

// Roughly normal: the sum of twelve uniform numbers.
inline std::vector<float> normal_numbers(Random& random, size_t n) {
  std::vector<float> all(n);
  for (float& x : all) {
    x = -6;
    for (int i = 0; i < 12; ++i) x += real(random, 0, 1);
  }
  return all;
}

// f32 [inputs] -> two hidden layers -> scores [classes], with softmax.
inline Graph random_mlp(uint32_t seed, int32_t inputs, int32_t classes,
                        const char* activation = "relu") {
  Random random(seed);
  Graph graph;
  graph.name = "mlp";
  for (int32_t c = 0; c < classes; ++c) graph.classes.push_back("class " + std::to_string(c));
  ValueId at = graph.add_tensor_stream("features", ElementType::f32, {inputs}, {});
  for (int32_t width : {pick(random, 16, 40), pick(random, 8, 24)})
    at = add_dense(graph, random, at, width, activation);
  at = add_dense(graph, random, at, classes, "none");
  graph.outputs = {graph.add_node(softmax_op, "softmax", {at})};
  return graph;
}

inline ValueId add_conv(Graph& graph, Random& random, const OpDef& op, ValueId input,
                        Shape kernel) {
  const std::string name = op.name + std::to_string(graph.nodes.size());
  const bool depthwise = op.name == "depthwise_conv_2d";
  const int32_t channels = depthwise ? kernel[3] : kernel[0];
  const int64_t taps = element_count(kernel) / channels;
  const float most = std::sqrt(4.0f / float(taps));
  const std::vector<float> numbers = reals(random, element_count(kernel), most);
  const ValueId weights = graph.add_constant(name + "/weights", ElementType::f32, kernel, numbers);
  const ValueId bias = graph.add_constant(name + "/bias", ElementType::f32, {channels},
                                          reals(random, channels, 0.3f));
  return graph.add_node(op, name, {input, weights, bias},
                        {{"activation", std::string("relu")}, {"padding", std::string("same")}});
}

// f32 [1, 10, 8, 1] -> convolutions, a residual addition, pooling -> scores [classes], with
// softmax.
inline Graph random_cnn(uint32_t seed, int32_t classes) {
  Random random(seed);
  Graph graph;
  graph.name = "cnn";
  ValueId at = graph.add_tensor_stream("features", ElementType::f32, {1, 10, 8, 1}, {});
  at = add_conv(graph, random, conv_2d_op, at, {6, 3, 3, 1});
  const ValueId depthwise = add_conv(graph, random, depthwise_conv_2d_op, at, {1, 3, 3, 6});
  const ValueId pointwise = add_conv(graph, random, conv_2d_op, depthwise, {6, 1, 1, 6});
  at = graph.add_node(add_op, "add", {at, pointwise});
  at = graph.add_node(mean_op, "mean", {at});
  at = add_dense(graph, random, at, classes, "none");
  graph.outputs = {graph.add_node(softmax_op, "softmax", {at})};
  return graph;
}

// A two-axis sensor -> windows -> standardised features -> network -> smoothing -> decision.
inline Graph random_pipeline(uint32_t seed) {
  Random random(seed);
  Graph graph;
  graph.name = "pipeline";
  graph.classes = {"a", "b", "c"};
  const ValueId sensor = graph.add_stream("acc", {{"x", "g", 0.001f}, {"y", "g", 0.001f}}, 50);
  const ValueId window = graph.add_node(framer_op, "window", {sensor},
                                        {{"length", int64_t{8}}, {"stride", int64_t{4}}});
  const ValueId mean =
      graph.add_constant("mean", ElementType::f32, {2}, std::vector<float>{100, -50});
  const ValueId inv_std =
      graph.add_constant("inv_std", ElementType::f32, {2}, std::vector<float>{0.002f, 0.001f});
  const ValueId flat =
      graph.add_node(reshape_op, "flat", {window}, {{"shape", std::vector<int64_t>{16}}});
  ValueId at = graph.add_node(standardize_op, "features", {flat, mean, inv_std});
  at = add_dense(graph, random, at, 24, "relu");
  at = add_dense(graph, random, at, 3, "none");
  at = graph.add_node(softmax_op, "softmax", {at});
  at = graph.add_node(smooth_op, "smooth", {at}, {{"length", int64_t{3}}});
  graph.outputs = {graph.add_node(decide_op, "decision", {at}), at};
  return graph;
}

// n samples of a wandering two-axis signal.
inline std::vector<int16_t> wandering_samples(uint32_t seed, int32_t n) {
  Random random(seed);
  std::vector<int16_t> all;
  int32_t x = 100, y = -50;
  for (int32_t i = 0; i < n; ++i) {
    x = (x * 7) / 8 + pick(random, -400, 400), y = (y * 7) / 8 + pick(random, -900, 900);
    all.push_back(int16_t(x)), all.push_back(int16_t(y));
  }
  return all;
}

inline SampleSource samples_source(std::vector<int16_t> samples) {
  return [samples](SampleSink& sink) {
    sink.reset();
    for (size_t i = 0; i + 1 < samples.size(); i += 2) sink.push(0, samples.data() + i);
  };
}

inline ValueId value_named(const Graph& graph, const std::string& name) {
  for (size_t i = 0; i < graph.values.size(); ++i)
    if (graph.values[i].name == name) return ValueId(i);
  return -1;
}

}  // namespace mote::testing_graphs
