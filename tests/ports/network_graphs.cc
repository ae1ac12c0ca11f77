// SPDX-License-Identifier: Apache-2.0
// Operators of ops/nn and ops/rule over a window of the sensor, side by side. See graphs.h.
#include "ops/dsp/random_windows.h"
#include "quantize/post_training.h"
#include "quantize/test_networks.h"
#include "tests/ports/graphs.h"

namespace mote::ports {
namespace {

using namespace testing_graphs;

constexpr int32_t kRows = 8;  // of the window, which is an image [1, 8, 3, 1]
constexpr int32_t kManyRows = 32;

Attribute word(const char* text) { return std::string(text); }

ValueId add(Graph& graph, const OpDef& op, std::vector<ValueId> inputs,
            Attributes attributes = {}) {
  return graph.add_node(op, op.name + std::to_string(graph.nodes.size()), std::move(inputs),
                        std::move(attributes));
}

ValueId add_features(Graph& graph, int32_t rows = kRows) {
  const ValueId sensor = graph.add_stream("sensor", {{"x", "g", 1}, {"y", "g", 1}, {"z", "g", 1}},
                                          100, MissingPolicy::drop);
  const ValueId window = graph.add_node(framer_op, "window", {sensor},
                                        {{"length", int64_t(rows)}, {"stride", int64_t(rows)}});
  const ValueId mean =
      graph.add_constant("mean", ElementType::f32, {kAxes}, std::vector<float>{10, -2000, 0.25f});
  const ValueId inv_std =
      graph.add_constant("inv_std", ElementType::f32, {kAxes}, std::vector<float>{1e-4f, 2e-3f, 1});
  const ValueId features = graph.add_node(standardize_op, "features", {window, mean, inv_std});
  return graph.add_node(reshape_op, "image", {features},
                        {{"shape", std::vector<int64_t>{1, rows, kAxes, 1}}});
}

ValueId add_kernel(Graph& graph, Random& random, const OpDef& op, ValueId input, Shape kernel,
                   Attributes attributes) {
  const std::string name = op.name + std::to_string(graph.nodes.size());
  const int32_t channels = op.name == "conv_2d" ? kernel[0] : kernel.back();
  const ValueId weights = graph.add_constant(name + "/weights", ElementType::f32, kernel,
                                             reals(random, element_count(kernel), 0.8f));
  const ValueId bias = graph.add_constant(name + "/bias", ElementType::f32, {channels},
                                          reals(random, channels, 0.5f));
  return graph.add_node(op, name, {input, weights, bias}, std::move(attributes));
}

// Convolutions with every kind of window and activation; each is an output, the last two are
// returned: [1, 8, 3, 4] both.
std::pair<ValueId, ValueId> add_convolutions(Graph& graph, Random& random, ValueId image) {
  const Attributes same = {{"padding", word("same")}, {"activation", word("relu6")}};
  const Attributes strided = {{"stride_h", int64_t(2)}, {"stride_w", int64_t(2)}};
  const Attributes dilated = {{"dilation_h", int64_t(3)}, {"activation", word("relu_n1_to_1")}};
  const ValueId a = add_kernel(graph, random, conv_2d_op, image, {4, 3, 3, 1}, same);
  const ValueId b = add_kernel(graph, random, depthwise_conv_2d_op, a, {1, 3, 2, 4}, same);
  for (const Attributes& kind : {strided, dilated}) {
    graph.outputs.push_back(add_kernel(graph, random, conv_2d_op, a, {3, 2, 2, 4}, kind));
    graph.outputs.push_back(add_kernel(graph, random, depthwise_conv_2d_op, a, {1, 2, 1, 8}, kind));
  }
  return {a, b};
}

void add_pools(Graph& graph, ValueId image) {
  const Attributes pool = {{"filter_h", int64_t(3)}, {"filter_w", int64_t(2)}};
  Attributes same = pool;
  same.insert({{"padding", word("same")}, {"stride_h", int64_t(2)}, {"activation", word("relu")}});
  for (const OpDef* op : {&max_pool_2d_op, &average_pool_2d_op})
    for (const Attributes& kind : {pool, same})
      graph.outputs.push_back(add(graph, *op, {image}, kind));
}

ValueId add_scores(Graph& graph, Random& random, ValueId a, ValueId b) {
  const ValueId sum = add(graph, add_op, {a, b}, {{"activation", word("relu")}});
  const ValueId joined = add(graph, concatenate_op, {sum, b}, {{"axis", int64_t(-1)}});
  const ValueId mean = add(graph, mean_op, {joined}, {{"axes", std::vector<int64_t>{1, 2}}});
  const ValueId hidden = add_dense(graph, random, mean, 6, "relu6");
  const ValueId bent = add(graph, tanh_op, {hidden});
  const ValueId gate = add(graph, logistic_op, {add_dense(graph, random, bent, 5, "none")});
  graph.outputs.push_back(add(graph, activation_op, {add_dense(graph, random, gate, 3, "none")},
                              {{"activation", word("relu_n1_to_1")}}));
  return add(graph, softmax_op, {add_dense(graph, random, gate, 3, "none")}, {{"beta", 2.0}});
}

void add_rules(Graph& graph, Random& random, ValueId image, ValueId scores) {
  const ValueId smooth = add(graph, smooth_op, {scores}, {{"length", int64_t(3)}});
  for (double least : {0.0, 0.5})
    graph.outputs.push_back(add(graph, decide_op, {smooth}, {{"minimum_score", least}}));
  graph.outputs.push_back(smooth);
  const ValueId centroids = graph.add_constant("centroids", ElementType::f32, {2, kRows * kAxes},
                                               reals(random, 2 * kRows * kAxes, 2));
  const ValueId radii =
      graph.add_constant("radii", ElementType::f32, {2}, std::vector<float>{1, 7});
  graph.outputs.push_back(add(graph, outlier_op, {image, centroids, radii}));
}

Graph network(const char* name) {
  Random random(11);
  Graph graph;
  graph.name = name;
  graph.classes = {"idle", "walk", "run"};
  const ValueId image = add_features(graph);
  const auto [a, b] = add_convolutions(graph, random, image);
  add_pools(graph, b);
  const ValueId scores = add_scores(graph, random, a, b);
  add_rules(graph, random, image, scores);
  return graph;
}

Graph quantized(const Graph& graph, const char* name) {
  RandomWindows windows(21);
  const std::vector<int16_t> samples = windows.next(100 * kRows, kAxes);
  const Calibration calibration = calibrate(graph, [&](SampleSink& sink) {
    sink.reset();
    for (size_t i = 0; i < samples.size(); i += kAxes) sink.push(0, samples.data() + i);
  });
  QuantizeReport report;
  Diagnostics diagnostics;
  Graph out = quantize(graph, calibration, {}, report, diagnostics);
  diagnostics.stop_if_any();
  out.name = name;
  return out;
}

}  // namespace

Graph float_network() { return network("float_network"); }

Graph int8_network() {
  Graph graph = quantized(network("float"), "int8_network");
  const ValueId scores = graph.outputs.at(0);  // int8 of a strided convolution
  const ValueId real = add(graph, dequantize_op, {scores});
  graph.outputs.push_back(real);
  const Attributes coarse = {{"output_scale", 0.25}, {"output_zero_point", int64_t(-7)}};
  graph.outputs.push_back(add(graph, quantize_op, {real}, coarse));
  graph.outputs.push_back(add(graph, quantize_op, {scores}, coarse));
  return graph;
}

Graph image_by_rows() {
  Random random(5);
  Graph graph;
  graph.name = "image_by_rows";
  graph.classes = {"idle", "walk", "run"};
  const Attributes same = {{"padding", word("same")}};
  const Attributes halved = {
      {"padding", word("same")}, {"stride_h", int64_t(2)}, {"stride_w", int64_t(2)}};
  const ValueId first =
      add_kernel(graph, random, conv_2d_op, add_features(graph, kManyRows), {8, 3, 3, 1}, same);
  const ValueId deep = add_kernel(graph, random, depthwise_conv_2d_op, first, {1, 3, 3, 8}, same);
  const ValueId sum = add(graph, add_op, {first, deep});
  const ValueId wide = add_kernel(graph, random, conv_2d_op, sum, {48, 1, 1, 8}, {});
  const ValueId half = add_kernel(graph, random, depthwise_conv_2d_op, wide, {1, 3, 3, 48}, halved);
  const ValueId flat = graph.add_node(reshape_op, "flat", {half},
                                      {{"shape", std::vector<int64_t>{kManyRows / 2 * 2 * 48}}});
  const ValueId scores = add(graph, softmax_op, {add_dense(graph, random, flat, 3, "none")});
  graph.outputs = {add(graph, decide_op, {scores}), scores};
  return quantized(graph, "image_by_rows");
}

Graph small_chain() {
  Random random(3);
  Graph graph;
  graph.name = "small_chain";
  graph.classes = {"idle", "walk", "run"};
  const ValueId image = add_features(graph);
  const ValueId flat =
      graph.add_node(reshape_op, "flat", {image}, {{"shape", std::vector<int64_t>{kRows * kAxes}}});
  const ValueId hidden = add_dense(graph, random, flat, 13, "relu");
  const ValueId scores = add(graph, softmax_op, {add_dense(graph, random, hidden, 3, "none")});
  graph.outputs = {add(graph, decide_op, {scores}), scores};
  return quantized(graph, "small_chain");
}

}  // namespace mote::ports
