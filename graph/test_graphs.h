// SPDX-License-Identifier: Apache-2.0
// Graphs for tests: random ones over the operators that need no trained numbers, and a small fixed
// one.
#pragma once
#include <cmath>
#include <random>

#include "graph/graph.h"
#include "ops/registry.h"

namespace mote::testing_graphs {

using Random = std::mt19937;

inline int32_t pick(Random& random, int32_t low, int32_t high) {
  return low + int32_t(random() % uint32_t(high - low + 1));
}
inline float real(Random& random, float low, float high) {
  return low + (high - low) * float(random() >> 8) / float(1 << 24);
}
inline std::vector<float> reals(Random& random, int64_t n, float most) {
  std::vector<float> all(static_cast<size_t>(n));
  for (float& x : all) x = real(random, -most, most);
  return all;
}

// f32 [.., in] -> [.., out], weights uniform with the variance that keeps the signal's size.
inline ValueId add_dense(Graph& graph, Random& random, ValueId input, int32_t out,
                         const std::string& activation) {
  const int32_t in = graph.value(input).shape.back();
  const std::string name = "dense" + std::to_string(graph.nodes.size());
  const float most = std::sqrt(6.0f / float(in + out));
  const ValueId weights = graph.add_constant(name + "/weights", ElementType::f32, {out, in},
                                             reals(random, int64_t(out) * in, most));
  const ValueId bias =
      graph.add_constant(name + "/bias", ElementType::f32, {out}, reals(random, out, 0.2f));
  return graph.add_node(fully_connected_op, name, {input, weights, bias},
                        {{"activation", activation}});
}

inline ValueId add_dense_s8(Graph& graph, Random& random, ValueId input, int32_t out) {
  const int32_t in = graph.value(input).shape.back();
  const std::string name = "dense" + std::to_string(graph.nodes.size());
  std::vector<int8_t> weights(static_cast<size_t>(out * in));
  for (int8_t& w : weights) w = int8_t(pick(random, -127, 127));
  Quantization channels;
  for (int32_t o = 0; o < out; ++o) channels.scales.push_back(real(random, 0.001f, 0.1f));
  channels.zero_points.assign(size_t(out), 0);
  const ValueId w =
      graph.add_constant(name + "/weights", ElementType::s8, {out, in}, weights, channels);
  return graph.add_node(fully_connected_op, name, {input, w, -1},
                        {{"output_scale", double(real(random, 0.01f, 1))},
                         {"output_zero_point", int64_t(pick(random, -128, 127))}});
}

inline ValueId add_random_stream(Graph& graph, Random& random, int32_t index) {
  const std::string name = "input" + std::to_string(index);
  switch (pick(random, 0, 2)) {
    case 0: {
      std::vector<StreamAxis> axes;
      for (int32_t a = pick(random, 1, 4); a > 0; --a)
        axes.push_back({"axis \"" + std::to_string(a) + "\"\n", "m/s²", real(random, 1e-6f, 2)});
      return graph.add_stream(name, axes, double(real(random, 0, 500)),
                              MissingPolicy(pick(random, 0, 2)));
    }
    case 1:
      return graph.add_tensor_stream(name, ElementType::f32, {pick(random, 1, 5)}, {});
    default:
      return graph.add_tensor_stream(name, ElementType::s8, {pick(random, 1, 5)},
                                     per_tensor(real(random, 0.01f, 1), pick(random, -128, 127)));
  }
}

// Features to the network's numbers, with a statistic for each index of the last dimension.
inline ValueId add_standardize(Graph& graph, Random& random, ValueId input, const char* output) {
  const std::string name = "standardize" + std::to_string(graph.nodes.size());
  const int32_t n = graph.value(input).shape.back();
  std::vector<float> inv_std = reals(random, n, 2);
  for (float& x : inv_std) x = std::fabs(x);
  const ValueId mean =
      graph.add_constant(name + "/mean", ElementType::f32, {n}, reals(random, n, 9));
  const ValueId inv = graph.add_constant(name + "/inv_std", ElementType::f32, {n}, inv_std);
  return graph.add_node(standardize_op, name, {input, mean, inv},
                        {{"output", std::string(output)}});
}

// A layer that the value's type allows.
inline ValueId add_random_node(Graph& graph, Random& random, ValueId at) {
  const ElementType type = graph.value(at).type;
  const std::string number = std::to_string(graph.nodes.size());
  const int32_t elements = int32_t(graph.value(at).elements());
  switch (pick(random, 0, type == ElementType::s16 ? 1 : 5)) {
    case 0:
      return graph.add_node(
          framer_op, "framer" + number, {at},
          {{"length", int64_t(pick(random, 1, 4))}, {"stride", int64_t(pick(random, 1, 6))}});
    case 1:
      if (type == ElementType::s8) return add_dense_s8(graph, random, at, pick(random, 1, 6));
      return add_standardize(graph, random, at, pick(random, 0, 1) ? "f32" : "s8");
    case 2:
      return graph.add_node(softmax_op, "softmax" + number, {at});
    case 3:
      return graph.add_node(smooth_op, "smooth" + number, {at},
                            {{"length", int64_t(pick(random, 1, 5))}});
    case 4:
      return graph.add_node(reshape_op, "reshape" + number, {at},
                            {{"shape", std::vector<int64_t>{1, elements}}});
    default:
      if (type == ElementType::s8) return add_dense_s8(graph, random, at, pick(random, 1, 6));
      return add_dense(graph, random, at, pick(random, 1, 6), pick(random, 0, 1) ? "relu" : "none");
  }
}

// One to three streams, each with a chain of layers; the last value of each chain is an output.
inline Graph random_graph(uint32_t seed) {
  Random random(seed);
  Graph graph;
  graph.name = "random " + std::to_string(seed);
  for (int32_t c = pick(random, 0, 3); c > 0; --c)
    graph.classes.push_back("class " + std::to_string(c));
  for (int32_t s = 0, n = pick(random, 1, 3); s < n; ++s) {
    ValueId at = add_random_stream(graph, random, s);
    for (int32_t i = pick(random, 0, 5); i > 0; --i) at = add_random_node(graph, random, at);
    if (graph.value(at).type != ElementType::s16 && pick(random, 0, 1))
      at = graph.add_node(decide_op, "decide" + std::to_string(graph.nodes.size()), {at},
                          {{"minimum_score", double(real(random, 0, 1))}});
    graph.outputs.push_back(at);
  }
  return graph;
}

// A three-axis sensor in windows, and a plain f32 vector through two layers.
inline Graph small_graph() {
  Random random(1);
  Graph graph;
  graph.name = "small";
  graph.classes = {"idle", "walk"};
  const ValueId sensor =
      graph.add_stream("acc", {{"x", "g", 0.5f}, {"y", "g", 0.5f}, {"z", "g", 0.25f}}, 100,
                       MissingPolicy::interpolate);
  const ValueId window = graph.add_node(framer_op, "window", {sensor},
                                        {{"length", int64_t{4}}, {"stride", int64_t{2}}});
  const ValueId vector = graph.add_tensor_stream("vector", ElementType::f32, {3}, {});
  const ValueId hidden = add_dense(graph, random, vector, 4, "relu");
  graph.outputs = {add_dense(graph, random, hidden, 2, "none"), window};
  return graph;
}

}  // namespace mote::testing_graphs
