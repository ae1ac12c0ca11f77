// SPDX-License-Identifier: Apache-2.0
// tile: the whole tensor side by side repeats[d] times along each dimension. Any element type ->
// the same numbers. One strided_copy with two loops a dimension.
#include "ops/nn/movement.h"
#include "ops/registry.h"

namespace mote {
namespace {

std::vector<Loop> loops_of(const NodeView& node, const Shape& to) {
  const Shape& from = node.input(0).shape;
  const std::vector<int64_t> in = strides_of(from);
  const std::vector<int64_t> out = strides_of(to);
  std::vector<Loop> loops;
  for (size_t d = 0; d < to.size(); ++d) {
    loops.push_back({to[d] / from[d], 0, out[d] * from[d]});
    loops.push_back({from[d], in[d], out[d]});
  }
  return loops;
}

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  std::vector<int64_t> dims;
  const Shape& from = node.input(0).shape;
  for (int64_t repeats : list_attribute(node, "repeats", from.size(), 1)) {
    if (repeats < 1 || repeats > INT32_MAX)
      node.refuse("wrong-attribute", "repeats must lie in 1 .. 2^31 - 1");
    dims.push_back(repeats * from[dims.size()]);
  }
  const Shape shape = checked_shape(node, dims);
  refuse_deep(node, joined(loops_of(node, shape)).loops.size());
  return moved(node, shape);
}

KernelCall lower(const NodeView& node) {
  return strided_copy_call(node, loops_of(node, node.output().shape), 0);
}

}  // namespace

const OpDef tile_op{
    .name = "tile",
    .room = "nn",
    .summary = "a tensor side by side with itself; any type",
    .attributes = {{"repeats", {}, "how often, a dimension each"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
