// SPDX-License-Identifier: Apache-2.0
// Host half of shift_right: two inputs of one integer type, broadcast -> the same. See bitwise.h.
#include "ops/element_order.h"
#include "ops/nn/bitwise.h"
#include "ops/nn/pair_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

const KernelsOfTypes kKernels{Kernel{}, MOTE_INTEGER_KERNELS(shift_right_each), Kernel{}};

Inference infer(const NodeView& node) { return infer_plain_pair(node, kKernels); }
KernelCall lower(const NodeView& node) { return lower_pair(node, "ops/nn/bitwise.h", kKernels); }

}  // namespace

const OpDef shift_right_op{
    .name = "shift_right",
    .room = "nn",
    .summary = "floor(a / 2^b), element-wise, broadcast; integers",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
};

}  // namespace mote
