// SPDX-License-Identifier: Apache-2.0
// Host half of gather: inputs (x of any type, indices s32) -> x's dimensions before `axis`, those
// of the indices behind the first `batch_dims`, x's behind `axis`. A float table that is constant
// is quantised over its range.
#include "ops/nn/gather/gather.h"

#include "ops/nn/movement.h"
#include "ops/registry.h"

namespace mote {
namespace {

struct Axes {
  size_t axis;
  size_t batch_dims;
};

Axes axes_of(const NodeView& node) {
  expect_movable(node, 0);
  expect_indices(node, 1);
  const Shape& x = node.input(0).shape;
  const Shape& indices = node.input(1).shape;
  const size_t axis = axis_attribute(node, "axis", x.size());
  int64_t batch_dims = node.integer("batch_dims");
  if (batch_dims < 0 && batch_dims >= -int64_t(indices.size()))
    batch_dims += int64_t(indices.size());
  if (batch_dims < 0 || batch_dims > int64_t(axis) || batch_dims > int64_t(indices.size()))
    node.refuse("wrong-attribute", "batch_dims must lie in 0 .. axis and within the indices");
  for (size_t d = 0; d < size_t(batch_dims); ++d)
    if (x[d] != indices[d])
      node.refuse("wrong-shape", "dimension " + std::to_string(d) + " of the indices differs");
  return {axis, size_t(batch_dims)};
}

Inference infer(const NodeView& node) {
  const Axes axes = axes_of(node);
  flag_attribute(node, "from_last");
  const Shape& x = node.input(0).shape;
  const Shape& indices = node.input(1).shape;
  std::vector<int64_t> dims(x.begin(), x.begin() + int64_t(axes.axis));
  dims.insert(dims.end(), indices.begin() + int64_t(axes.batch_dims), indices.end());
  dims.insert(dims.end(), x.begin() + int64_t(axes.axis) + 1, x.end());
  return moved(node, checked_shape(node, dims));
}

KernelCall lower(const NodeView& node) {
  const Axes axes = axes_of(node);
  const Shape& x = node.input(0).shape;
  const Shape& indices = node.input(1).shape;
  const GatherParams params{product(x, 0, axes.batch_dims),
                            product(x, axes.batch_dims, axes.axis),
                            x[axes.axis],
                            product(indices, axes.batch_dims, indices.size()),
                            product(x, axes.axis + 1, x.size()) * element_bytes(node.input(0).type),
                            flag_attribute(node, "from_last")};
  return make_kernel_call("ops/nn/gather/gather.h", MOTE_KERNEL(gather), "GatherParams", params)
      .input_bytes(0)
      .input(1)
      .output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  if (node.input(0).kind == ValueKind::constant)
    quantize_to_one_scale(quantizer, node, {0});
  else
    quantize_same_scale(quantizer, node);
}

}  // namespace

const OpDef gather_op{
    .name = "gather",
    .room = "nn",
    .summary = "slices that indices choose along one dimension; any type",
    .attributes = {{"axis", Attribute(int64_t{0}), "the dimension; negative counts from the last"},
                   {"batch_dims", Attribute(int64_t{0}),
                    "leading dimensions that x and the indices share"},
                   {"from_last", Attribute(int64_t{0}),
                    "1: negative indices count from the end; else they are taken as 0"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize,
};

}  // namespace mote
