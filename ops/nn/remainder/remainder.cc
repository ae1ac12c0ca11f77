// SPDX-License-Identifier: Apache-2.0
// Host half of remainder: two inputs of one type, broadcast -> the same type. See remainder.h.
#include "ops/nn/remainder/remainder.h"

#include "ops/element_order.h"
#include "ops/nn/pair_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

const KernelsOfTypes kKernels{MOTE_KERNEL(remainder_each_f32),
                              MOTE_INTEGER_KERNELS(remainder_each_integer), Kernel{}};

Inference infer(const NodeView& node) { return infer_plain_pair(node, kKernels); }
KernelCall lower(const NodeView& node) {
  return lower_pair(node, "ops/nn/remainder/remainder.h", kKernels);
}

}  // namespace

const OpDef remainder_op{
    .name = "remainder",
    .room = "nn",
    .summary =
        "a - b trunc(a / b), element-wise, broadcast: the sign of a; f32, integers without scale",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
};

}  // namespace mote
