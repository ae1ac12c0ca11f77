// SPDX-License-Identifier: Apache-2.0
// Host half of dynamic_update_slice: inputs (x of any type, update of its type and rank, start s32
// [rank]) -> x's shape.
#include "ops/nn/dynamic_update_slice/dynamic_update_slice.h"

#include "ops/nn/dynamic_start.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  expect_like_data(node, 1);
  expect_start(node, 2);
  expect_within(node, node.input(1).shape, node.input(0).shape);
  return moved(node, node.input(0).shape);
}

KernelCall lower(const NodeView& node) {
  const Shape& x = node.input(0).shape;
  const Shape& update = node.input(1).shape;
  DynamicUpdateSliceParams params{};
  params.bytes = int32_t(node.input(0).bytes());
  set_start(node, x, update, params);
  set_loops(node, byte_loops(node, update, strides_of(update), strides_of(x)), params);
  return make_kernel_call("ops/nn/dynamic_update_slice/dynamic_update_slice.h",
                          MOTE_KERNEL(dynamic_update_slice), "DynamicUpdateSliceParams", params)
      .input_bytes(0)
      .input_bytes(1)
      .input(2)
      .output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  quantize_to_one_scale(quantizer, node, {0, 1});
}

}  // namespace

const OpDef dynamic_update_slice_op{
    .name = "dynamic_update_slice",
    .room = "nn",
    .summary = "a part replaced, where computed indices say; any type",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .quantize = quantize,
};

}  // namespace mote
