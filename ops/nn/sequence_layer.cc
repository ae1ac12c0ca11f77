// SPDX-License-Identifier: Apache-2.0
// See sequence_layer.h.
#include "ops/nn/sequence_layer.h"

#include "graph/text.h"

namespace mote {

std::vector<AttributeSpec> sequence_attributes() {
  return {{"time_major", Attribute(int64_t{0}), "1: the input is [steps, batches, inputs]"},
          {"reverse", Attribute(int64_t{0}), "1: from the last step to the first"},
          {"keeps_state", Attribute(int64_t{1}), "0: every run starts from the initial state"}};
}

SequenceSizes sequence_sizes(const NodeView& node, size_t weights, int32_t gates) {
  const Shape& x = node.input(0).shape;
  const Shape& w = node.input(weights).shape;
  if (x.size() != 3 || node.input(0).elements() < 1)
    node.refuse("wrong-shape", "the input must be [batches, steps, inputs]");
  if (w.size() != 2 || w[1] != x[2] || w[0] < gates || w[0] % gates != 0)
    node.refuse("wrong-shape", "the weights of the input must be [units, inputs]");
  const bool time_major = node.integer("time_major") != 0;
  SequenceSizes sizes{};
  sizes.batches = x[time_major ? 1 : 0];
  sizes.steps = x[time_major ? 0 : 1];
  sizes.inputs = x[2];
  sizes.units = w[0] / gates;
  sizes.batch_rows = time_major ? 1 : sizes.steps;
  sizes.step_rows = time_major ? sizes.batches : 1;
  sizes.reverse = node.integer("reverse") != 0;
  sizes.keeps_state = node.integer("keeps_state") != 0;
  const int64_t rows = int64_t(sizes.batches) * sizes.steps;
  if (sizes.units > 32768 || sizes.inputs > 32768 || rows * sizes.units > INT32_MAX / 8)
    node.refuse("wrong-shape", "the sequence or its layer is too large",
                "32768 inputs and units are the most");
  return sizes;
}

Shape sequence_output(const NodeView& node, int32_t units) {
  Shape shape = node.input(0).shape;
  shape.back() = units;
  return shape;
}

void expect_tensor(const NodeView& node, size_t i, ElementType type, const Shape& shape) {
  const std::string which = "input " + std::to_string(i);
  if (!node.has_input(i)) node.refuse("missing-input", which + " is not given");
  const Value& value = node.input(i);
  if (value.type != type || value.shape != shape)
    node.refuse("wrong-shape", which + " is " + print_type(value.type, value.shape) +
                                   ", expected " + print_type(type, shape));
}

}  // namespace mote
