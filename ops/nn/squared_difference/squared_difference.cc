// SPDX-License-Identifier: Apache-2.0
// Host half of squared_difference: two inputs of one type, broadcast -> (a - b)^2.
#include "ops/nn/squared_difference/squared_difference.h"

#include "ops/element_order.h"
#include "ops/nn/arithmetic_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/squared_difference/squared_difference.h";

const KernelsOfTypes kPlain{MOTE_KERNEL(squared_difference_f32),
                            MOTE_INTEGER_KERNELS(squared_difference_wrapping), Kernel{}};
const KernelsOfTypes kScaled{Kernel{}, MOTE_KERNEL(squared_difference_scaled<int8_t>),
                             MOTE_KERNEL(squared_difference_scaled<uint8_t>),
                             MOTE_KERNEL(squared_difference_scaled<int16_t>)};

Inference infer(const NodeView& node) {
  expect_same_types(node, 0, 2);
  ValueType type{node.input(0).type, broadcast_shape(node, 2), {}, joint_clock(node)};
  if (are_scaled(node))
    type.quantization = output_quantization(node);
  else
    kernel_of_type(node, 0, kPlain);
  return {{type}, {}};
}

// The rule of TFLM PrepareQuantized (tensorflow/lite/micro/kernels/squared_difference.cc).
KernelCall lower_scaled(const NodeView& node) {
  const bool wide = node.input(0).type == ElementType::s16;
  const int32_t left_shift = wide ? 0 : 7;
  const auto a = double(node.input(0).quantization.scale());
  const auto b = double(node.input(1).quantization.scale());
  const double common = 2 * std::max(a, b);
  const float unit = float(1 << (2 * left_shift)) * node.output().quantization.scale();
  const QuantizedMultiplier a_to_common = scale_ratio(node, a / common, 1 << 15);
  const QuantizedMultiplier b_to_common = scale_ratio(node, b / common, 1 << 15);
  const QuantizedMultiplier out = scale_ratio(node, common * common / double(unit), 1 << 30);
  CommonScaleParams params = common_scale_params(node, left_shift);
  params.a_multiplier = a_to_common.multiplier;
  params.a_shift = a_to_common.shift;
  params.b_multiplier = b_to_common.multiplier;
  params.b_shift = b_to_common.shift;
  params.output_multiplier = out.multiplier;
  params.output_shift = out.shift;
  set_output(node, limits_of(node.output().type), params);
  return pair_call(kHeader, kernel_of_type(node, 0, kScaled), "CommonScaleParams", params);
}

KernelCall lower(const NodeView& node) {
  if (are_scaled(node)) return lower_scaled(node);
  return pair_call(kHeader, kernel_of_type(node, 0, kPlain), "PairParams",
                   with_pair_walk(node, PairParams{}));
}

}  // namespace

const OpDef squared_difference_op{
    .name = "squared_difference",
    .room = "nn",
    .summary = "element-wise (a - b)^2, broadcast; f32, integers with or without scale",
    .attributes = output_quantization_attributes(),
    .infer = infer,
    .lower = lower,
    .order = all_in_turn,
    .quantize = quantize_pair,
};

}  // namespace mote
