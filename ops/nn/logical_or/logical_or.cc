// SPDX-License-Identifier: Apache-2.0
// Host half of logical_or: two inputs boolean, broadcast -> boolean. See bitwise.h.
#include "ops/element_order.h"
#include "ops/nn/bitwise.h"
#include "ops/nn/pair_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr Kernel kNone{};
const KernelsOfTypes kKernels{
    kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, MOTE_KERNEL(logical_or_each)};

Inference infer(const NodeView& node) { return infer_plain_pair(node, kKernels); }
KernelCall lower(const NodeView& node) { return lower_pair(node, "ops/nn/bitwise.h", kKernels); }

}  // namespace

const OpDef logical_or_op{
    .name = "logical_or",
    .room = "nn",
    .summary = "whether one or both are true, element-wise, broadcast; boolean",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
};

}  // namespace mote
