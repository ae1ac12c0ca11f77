// SPDX-License-Identifier: Apache-2.0
// Host half of reverse_sequence: inputs (x of any type, lengths s32 [batch]) -> x's shape. The rule
// of LiteRT's REVERSE_SEQUENCE and ONNX ReverseSequence.
#include "ops/nn/reverse_sequence/reverse_sequence.h"

#include <algorithm>

#include "ops/nn/movement.h"
#include "ops/registry.h"

namespace mote {
namespace {

struct Axes {
  size_t sequence;
  size_t batch;
};

Axes axes_of(const NodeView& node) {
  const size_t rank = node.input(0).shape.size();
  const Axes axes{axis_attribute(node, "sequence_axis", rank),
                  axis_attribute(node, "batch_axis", rank)};
  if (axes.sequence == axes.batch)
    node.refuse("wrong-attribute", "sequence_axis and batch_axis are the same");
  return axes;
}

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  expect_indices(node, 1);
  const Axes axes = axes_of(node);
  if (node.input(1).shape != Shape{node.input(0).shape[axes.batch]})
    node.refuse("wrong-shape", "there must be one length for each index of the batch axis");
  return moved(node, node.input(0).shape);
}

KernelCall lower(const NodeView& node) {
  const Axes axes = axes_of(node);
  const Shape& x = node.input(0).shape;
  const size_t low = std::min(axes.sequence, axes.batch);
  const size_t high = std::max(axes.sequence, axes.batch);
  const ReverseSequenceParams params{
      product(x, 0, low),
      x[low],
      product(x, low + 1, high),
      x[high],
      product(x, high + 1, x.size()) * element_bytes(node.input(0).type),
      axes.batch == low};
  return make_kernel_call("ops/nn/reverse_sequence/reverse_sequence.h",
                          MOTE_KERNEL(reverse_sequence), "ReverseSequenceParams", params)
      .input_bytes(0)
      .input(1)
      .output();
}

}  // namespace

const OpDef reverse_sequence_op{
    .name = "reverse_sequence",
    .room = "nn",
    .summary = "sequences backwards up to a length each; any type",
    .attributes = {{"sequence_axis", {}, "the dimension that is reversed"},
                   {"batch_axis", {}, "the dimension that the lengths belong to"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
