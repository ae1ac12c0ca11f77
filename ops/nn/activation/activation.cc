// SPDX-License-Identifier: Apache-2.0
// Host half of activation, where it is not fused into the layer before: f32 | s8 | s16 of any shape
// -> the same type and shape. At equal scales the s8 form is exactly TFLM's Relu6Quantized; at
// different ones its ReluQuantized.
#include "ops/nn/activation/activation.h"

#include "ops/activation.h"
#include "ops/element_order.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/activation/activation.h";

Inference infer(const NodeView& node) {
  if (node.input(0).type == ElementType::s16)
    expect_one_scale(node, 0);
  else
    expect_f32_or_s8(node, 0);
  activation_range(node);  // refuses an unknown name
  return {{like_input(node, node.input(0).shape)}, {}};
}

KernelCall lower(const NodeView& node) {
  const Value& input = node.input(0);
  const auto count = int32_t(input.elements());
  if (input.type == ElementType::f32) {
    const ClampRange range = activation_range(node);
    const ActivationF32Params params{count, range.min, range.max};
    return make_kernel_call(kHeader, MOTE_KERNEL(activation_f32), "ActivationF32Params", params)
        .input(0)
        .output();
  }
  const Quantization& from = input.quantization;
  const Quantization& to = node.output().quantization;
  const bool s8 = input.type == ElementType::s8;
  const QuantizedMultiplier m =
      scale_ratio(node, double(from.scale()) / double(to.scale()), s8 ? 255 : 65535);
  const QuantizedClampRange range = quantized_activation_range(node, node.output());
  const RequantizeParams params{count,   from.zero_point(), to.zero_point(), m.multiplier,
                                m.shift, range.min,         range.max};
  const Kernel kernel = s8 ? MOTE_KERNEL(requantize_s8) : MOTE_KERNEL(activation_s16);
  return make_kernel_call(kHeader, kernel, "RequantizeParams", params).input(0).output();
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  quantizer.replace(node, activation_op, {quantizer.input(node, 0)},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

}  // namespace

const OpDef activation_op{
    .name = "activation",
    .room = "nn",
    .summary = "relu, relu6, relu_n1_to_1, relu_0_to_1 as a layer of its own; f32, s8, s16",
    .attributes = fused_activation_attributes(),
    .infer = infer,
    .lower = lower,
    .order = in_turn,
    .quantize = quantize,
};

}  // namespace mote
