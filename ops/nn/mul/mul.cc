// SPDX-License-Identifier: Apache-2.0
// Host half of mul: two inputs of one type, broadcast -> their product. See mul.h.
#include "ops/nn/mul/mul.h"

#include <cstdlib>

#include "ops/element_order.h"
#include "ops/nn/arithmetic_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

// The rule of TFLM CalculateOpDataMul (tensorflow/lite/micro/kernels/mul_common.cc).
QuantizedMultiplier product_ratio(const NodeView& node) {
  const auto a = double(node.input(0).quantization.scale());
  const auto b = double(node.input(1).quantization.scale());
  const bool wide = node.input(0).type == ElementType::s16;
  return scale_ratio(node, a * b / double(node.output().quantization.scale()),
                     wide ? 1 << 30 : 255 * 255);
}

// A format that gives the ratio may read an input at another zero point than the layer that wrote
// it: ExecuTorch's hard swish is x * (x + 3) without an addition.
constexpr int64_t kMostZeroPoint = 1024;
void set_given(const NodeView& node, ScaledProductParams& p) {
  const std::vector<int64_t>& zero_points = node.integers("zero_points");
  if (!zero_points.empty()) {
    for (int64_t z : zero_points)
      if (zero_points.size() != 2 || z < -kMostZeroPoint || z > kMostZeroPoint)
        node.refuse("wrong-attribute", "zero_points must be two numbers in -1024 .. 1024");
    p.a_zero_point = int32_t(zero_points[0]);
    p.b_zero_point = int32_t(zero_points[1]);
  }
  const int64_t largest =
      (128 + std::abs(int64_t(p.a_zero_point))) * (128 + std::abs(int64_t(p.b_zero_point)));
  const QuantizedMultiplier m = given_ratios(node, {largest})[0];
  p.output_multiplier = m.multiplier;
  p.output_shift = m.shift;
}

KernelCall lower_scaled(const NodeView& node, const ArithmeticKernels& kernels) {
  const QuantizedClampRange range = quantized_activation_range(node, node.output());
  ScaledProductParams params{};
  params.a_zero_point = node.input(0).quantization.zero_point();
  params.b_zero_point = node.input(1).quantization.zero_point();
  params.output_zero_point = node.output().quantization.zero_point();
  params.output_min = range.min;
  params.output_max = range.max;
  if (has_given_ratios(node)) {
    set_given(node, params);
  } else {
    const QuantizedMultiplier m = product_ratio(node);
    params.output_multiplier = m.multiplier;
    params.output_shift = m.shift;
  }
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

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all = fused_activation_attributes();
  for (AttributeSpec& spec : ratio_attributes("of the product")) all.push_back(std::move(spec));
  all.push_back({"zero_points", Attribute(std::vector<int64_t>{}),
                 "of a and b, where the multiplier is given; empty: the inputs' own"});
  return all;
}

}  // namespace

const OpDef mul_op{
    .name = "mul",
    .room = "nn",
    .summary =
        "element-wise product with fused activation, broadcast; f32, integers with or without "
        "scale",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
    .quantize = quantize_pair,
};

}  // namespace mote
