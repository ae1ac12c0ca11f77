// SPDX-License-Identifier: Apache-2.0
// Host half of div: two inputs of one type, broadcast -> their quotient. See div.h.
#include "ops/nn/div/div.h"

#include "ops/element_order.h"
#include "ops/nn/arithmetic_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr int32_t kLargestShift = 23;  // div_scaled says why

// The rule of TFLM CalculateOpDataDiv (tensorflow/lite/micro/kernels/div.cc), whose ratio the
// runtime computes in double, though its source rounds it to float.
KernelCall lower_scaled(const NodeView& node, const ArithmeticKernels& kernels) {
  const Quantization& a = node.input(0).quantization;
  const Quantization& b = node.input(1).quantization;
  const Quantization& y = node.output().quantization;
  const QuantizedMultiplier m =
      scale_ratio(node, double(a.scale()) / (double(b.scale()) * double(y.scale())), 255);
  if (m.shift > kLargestShift)
    node.refuse("wrong-quantization", "the quotient's scale is too small for its inputs",
                "use scales nearer to each other");
  const QuantizedClampRange range = quantized_activation_range(node, node.output());
  const ScaledProductParams params{
      {},           {},      {},        a.zero_point(), b.zero_point(), y.zero_point(),
      m.multiplier, m.shift, range.min, range.max};
  return pair_call(kernels.header, kernel_of_type(node, 0, kernels.scaled), "ScaledProductParams",
                   with_pair_walk(node, params));
}

const ArithmeticKernels kKernels{
    "ops/nn/div/div.h",
    MOTE_KERNEL(div_f32),
    MOTE_KERNEL(div_s32),
    {Kernel{}, MOTE_INTEGER_KERNELS(div_truncating), Kernel{}},
    {Kernel{}, MOTE_KERNEL(div_scaled<int8_t>), MOTE_KERNEL(div_scaled<uint8_t>)},
    lower_scaled};

Inference infer(const NodeView& node) { return infer_arithmetic(node, kKernels); }
KernelCall lower(const NodeView& node) { return lower_arithmetic(node, kKernels); }

}  // namespace

const OpDef div_op{
    .name = "div",
    .room = "nn",
    .summary =
        "element-wise quotient with fused activation, broadcast; f32, integers with or without "
        "scale",
    .attributes = fused_activation_attributes(),
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
    .quantize = quantize_pair,
};

}  // namespace mote
