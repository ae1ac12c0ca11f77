// SPDX-License-Identifier: Apache-2.0
// Host half of mul: two inputs of one type, broadcast -> their product. See mul.h.
#include "ops/nn/mul/mul.h"

#include "ops/nn/arithmetic_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

// The rule of TFLM CalculateOpDataMul (tensorflow/lite/micro/kernels/mul_common.cc).
KernelCall lower_scaled(const NodeView& node, const ArithmeticKernels& kernels) {
  const Quantization& a = node.input(0).quantization;
  const Quantization& b = node.input(1).quantization;
  const Quantization& y = node.output().quantization;
  const bool wide = node.input(0).type == ElementType::s16;
  const QuantizedMultiplier m = scale_ratio(
      node, double(a.scale()) * double(b.scale()) / double(y.scale()), wide ? 1 << 30 : 255 * 255);
  const QuantizedClampRange range = quantized_activation_range(node, node.output());
  const ScaledProductParams params{
      {},           {},      {},        a.zero_point(), b.zero_point(), y.zero_point(),
      m.multiplier, m.shift, range.min, range.max};
  return pair_call(kernels.header, kernel_of_type(node, 0, kernels.scaled), "ScaledProductParams",
                   with_pair_walk(node, params));
}

const ArithmeticKernels kKernels{
    "ops/nn/mul/mul.h",
    MOTE_KERNEL(mul_f32),
    MOTE_KERNEL(mul_s32),
    {Kernel{}, MOTE_INTEGER_KERNELS(mul_wrapping), Kernel{}},
    {Kernel{}, MOTE_KERNEL(mul_scaled<int8_t>), MOTE_KERNEL(mul_scaled<uint8_t>),
     MOTE_KERNEL(mul_scaled<int16_t>)},
    lower_scaled};

Inference infer(const NodeView& node) { return infer_arithmetic(node, kKernels); }
KernelCall lower(const NodeView& node) { return lower_arithmetic(node, kKernels); }

}  // namespace

const OpDef mul_op{
    .name = "mul",
    .room = "nn",
    .summary =
        "element-wise product with fused activation, broadcast; f32, integers with or without "
        "scale",
    .attributes = fused_activation_attributes(),
    .infer = infer,
    .lower = lower,
    .quantize = quantize_pair,
    .alias = Alias::in_place,
};

}  // namespace mote
