// SPDX-License-Identifier: Apache-2.0
// Host half of dynamic_slice: inputs (x of any type, start s32 [rank]) -> `size` numbers along each
// dimension. What TFLM's SLICE does with a computed begin
// (tensorflow/lite/micro/kernels/slice.cc); where that would read outside, the start is limited.
#include "ops/nn/dynamic_slice/dynamic_slice.h"

#include "ops/nn/dynamic_start.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  expect_movable(node, 0);
  expect_start(node, 1);
  const Shape& x = node.input(0).shape;
  const Shape size = checked_shape(node, list_attribute(node, "size", x.size(), 1));
  expect_within(node, size, x);
  return moved(node, size);
}

KernelCall lower(const NodeView& node) {
  const Shape& x = node.input(0).shape;
  const Shape& size = node.output().shape;
  DynamicSliceParams params{};
  set_start(node, x, size, params);
  set_loops(node, byte_loops(node, size, strides_of(x), strides_of(size)), params);
  return make_kernel_call("ops/nn/dynamic_slice/dynamic_slice.h", MOTE_KERNEL(dynamic_slice),
                          "DynamicSliceParams", params)
      .input_bytes(0)
      .input(1)
      .output();
}

}  // namespace

const OpDef dynamic_slice_op{
    .name = "dynamic_slice",
    .room = "nn",
    .summary = "a part of fixed size that begins at computed indices; any type",
    .attributes = {{"size", {}, "how many, a dimension each"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
