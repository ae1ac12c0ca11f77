// SPDX-License-Identifier: Apache-2.0
// See conv_2d_layer.h.
#include "ops/nn/conv_2d_layer.h"

#include "ops/activation.h"

namespace mote {
namespace {

// 2^31 / (255 * 127), rounded down to leave room for the bias.
constexpr int64_t kMostTaps = 66000;

void check_scales(const NodeView& node, int32_t channels) {
  const size_t scales = node.input(1).quantization.scales.size();
  if (scales != 1 && scales != size_t(channels))
    node.refuse("wrong-quantization", "the weights have " + std::to_string(scales) +
                                          " scales for " + std::to_string(channels) + " channels");
  for (int32_t zero_point : node.input(1).quantization.zero_points)
    if (zero_point != 0) node.refuse("wrong-quantization", "the weights' zero point must be 0");
}

}  // namespace

std::vector<AttributeSpec> conv_2d_attributes() {
  std::vector<AttributeSpec> all = window_2d_attributes(Dilation::attribute);
  for (AttributeSpec& spec : output_quantization_attributes()) all.push_back(std::move(spec));
  all.push_back(activation_attribute());
  return all;
}

void check_conv_2d(const NodeView& node, int32_t channels, int64_t taps) {
  const Value& input = node.input(0);
  const Value& weights = node.input(1);
  const bool integer = input.type == ElementType::s8;
  if ((!integer && input.type != ElementType::f32) || weights.type != input.type)
    node.refuse("wrong-type",
                std::string("input is ") + to_string(input.type) + ", weights are " +
                    to_string(weights.type),
                "use f32 with f32 or s8 with s8");
  if (weights.kind != ValueKind::constant)
    node.refuse("wrong-type", "the weights must be constant");
  if (node.has_input(2) && (node.input(2).elements() != channels ||
                            node.input(2).type != (integer ? ElementType::s32 : ElementType::f32)))
    node.refuse("wrong-shape", "the bias must hold one f32 (s32 for s8) an output channel");
  if (!integer) return;
  check_scales(node, channels);
  if (taps > kMostTaps)
    node.refuse("too-large", std::to_string(taps) + " products in one sum overflow 32 bits",
                "at most " + std::to_string(kMostTaps));
}

Conv2dParams conv_2d_sizes(const NodeView& node, int32_t output_channels) {
  const Shape& kernel = node.input(1).shape;
  const Window2d w = window_2d(node, kernel[1], kernel[2], Dilation::attribute);
  const Shape& x = node.input(0).shape;
  return {x[0],
          x[1],
          x[2],
          x[3],
          w.output_h,
          w.output_w,
          output_channels,
          w.kernel_h,
          w.kernel_w,
          w.stride_h,
          w.stride_w,
          w.dilation_h,
          w.dilation_w,
          w.pad_top,
          w.pad_left,
          0,
          0,
          0,
          0};
}

Inference infer_conv_2d(const NodeView& node, int32_t output_channels) {
  const Conv2dParams p = conv_2d_sizes(node, output_channels);
  return {{like_input(node, {p.batches, p.output_h, p.output_w, p.output_channels})}, {}};
}

namespace {

KernelCall lower_f32(const NodeView& node, const Conv2dParams& p, const Conv2dKernels& kernels) {
  const ClampRange clamp = activation_range(node);
  const Conv2dF32Params params{
      p.batches,         p.input_h,  p.input_w,  p.input_channels, p.output_h, p.output_w,
      p.output_channels, p.kernel_h, p.kernel_w, p.stride_h,       p.stride_w, p.dilation_h,
      p.dilation_w,      p.pad_top,  p.pad_left, clamp.min,        clamp.max};
  KernelCall call = make_kernel_call(kernels.header, kernels.f32, "Conv2dF32Params", params);
  call.input(0).input(1);
  node.has_input(2) ? call.input(2) : call.null();
  return call.output();
}

KernelCall lower_s8(const NodeView& node, Conv2dParams params, const Conv2dKernels& kernels) {
  const Value& output = node.output();
  const QuantizedClampRange clamp = quantized_activation_range(node, output);
  params.input_zero_point = node.input(0).quantization.zero_point();
  params.output_zero_point = output.quantization.zero_point();
  params.output_min = clamp.min;
  params.output_max = clamp.max;
  const ChannelMultipliers m =
      channel_multipliers(node.input(0), node.input(1), output, params.output_channels);
  KernelCall call = make_kernel_call(kernels.header, kernels.s8, "Conv2dParams", params);
  call.input(0).input(1);
  node.has_input(2) ? call.input(2) : call.null();
  call.constant("multipliers", ElementType::s32, m.multipliers);
  call.constant("shifts", ElementType::s32, m.shifts);
  return call.output();
}

}  // namespace

KernelCall lower_conv_2d(const NodeView& node, int32_t output_channels,
                         const Conv2dKernels& kernels) {
  const Conv2dParams sizes = conv_2d_sizes(node, output_channels);
  return node.input(0).type == ElementType::f32 ? lower_f32(node, sizes, kernels)
                                                : lower_s8(node, sizes, kernels);
}

}  // namespace mote
