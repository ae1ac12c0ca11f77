// SPDX-License-Identifier: Apache-2.0
// Host half of sub: two inputs of one type, broadcast -> their difference. See sub.h; scaled as
// TFLM CalculateOpDataSub (tensorflow/lite/micro/kernels/sub_common.cc), whose ratios the runtime
// computes in double, though its source rounds them to float.
#include "ops/nn/sub/sub.h"

#include "ops/element_order.h"
#include "ops/nn/arithmetic_layer.h"
#include "ops/nn/linear_pair_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

const ArithmeticKernels kKernels{
    "ops/nn/sub/sub.h",
    MOTE_KERNEL(sub_f32),
    MOTE_KERNEL(sub_s32),
    {Kernel{}, MOTE_INTEGER_KERNELS(sub_wrapping), Kernel{}},
    {Kernel{}, MOTE_KERNEL(sub_scaled<int8_t>), MOTE_KERNEL(sub_scaled<uint8_t>),
     MOTE_KERNEL(sub_scaled<int16_t>)},
    lower_at_common_scale};

Inference infer(const NodeView& node) { return infer_arithmetic(node, kKernels); }
KernelCall lower(const NodeView& node) { return lower_arithmetic(node, kKernels); }
template <InstructionSet kCore>
std::optional<KernelCall> lower_linear(const NodeView& node) {
  return lower_linear_pair(node, lower(node), -1, kCore);
}

}  // namespace

const OpDef sub_op{
    .name = "sub",
    .room = "nn",
    .summary =
        "element-wise difference with fused activation, broadcast; f32, integers with or without "
        "scale",
    .attributes = fused_activation_attributes(),
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
    .variants = {{InstructionSet::mve, lower_linear<InstructionSet::mve>},
                 {InstructionSet::scalar, lower_linear<InstructionSet::scalar>}},
    .quantize = quantize_pair,
};

}  // namespace mote
