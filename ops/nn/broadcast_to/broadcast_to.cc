// SPDX-License-Identifier: Apache-2.0
// broadcast_to: dimensions of 1, and those in front of the first, repeated to the wanted shape. Any
// element type -> the same numbers. One strided_copy whose input strides are 0 where it repeats.
#include "ops/nn/movement.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  const Shape& from = node.input(0).shape;
  const Shape shape = checked_shape(node, node.integers("shape"));
  bool fits = shape.size() >= from.size();
  for (size_t d = 0; fits && d < from.size(); ++d)
    fits = from[d] == 1 || from[d] == shape[shape.size() - from.size() + d];
  if (!fits) node.refuse("wrong-shape", "only dimensions of 1 can be repeated to the wanted shape");
  return moved(node, shape);
}

KernelCall lower(const NodeView& node) {
  const Shape& from = node.input(0).shape;
  const Shape& to = node.output().shape;
  const std::vector<int64_t> in = strides_of(from);
  const std::vector<int64_t> out = strides_of(to);
  std::vector<Loop> loops;
  for (size_t d = 0; d < to.size(); ++d) {
    const size_t front = to.size() - from.size();
    const bool repeats = d < front || from[d - front] == 1;
    loops.push_back({to[d], repeats ? 0 : in[d - front], out[d]});
  }
  return strided_copy_call(node, loops, 0);
}

}  // namespace

const OpDef broadcast_to_op{
    .name = "broadcast_to",
    .room = "nn",
    .summary = "dimensions of 1 repeated to a shape; any type",
    .attributes = {{"shape", {}, "the shape to repeat to"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
