// SPDX-License-Identifier: Apache-2.0
// Host half of logical_not: any shape -> the same. See bitwise.h.
#include "ops/element_order.h"
#include "ops/nn/bitwise.h"
#include "ops/nn/broadcast_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

const KernelsOfTypes kKernels{Kernel{}, Kernel{}, Kernel{},
                              Kernel{}, Kernel{}, Kernel{},
                              Kernel{}, Kernel{}, MOTE_KERNEL(logical_not_each)};

Inference infer(const NodeView& node) {
  kernel_of_type(node, 0, kKernels);
  const Value& x = node.input(0);
  return {{{x.type, x.shape, {}, joint_clock(node)}}, {}};
}
KernelCall lower(const NodeView& node) {
  const BitwiseNotParams params{int32_t(node.input(0).elements())};
  return make_kernel_call("ops/nn/bitwise.h", kernel_of_type(node, 0, kKernels), "BitwiseNotParams",
                          params)
      .input(0)
      .output();
}

}  // namespace

const OpDef logical_not_op{
    .name = "logical_not",
    .room = "nn",
    .summary = "true for false; boolean",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
};

}  // namespace mote
