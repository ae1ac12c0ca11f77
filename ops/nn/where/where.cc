// SPDX-License-Identifier: Apache-2.0
// Host half of where: (condition boolean, a, b) of one type and scale, broadcast -> their type. See
// where.h.
#include "ops/nn/where/where.h"

#include "ops/nn/broadcast_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  if (node.input(0).type != ElementType::boolean)
    node.refuse("wrong-type", "the condition must be boolean", "compare or cast first");
  expect_same_types(node, 1, 3);
  expect_same_scale(node, 1);
  const Value& a = node.input(1);
  if (a.quantization.scales.size() > 1)
    node.refuse("wrong-quantization", "input 1 must have one scale");
  return {{{a.type, broadcast_shape(node, 3), a.quantization, joint_clock(node)}}, {}};
}

const KernelsOfTypes kKernels{MOTE_KERNEL(where_each<float>), MOTE_INTEGER_KERNELS(where_each),
                              MOTE_KERNEL(where_each<uint8_t>)};

KernelCall lower(const NodeView& node) {
  const BroadcastWalk walk = broadcast_walk(node, 3);
  WhereParams params{};
  copy_walk(walk.sizes, params.sizes);
  copy_walk(walk.strides[0], params.condition_strides);
  copy_walk(walk.strides[1], params.a_strides);
  copy_walk(walk.strides[2], params.b_strides);
  return make_kernel_call("ops/nn/where/where.h", kernel_of_type(node, 1, kKernels), "WhereParams",
                          params)
      .input(0)
      .input(1)
      .input(2)
      .output();
}

}  // namespace

const OpDef where_op{
    .name = "where",
    .room = "nn",
    .summary = "elements of a or of b, as a condition says, broadcast; any type",
    .attributes = {},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
