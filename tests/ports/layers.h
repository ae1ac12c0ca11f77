// SPDX-License-Identifier: Apache-2.0
// What graphs of layers with weights are made of: a window of the sensor, features of it, constants
// drawn at random, always the same ones. See graphs.h.
#pragma once
#include "quantize/test_networks.h"
#include "tests/ports/graphs.h"

namespace mote::ports {

using testing_graphs::Random;
using testing_graphs::real;
using testing_graphs::reals;

using Axes = std::vector<int64_t>;

// A graph with its window of the sensor, and what layers are made of.
struct Layers {
  Graph graph;
  Random random{31};
  ValueId window = -1;

  explicit Layers(const char* name, int32_t rows) {
    graph.name = name;
    const ValueId sensor = graph.add_stream("sensor", {{"x", "g", 1}, {"y", "g", 1}, {"z", "g", 1}},
                                            100, MissingPolicy::drop);
    window = graph.add_node(framer_op, "window", {sensor},
                            {{"length", int64_t(rows)}, {"stride", int64_t(rows)}});
  }

  ValueId add(const OpDef& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    return graph.add_node(op, op.name + std::to_string(graph.nodes.size()), std::move(inputs),
                          std::move(attributes));
  }
  void output(const OpDef& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    graph.outputs.push_back(add(op, std::move(inputs), std::move(attributes)));
  }
  ValueId shaped(ValueId id, Axes shape) {
    return add(reshape_op, {id}, {{"shape", std::move(shape)}});
  }
  ValueId features(const char* type) {
    const ValueId mean =
        graph.add_constant("mean", ElementType::f32, {kAxes}, std::vector<float>{10, -2000, 0.25f});
    const ValueId inv_std = graph.add_constant("inv_std", ElementType::f32, {kAxes},
                                               std::vector<float>{1e-4f, 2e-3f, 1});
    return add(standardize_op, {window, mean, inv_std}, {{"output", std::string(type)}});
  }
  std::string constant_name() { return "constant" + std::to_string(graph.values.size()); }
  ValueId f32(const Shape& shape) {
    return graph.add_constant(constant_name(), ElementType::f32, shape,
                              reals(random, element_count(shape), 0.8f));
  }
  // Numbers of an integer type within -peak .. peak; one scale, or one for each index of `axis`.
  template <class T>
  ValueId integers(ElementType type, const Shape& shape, int32_t peak, Quantization q) {
    std::vector<T> numbers;
    for (int64_t i = 0; i < element_count(shape); ++i)
      numbers.push_back(T(real(random, -1, 1) * float(peak)));
    return graph.add_constant(constant_name(), type, shape, numbers, std::move(q));
  }
  ValueId s8(const Shape& shape, int32_t axis = -1) {
    if (axis < 0) return integers<int8_t>(ElementType::s8, shape, 127, per_tensor(0.01f, 0));
    Quantization q{{}, {}, axis};
    for (int32_t c = 0; c < shape[size_t(axis)]; ++c) {
      q.scales.push_back(0.004f + 0.003f * float(c));
      q.zero_points.push_back(0);
    }
    return integers<int8_t>(ElementType::s8, shape, 127, q);
  }
  ValueId bias32(int32_t n) { return integers<int32_t>(ElementType::s32, {n}, 9000, {}); }
  ValueId bias64(int32_t n) { return integers<int64_t>(ElementType::s64, {n}, 2000000, {}); }
};

inline Attributes scaled(double scale, int64_t zero_point, Attributes more = {}) {
  more["output_scale"] = scale;
  more["output_zero_point"] = zero_point;
  return more;
}

}  // namespace mote::ports
