// SPDX-License-Identifier: Apache-2.0
// Host half of one_hot: inputs (indices s32, values [2] = {off, on} of any type) -> the indices'
// shape with a dimension `depth` at `axis`. The rule of LiteRT's ONE_HOT and ONNX OneHot.
#include "ops/nn/one_hot/one_hot.h"

#include "ops/nn/movement.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  expect_indices(node, 0);
  expect_movable(node, 1);
  flag_attribute(node, "from_last");
  const Value& values = node.input(1);
  if (values.shape != Shape{2}) node.refuse("wrong-shape", "the values must be {off, on}");
  if (values.quantization.scales.size() > 1)
    node.refuse("wrong-quantization", "the values must have one scale");
  const Shape& indices = node.input(0).shape;
  std::vector<int64_t> dims(indices.begin(), indices.end());
  const size_t axis = axis_attribute(node, "axis", dims.size() + 1);
  dims.insert(dims.begin() + int64_t(axis), node.integer("depth"));
  return {{{values.type, checked_shape(node, dims), values.quantization, joint_clock(node)}}, {}};
}

KernelCall lower(const NodeView& node) {
  const Shape& shape = node.output().shape;
  const size_t axis = axis_attribute(node, "axis", shape.size());
  const OneHotParams params{product(shape, 0, axis), shape[axis],
                            product(shape, axis + 1, shape.size()),
                            element_bytes(node.output().type), flag_attribute(node, "from_last")};
  return make_kernel_call("ops/nn/one_hot/one_hot.h", MOTE_KERNEL(one_hot), "OneHotParams", params)
      .input(0)
      .input_bytes(1)
      .output();
}

}  // namespace

const OpDef one_hot_op{
    .name = "one_hot",
    .room = "nn",
    .summary = "indices as on and off values along a new dimension; any type of values",
    .attributes = {{"depth", {}, "size of the new dimension"},
                   {"axis", Attribute(int64_t{-1}), "where it is in the output's shape"},
                   {"from_last", Attribute(int64_t{0}),
                    "1: negative indices count from the end; else they are off"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
