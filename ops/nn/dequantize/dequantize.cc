// SPDX-License-Identifier: Apache-2.0
// Host half of dequantize: s8, u8, s16 or s32 of any shape, with one scale or one a channel -> f32
// of the same shape.
#include "ops/nn/dequantize/dequantize.h"

#include "ops/element_order.h"
#include "ops/nn/broadcast_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/dequantize/dequantize.h";

const KernelsOfTypes kWhole{
    Kernel{}, MOTE_KERNEL(dequantize_each<int8_t>), MOTE_KERNEL(dequantize_each<uint8_t>),
    MOTE_KERNEL(dequantize_each<int16_t>), MOTE_KERNEL(dequantize_each<int32_t>)};
const KernelsOfTypes kChannels{
    Kernel{}, MOTE_KERNEL(dequantize_channels<int8_t>), MOTE_KERNEL(dequantize_channels<uint8_t>),
    MOTE_KERNEL(dequantize_channels<int16_t>), MOTE_KERNEL(dequantize_channels<int32_t>)};

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  kernel_of_type(node, 0, kWhole);
  if (input.quantization.empty())
    node.refuse("wrong-quantization", "the input has no scale", "cast it");
  if (input.type == ElementType::s32)
    for (int32_t zero_point : input.quantization.zero_points)
      if (zero_point != 0) node.refuse("wrong-quantization", "the zero point of s32 must be 0");
  return {{{ElementType::f32, input.shape, {}, joint_clock(node)}}, {}};
}

// The verifier holds that there are as many scales as indices of the axis.
KernelCall lower_channels(const NodeView& node) {
  const Value& input = node.input(0);
  const Quantization& q = input.quantization;
  if (q.axis < 0 || size_t(q.axis) >= input.shape.size() ||
      q.zero_points.size() != q.scales.size() ||
      int64_t(q.scales.size()) != input.shape[size_t(q.axis)])
    node.refuse("wrong-quantization", "the input's scales do not fit its shape");
  DequantizeChannelsParams params{1, int32_t(q.scales.size()), 1};
  for (size_t d = 0; d < input.shape.size(); ++d) {
    if (d < size_t(q.axis)) params.outer *= input.shape[d];
    if (d > size_t(q.axis)) params.inner *= input.shape[d];
  }
  return make_kernel_call(kHeader, kernel_of_type(node, 0, kChannels), "DequantizeChannelsParams",
                          params)
      .input(0)
      .constant("scales", ElementType::f32, q.scales)
      .constant("zero_points", ElementType::s32, q.zero_points)
      .output();
}

KernelCall lower(const NodeView& node) {
  const Value& input = node.input(0);
  if (input.quantization.scales.size() > 1) return lower_channels(node);
  const DequantizeParams params{int32_t(input.elements()), input.quantization.scale(),
                                input.quantization.zero_point()};
  return make_kernel_call(kHeader, kernel_of_type(node, 0, kWhole), "DequantizeParams", params)
      .input(0)
      .output();
}

}  // namespace

const OpDef dequantize_op{
    .name = "dequantize",
    .room = "nn",
    .summary = "quantised numbers to real ones; s8, u8, s16, s32 to f32",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
};

}  // namespace mote
