// SPDX-License-Identifier: Apache-2.0
// Host half of less: two inputs of one type, broadcast -> boolean. See comparison.h.
#include "ops/nn/comparison.h"
#include "ops/nn/comparison_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

const ComparisonKernels kKernels{
    {MOTE_KERNEL(less_each<float>), MOTE_INTEGER_KERNELS(less_each),
     MOTE_KERNEL(less_each<uint8_t>)},
    {Kernel{}, MOTE_KERNEL(less_scaled<int8_t>), MOTE_KERNEL(less_scaled<uint8_t>),
     MOTE_KERNEL(less_scaled<int16_t>)}};

Inference infer(const NodeView& node) { return infer_comparison(node); }
KernelCall lower(const NodeView& node) { return lower_comparison(node, kKernels); }

}  // namespace

const OpDef less_op{
    .name = "less",
    .room = "nn",
    .summary = "a < b, element-wise, broadcast; any type to boolean",
    .attributes = {},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
