// SPDX-License-Identifier: Apache-2.0
// Host half of concatenate: 1..8 inputs of one type and quantisation, equal but for dimension
// `axis` -> one tensor. Quantising brings inputs of different scales to the output's by a
// `quantize` layer each, as TFLite's converter does.
#include "ops/nn/concatenate/concatenate.h"

#include <numeric>

#include "ops/nn/movement.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr size_t kMostInputs = 8;

size_t axis_of(const NodeView& node) {
  const auto rank = int64_t(node.input(0).shape.size());
  const int64_t axis = node.integer("axis");
  if (axis < -rank || axis >= rank)
    node.refuse("wrong-attribute",
                "axis is " + std::to_string(axis) + " of " + std::to_string(rank) + " dimensions");
  return size_t(axis < 0 ? axis + rank : axis);
}

void check_input(const NodeView& node, size_t i, size_t axis) {
  const Value& first = node.input(0);
  const Value& input = node.input(i);
  Shape expected = first.shape;
  if (input.shape.size() == expected.size()) expected[axis] = input.shape[axis];
  const std::string which = "input " + std::to_string(i);
  if (input.shape != expected)
    node.refuse("wrong-shape", which + " differs from input 0 in another dimension than axis " +
                                   std::to_string(axis));
  if (input.type != first.type)
    node.refuse("wrong-type",
                which + " is " + to_string(input.type) + ", input 0 is " + to_string(first.type));
  if (!(input.quantization == first.quantization))
    node.refuse("wrong-quantization", which + " has another scale or zero point than input 0",
                "put a quantize layer in front of it");
}

Inference infer(const NodeView& node) {
  if (node.input_count() < 1 || node.input_count() > kMostInputs)
    node.refuse("wrong-shape", "concatenate takes 1 to 8 inputs", "concatenate in two steps");
  const size_t axis = axis_of(node);
  const Shape& first = node.input(0).shape;
  std::vector<int64_t> shape(first.begin(), first.end());
  for (size_t i = 1; i < node.input_count(); ++i) {
    check_input(node, i, axis);
    shape[axis] += node.input(i).shape[axis];
  }
  return {{{node.input(0).type, checked_shape(node, shape), node.input(0).quantization,
            joint_clock(node)}},
          {}};
}

KernelCall lower(const NodeView& node) {
  const size_t axis = axis_of(node);
  ConcatenateParams params{1, {}};
  for (size_t d = 0; d < axis; ++d) params.outer *= node.input(0).shape[d];
  for (size_t i = 0; i < node.input_count(); ++i)
    params.bytes[i] = int32_t(node.input(i).bytes() / params.outer);
  KernelCall call = make_kernel_call("ops/nn/concatenate/concatenate.h", MOTE_KERNEL(concatenate),
                                     "ConcatenateParams", params);
  for (size_t i = 0; i < kMostInputs; ++i)
    i < node.input_count() ? call.input_bytes(int32_t(i)) : call.null();
  return call.output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  std::vector<size_t> all(node.input_count());
  std::iota(all.begin(), all.end(), size_t{0});
  quantize_to_one_scale(quantizer, node, all);
}

}  // namespace

const OpDef concatenate_op{
    .name = "concatenate",
    .room = "nn",
    .summary = "tensors side by side along one dimension; any type",
    .attributes = {{"axis", Attribute(int64_t{-1}),
                    "the dimension that grows; negative counts from the last"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize,
};

}  // namespace mote
