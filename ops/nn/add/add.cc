// SPDX-License-Identifier: Apache-2.0
// Host half of add: two inputs of one type, broadcast -> their sum. See add.h; scaled as TFLM
// CalculateOpDataAdd (tensorflow/lite/micro/kernels/add_common.cc).
#include "ops/nn/add/add.h"

#include "ops/element_order.h"
#include "ops/nn/arithmetic_layer.h"
#include "ops/nn/linear_pair_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

const ArithmeticKernels kKernels{
    "ops/nn/add/add.h",
    MOTE_KERNEL(add_f32),
    MOTE_KERNEL(add_s32),
    {Kernel{}, MOTE_INTEGER_KERNELS(add_wrapping), Kernel{}},
    {Kernel{}, MOTE_KERNEL(add_scaled<int8_t>), MOTE_KERNEL(add_scaled<uint8_t>),
     MOTE_KERNEL(add_scaled<int16_t>)},
    lower_at_common_scale};

Inference infer(const NodeView& node) { return infer_arithmetic(node, kKernels); }
KernelCall lower(const NodeView& node) { return lower_arithmetic(node, kKernels); }
template <InstructionSet kCore>
std::optional<KernelCall> lower_linear(const NodeView& node) {
  return lower_linear_pair(node, lower(node), 1, kCore);
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = fused_activation_attributes();
  for (AttributeSpec& spec : ratio_attributes("of a, of b, of their sum"))
    all.push_back(std::move(spec));
  return all;
}

}  // namespace

const OpDef add_op{
    .name = "add",
    .room = "nn",
    .summary =
        "element-wise sum with fused activation, broadcast; f32, integers with or without scale",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
    .variants = {{InstructionSet::mve, lower_linear<InstructionSet::mve>},
                 {InstructionSet::scalar, lower_linear<InstructionSet::scalar>}},
    .quantize = quantize_pair,
};

}  // namespace mote
