// SPDX-License-Identifier: Apache-2.0
// slice: y[i, j, ...] = x[begin + i * step, ...] for `size` numbers along each dimension. Any
// element type, rank at most 8 -> the same numbers. A step of -1 over a whole dimension reverses
// it. One strided_copy.
#include "ops/nn/movement.h"
#include "ops/registry.h"

namespace mote {
namespace {

struct Part {
  std::vector<int64_t> begin, size, step;
};

Part part_of(const NodeView& node) {
  const size_t rank = node.input(0).shape.size();
  return {list_attribute(node, "begin", rank, 0), list_attribute(node, "size", rank, 1),
          list_attribute(node, "step", rank, 1)};
}

// Within the input without overflow: |step| * (size - 1) < 2^31 * 2^31.
void check_dimension(const NodeView& node, const Part& part, size_t d) {
  const int64_t extent = node.input(0).shape[d];
  const int64_t begin = part.begin[d], step = part.step[d];
  const bool sane = begin >= 0 && begin < extent && part.size[d] <= extent && step != 0 &&
                    step > -INT32_MAX && step < INT32_MAX;
  const int64_t last = sane ? begin + step * (part.size[d] - 1) : -1;
  if (last < 0 || last >= extent)
    node.refuse("wrong-attribute", "the slice leaves dimension " + std::to_string(d) + " of " +
                                       std::to_string(extent));
}

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  const Part part = part_of(node);
  const Shape shape = checked_shape(node, part.size);
  for (size_t d = 0; d < shape.size(); ++d) check_dimension(node, part, d);
  return moved(node, shape);
}

KernelCall lower(const NodeView& node) {
  const Part part = part_of(node);
  const std::vector<int64_t> in = strides_of(node.input(0).shape);
  const std::vector<int64_t> out = strides_of(node.output().shape);
  std::vector<Loop> loops;
  int64_t offset = 0;
  for (size_t d = 0; d < in.size(); ++d) {
    loops.push_back({part.size[d], in[d] * part.step[d], out[d]});
    offset += in[d] * part.begin[d];
  }
  return strided_copy_call(node, loops, offset);
}

}  // namespace

const OpDef slice_op{
    .name = "slice",
    .room = "nn",
    .summary = "a part of a tensor, with steps, also backwards; any type",
    .attributes = {{"begin", {}, "index of the first number, a dimension each"},
                   {"size", {}, "how many, a dimension each"},
                   {"step", Attribute(std::vector<int64_t>{}),
                    "distance of neighbours, a dimension each; negative: backwards"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
