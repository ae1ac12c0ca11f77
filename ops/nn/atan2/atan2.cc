// SPDX-License-Identifier: Apache-2.0
// Host half of atan2: two inputs f32, broadcast -> f32. See atan2.h.
#include "ops/nn/atan2/atan2.h"

#include "ops/element_order.h"
#include "ops/nn/pair_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

const KernelsOfTypes kKernels{MOTE_KERNEL(atan2_each_f32)};

Inference infer(const NodeView& node) { return infer_plain_pair(node, kKernels); }
KernelCall lower(const NodeView& node) {
  return lower_pair(node, "ops/nn/atan2/atan2.h", kKernels);
}

}  // namespace

const OpDef atan2_op{
    .name = "atan2",
    .room = "nn",
    .summary = "angle of the point (b, a), element-wise, broadcast; f32",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
};

}  // namespace mote
