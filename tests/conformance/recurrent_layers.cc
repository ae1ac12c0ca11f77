// SPDX-License-Identifier: Apache-2.0
// lstm with random weights, int8 and float32, whose state goes on from run to run. In: a seeded
// generator. Out: graphs of one such layer (families.h).
#include "ops/registry.h"
#include "tests/conformance/families.h"
#include "tests/conformance/random_parts.h"

namespace mote::conformance {
namespace {

struct Sizes {
  int32_t inputs, units;
  Shape of(int i) const {
    return i < 4 ? Shape{units, inputs} : i < 8 ? Shape{units, units} : Shape{units};
  }
};

Sizes random_sizes(Random& random) { return {random.integer(1, 8), random.integer(1, 8)}; }

Shape random_sequence(Random& random, const Sizes& sizes) {
  return {random.integer(1, 3), random.integer(1, 6), sizes.inputs};
}

}  // namespace

Graph make_lstm(Random& random) {
  Graph graph;
  const Sizes sizes = random_sizes(random);
  const Shape shape = random_sequence(random, sizes);
  std::vector<ValueId> inputs{
      graph.add_tensor_stream("input", ElementType::s8, shape,
                              per_tensor(random.scale(0.004f, 0.05f), random_zero_point(random)))};
  for (int i = 0; i < 12; ++i) {
    const std::string name = "constant" + std::to_string(i);
    const auto count = size_t(element_count(sizes.of(i)));
    std::vector<int8_t> weights(count);
    std::vector<int32_t> biases(count);
    for (int8_t& w : weights) w = int8_t(random.integer(-127, 127));
    for (int32_t& b : biases) b = random.integer(-20000, 20000);
    inputs.push_back(i < 8 ? graph.add_constant(name, ElementType::s8, sizes.of(i), weights,
                                                per_tensor(random.scale(0.002f, 0.03f), 0))
                           : graph.add_constant(name, ElementType::s32, sizes.of(i), biases,
                                                per_tensor(1e-4f, 0)));
  }
  finish(graph, lstm_op, inputs,
         {{"output_scale", double(random.scale(0.004f, 0.01f))},
          {"output_zero_point", int64_t(random_zero_point(random))},
          {"cell_scale", 1.0 / (1 << random.integer(9, 14))},
          {"cell_clip", random.one_in(3) ? double(random.scale(0.05f, 5.0f)) : 0.0}});
  return graph;
}

}  // namespace mote::conformance
