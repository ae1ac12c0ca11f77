// SPDX-License-Identifier: Apache-2.0
// Host half of gather_nd: inputs (x of any type, indices s32 [..., depth]) -> the indices' leading
// dimensions, then x's behind the first batch_dims + depth.
#include "ops/nn/gather_nd/gather_nd.h"

#include "ops/nn/movement.h"
#include "ops/registry.h"

namespace mote {
namespace {

// How many leading dimensions both share; refuses tuples that are no places in x.
size_t batch_dims_of(const NodeView& node) {
  expect_movable(node, 0);
  expect_indices(node, 1);
  const Shape& x = node.input(0).shape;
  const Shape& indices = node.input(1).shape;
  const int64_t batch_dims = node.integer("batch_dims");
  if (indices.empty()) node.refuse("wrong-shape", "the indices must have a dimension");
  if (batch_dims < 0 || batch_dims >= int64_t(indices.size()) ||
      batch_dims + indices.back() > int64_t(x.size()))
    node.refuse("wrong-shape", "the indices name more dimensions than the input has");
  for (size_t d = 0; d < size_t(batch_dims); ++d)
    if (x[d] != indices[d])
      node.refuse("wrong-shape", "dimension " + std::to_string(d) + " of the indices differs");
  return size_t(batch_dims);
}

Inference infer(const NodeView& node) {
  const size_t behind = batch_dims_of(node) + size_t(node.input(1).shape.back());
  flag_attribute(node, "from_last");
  const Shape& x = node.input(0).shape;
  const Shape& indices = node.input(1).shape;
  std::vector<int64_t> dims(indices.begin(), indices.end() - 1);
  dims.insert(dims.end(), x.begin() + int64_t(behind), x.end());
  return moved(node, checked_shape(node, dims));
}

KernelCall lower(const NodeView& node) {
  const size_t first = batch_dims_of(node);
  const Shape& x = node.input(0).shape;
  const Shape& indices = node.input(1).shape;
  const int32_t element = element_bytes(node.input(0).type);
  const std::vector<int64_t> strides = strides_of(x);
  GatherNdParams params{};
  params.batches = product(x, 0, first);
  params.batch_bytes = product(x, first, x.size()) * element;
  params.tuples = product(indices, first, indices.size() - 1);
  params.depth = indices.back();
  params.bytes = product(x, first + size_t(params.depth), x.size()) * element;
  params.from_last = flag_attribute(node, "from_last");
  for (size_t d = 0; d < size_t(params.depth); ++d) {
    params.extents[d] = x[first + d];
    params.strides[d] = int32_t(strides[first + d]) * element;
  }
  return make_kernel_call("ops/nn/gather_nd/gather_nd.h", MOTE_KERNEL(gather_nd), "GatherNdParams",
                          params)
      .input_bytes(0)
      .input(1)
      .output();
}

}  // namespace

const OpDef gather_nd_op{
    .name = "gather_nd",
    .room = "nn",
    .summary = "slices at places that tuples of indices name; any type",
    .attributes = {{"batch_dims", Attribute(int64_t{0}),
                    "leading dimensions that x and the indices share"},
                   {"from_last", Attribute(int64_t{0}),
                    "1: negative indices count from the end; else they are taken as 0"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
