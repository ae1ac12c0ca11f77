// SPDX-License-Identifier: Apache-2.0
// Host half of not_equal: two inputs of one type, broadcast -> boolean. See comparison.h.
#include "ops/nn/comparison.h"
#include "ops/nn/comparison_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

const ComparisonKernels kKernels{
    {MOTE_KERNEL(not_equal_each<float>), MOTE_INTEGER_KERNELS(not_equal_each),
     MOTE_KERNEL(not_equal_each<uint8_t>)},
    {Kernel{}, MOTE_KERNEL(not_equal_scaled<int8_t>), MOTE_KERNEL(not_equal_scaled<uint8_t>),
     MOTE_KERNEL(not_equal_scaled<int16_t>)}};

Inference infer(const NodeView& node) { return infer_comparison(node); }
KernelCall lower(const NodeView& node) { return lower_comparison(node, kKernels); }

}  // namespace

const OpDef not_equal_op{
    .name = "not_equal",
    .room = "nn",
    .summary = "a != b, element-wise, broadcast; any type to boolean",
    .attributes = {},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
