// SPDX-License-Identifier: Apache-2.0
// Host half of add: two inputs of one type, broadcast -> their sum. See add.h.
#include "ops/nn/add/add.h"

#include "ops/nn/arithmetic_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

// The rule of TFLM CalculateOpDataAdd (tensorflow/lite/micro/kernels/add_common.cc).
KernelCall lower_scaled(const NodeView& node, const ArithmeticKernels& kernels) {
  const bool wide = node.input(0).type == ElementType::s16;
  const int32_t left_shift = wide ? 15 : 20;
  const auto a = double(node.input(0).quantization.scale());
  const auto b = double(node.input(1).quantization.scale());
  const double common = 2 * std::max(a, b);
  CommonScaleParams params = common_scale_params(node, left_shift);
  const int64_t largest = wide ? 1 << 30 : 1 << 28;
  const QuantizedMultiplier a_to_common = scale_ratio(node, a / common, largest);
  const QuantizedMultiplier b_to_common = scale_ratio(node, b / common, largest);
  const QuantizedMultiplier out = scale_ratio(
      node, common / (double(1 << left_shift) * double(node.output().quantization.scale())),
      largest);
  params.a_multiplier = a_to_common.multiplier;
  params.a_shift = a_to_common.shift;
  params.b_multiplier = b_to_common.multiplier;
  params.b_shift = b_to_common.shift;
  params.output_multiplier = out.multiplier;
  params.output_shift = out.shift;
  set_output(node, quantized_activation_range(node, node.output()), params);
  return pair_call(kernels.header, kernel_of_type(node, 0, kernels.scaled), "CommonScaleParams",
                   params);
}

const ArithmeticKernels kKernels{
    "ops/nn/add/add.h",
    MOTE_KERNEL(add_f32),
    MOTE_KERNEL(add_s32),
    {Kernel{}, MOTE_INTEGER_KERNELS(add_wrapping), Kernel{}},
    {Kernel{}, MOTE_KERNEL(add_scaled<int8_t>), MOTE_KERNEL(add_scaled<uint8_t>),
     MOTE_KERNEL(add_scaled<int16_t>)},
    lower_scaled};

Inference infer(const NodeView& node) { return infer_arithmetic(node, kKernels); }
KernelCall lower(const NodeView& node) { return lower_arithmetic(node, kKernels); }

}  // namespace

const OpDef add_op{
    .name = "add",
    .room = "nn",
    .summary =
        "element-wise sum with fused activation, broadcast; f32, integers with or without scale",
    .attributes = fused_activation_attributes(),
    .infer = infer,
    .lower = lower,
    .quantize = quantize_pair,
    .alias = Alias::in_place,
};

}  // namespace mote
