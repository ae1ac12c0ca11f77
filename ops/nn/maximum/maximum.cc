// SPDX-License-Identifier: Apache-2.0
// Host half of maximum: two inputs of one type and scale, broadcast -> the same type. See
// maximum.h.
#include "ops/nn/maximum/maximum.h"

#include "ops/element_order.h"
#include "ops/nn/pair_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

const KernelsOfTypes kKernels{MOTE_KERNEL(maximum_each<float>), MOTE_INTEGER_KERNELS(maximum_each),
                              Kernel{}};

Inference infer(const NodeView& node) { return infer_pair_of_one_scale(node, kKernels); }
KernelCall lower(const NodeView& node) {
  return lower_pair(node, "ops/nn/maximum/maximum.h", kKernels);
}

}  // namespace

const OpDef maximum_op{
    .name = "maximum",
    .room = "nn",
    .summary = "the larger of two numbers, element-wise, broadcast; f32, integers (of one scale)",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
    .quantize = quantize_pair_at_one_scale,
};

}  // namespace mote
