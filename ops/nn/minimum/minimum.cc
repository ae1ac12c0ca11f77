// SPDX-License-Identifier: Apache-2.0
// Host half of minimum: two inputs of one type and scale, broadcast -> the same type. See
// minimum.h.
#include "ops/nn/minimum/minimum.h"

#include "ops/element_order.h"
#include "ops/nn/pair_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

const KernelsOfTypes kKernels{MOTE_KERNEL(minimum_each<float>), MOTE_INTEGER_KERNELS(minimum_each),
                              Kernel{}};

Inference infer(const NodeView& node) { return infer_pair_of_one_scale(node, kKernels); }
KernelCall lower(const NodeView& node) {
  return lower_pair(node, "ops/nn/minimum/minimum.h", kKernels);
}

}  // namespace

const OpDef minimum_op{
    .name = "minimum",
    .room = "nn",
    .summary = "the smaller of two numbers, element-wise, broadcast; f32, integers (of one scale)",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
    .quantize = quantize_pair_at_one_scale,
};

}  // namespace mote
