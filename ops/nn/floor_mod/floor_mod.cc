// SPDX-License-Identifier: Apache-2.0
// Host half of floor_mod: two inputs of one type, broadcast -> the same type. See floor_mod.h.
#include "ops/nn/floor_mod/floor_mod.h"

#include "ops/element_order.h"
#include "ops/nn/pair_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

const KernelsOfTypes kKernels{MOTE_KERNEL(floor_mod_each_f32),
                              MOTE_INTEGER_KERNELS(floor_mod_each_integer), Kernel{}};

Inference infer(const NodeView& node) { return infer_plain_pair(node, kKernels); }
KernelCall lower(const NodeView& node) {
  return lower_pair(node, "ops/nn/floor_mod/floor_mod.h", kKernels);
}

}  // namespace

const OpDef floor_mod_op{
    .name = "floor_mod",
    .room = "nn",
    .summary =
        "a - b floor(a / b), element-wise, broadcast: the sign of b; f32, integers without scale",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
};

}  // namespace mote
