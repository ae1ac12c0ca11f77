// SPDX-License-Identifier: Apache-2.0
// Host half of trilu: any element type, rank at least 2 -> the same shape; outside the triangle the
// zero point. The rule of ONNX Trilu.
#include "ops/nn/trilu/trilu.h"

#include <algorithm>

#include "ops/element_order.h"
#include "ops/nn/movement.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  if (node.input(0).shape.size() < 2) node.refuse("wrong-shape", "the input must hold matrices");
  flag_attribute(node, "upper");
  return moved(node, node.input(0).shape);
}

KernelCall lower(const NodeView& node) {
  const Shape& shape = node.input(0).shape;
  const int64_t rows = shape[shape.size() - 2], columns = shape.back();
  const TriluParams params{product(shape, 0, shape.size() - 2),
                           int32_t(rows),
                           int32_t(columns),
                           element_bytes(node.input(0).type),
                           int32_t(std::clamp(node.integer("diagonal"), -rows, columns)),
                           flag_attribute(node, "upper"),
                           number_bits(node, node.output(), 0)};
  return make_kernel_call("ops/nn/trilu/trilu.h", MOTE_KERNEL(trilu), "TriluParams", params)
      .input_bytes(0)
      .output();
}

}  // namespace

const OpDef trilu_op{
    .name = "trilu",
    .room = "nn",
    .summary = "the upper or lower triangle of matrices; any type",
    .attributes = {{"upper", Attribute(int64_t{1}), "1: the upper triangle, 0: the lower"},
                   {"diagonal", Attribute(int64_t{0}),
                    "the last diagonal of the triangle; positive: above the main one"}},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
    .quantize = quantize_same_scale,
};

}  // namespace mote
