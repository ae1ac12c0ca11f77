// SPDX-License-Identifier: Apache-2.0
// See conv_2d_layer.h.
#include "ops/nn/conv_2d_layer.h"

#include <cmath>

#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/nn/scale_ratio.h"

namespace mote {
namespace {

// 2^31 / (255 * 128), rounded down.
constexpr int64_t kMostTaps = 65000;
// s16: products of up to 2^24 and sums of up to 2^46.
constexpr int64_t kMostTapsS16 = 1 << 22;
constexpr int64_t kLargestBias = int64_t(1) << 46;

bool is_scale(double scale) { return std::isfinite(scale) && scale > 0; }

bool is_zero_point(ElementType type, int64_t zero_point) {
  const int64_t limit = type == ElementType::s16 ? 32768 : 128;
  return zero_point >= -limit && zero_point < limit;
}

void check_types(const NodeView& node) {
  const Value& x = node.input(0);
  const Value& w = node.input(1);
  const bool f32 = x.type == ElementType::f32 && w.type == ElementType::f32;
  const bool integer =
      (x.type == ElementType::s8 || x.type == ElementType::s16) && w.type == ElementType::s8;
  if (!f32 && !integer)
    node.refuse("wrong-type",
                std::string("input is ") + to_string(x.type) + ", weights are " + to_string(w.type),
                "use f32 with f32, or s8 or s16 with s8");
}

void check_activations(const NodeView& node) {
  const Quantization& x = node.input(0).quantization;
  if (x.scales.size() != 1 || !is_scale(x.scale()) ||
      !is_zero_point(node.input(0).type, x.zero_point()))
    node.refuse("wrong-quantization",
                "the input must have one positive scale and a zero point within its type");
  if (!is_scale(double(float(node.number("output_scale")))) ||
      !is_zero_point(node.input(0).type, node.integer("output_zero_point")))
    node.refuse("wrong-quantization",
                "output_scale must be positive and output_zero_point within the output's type");
}

void check_weights(const NodeView& node, const LayerLimits& limits) {
  const Quantization& w = node.input(1).quantization;
  if (w.scales.size() != 1 && w.scales.size() != size_t(limits.channels))
    node.refuse("wrong-quantization", "the weights have " + std::to_string(w.scales.size()) +
                                          " scales for " + std::to_string(limits.channels) +
                                          " channels");
  for (float scale : w.scales)
    if (!is_scale(double(scale)))
      node.refuse("wrong-quantization", "a scale of the weights is not positive");
  const bool offset = limits.weights_zero_point && w.scales.size() == 1;
  for (int32_t zero_point : w.zero_points)
    if (offset ? !is_zero_point(ElementType::s8, zero_point) : zero_point != 0)
      node.refuse("wrong-quantization", "the weights' zero point must be 0");
}

bool is_bias_type(const NodeView& node, const LayerLimits& limits, ElementType type) {
  switch (node.input(0).type) {
    case ElementType::s8:
      return type == ElementType::s32;
    case ElementType::s16:
      return type == ElementType::s64 || (limits.narrow_sums && type == ElementType::s32) ||
             (limits.s16_bias && type == ElementType::s16);
    default:
      return type == ElementType::f32;
  }
}

void check_bias(const NodeView& node, const LayerLimits& limits) {
  const Value& bias = node.input(2);
  if (bias.elements() != limits.channels || !is_bias_type(node, limits, bias.type))
    node.refuse("wrong-shape", "the bias must hold one number an output channel",
                "f32 for f32, s32 for s8, s64 for s16");
  if (bias.type != ElementType::s64 && bias.type != ElementType::s16) return;
  if (bias.kind != ValueKind::constant)
    node.refuse("not-constant", "the bias of an s16 layer must be constant");
  if (bias.type == ElementType::s16) return;
  for (int64_t o = 0; o < bias.elements(); ++o)
    if (bias.as<int64_t>()[o] >= kLargestBias || bias.as<int64_t>()[o] <= -kLargestBias)
      node.refuse("too-large", "bias[" + std::to_string(o) + "] is 2^46 or more");
}

}  // namespace

std::vector<AttributeSpec> conv_2d_attributes() {
  std::vector<AttributeSpec> all = window_2d_attributes(Dilation::attribute);
  for (AttributeSpec& spec : fused_activation_attributes()) all.push_back(std::move(spec));
  for (AttributeSpec& spec : ratio_attributes("of each output channel"))
    all.push_back(std::move(spec));
  return all;
}

AttributeSpec sum_bits_attribute() {
  return {"sum_bits", Attribute(int64_t{64}), "of s16 without bias: 64 or 32"};
}

void check_layer(const NodeView& node, const LayerLimits& limits) {
  check_types(node);
  if (limits.channels < 1 || limits.taps < 1) node.refuse("wrong-shape", "the weights are empty");
  if (node.has_input(2)) check_bias(node, limits);
  if (node.input(0).type == ElementType::f32) return;
  check_activations(node);
  check_weights(node, limits);
  const bool offset = node.input(1).quantization.zero_point() != 0;
  const int64_t most = node.input(0).type == ElementType::s16 ? kMostTapsS16
                       : offset                               ? kMostTaps / 2
                                                              : kMostTaps;
  if (limits.taps > most)
    node.refuse("too-large", std::to_string(limits.taps) + " products in one sum overflow",
                "at most " + std::to_string(most));
}

bool has_narrow_sums(const NodeView& node) {
  if (node.input(0).type != ElementType::s16) return false;
  if (node.has_input(2)) return node.input(2).type == ElementType::s32;
  const int64_t bits = node.integer("sum_bits");
  if (bits != 64 && bits != 32)
    node.refuse("wrong-attribute", "sum_bits is " + std::to_string(bits), "use 64 or 32");
  return bits == 32;
}

Kernel kernel_for(const NodeView& node, const LayerKernels& kernels) {
  switch (node.input(0).type) {
    case ElementType::s8:
      return kernels.s8;
    case ElementType::s16:
      return kernels.s16_narrow.function && has_narrow_sums(node) ? kernels.s16_narrow
                                                                  : kernels.s16;
    default:
      return kernels.f32;
  }
}

ChannelRatios channel_ratios(const NodeView& node, int32_t channels) {
  ChannelRatios ratios;
  if (has_given_ratios(node)) {
    for (const QuantizedMultiplier& m :
         given_ratios(node, std::vector<int64_t>(size_t(channels)))) {
      ratios.multipliers.push_back(m.multiplier);
      ratios.shifts.push_back(m.shift);
    }
    return ratios;
  }
  const std::vector<float>& scales = node.input(1).quantization.scales;
  const float input = node.input(0).quantization.scale();
  const double output = double(node.output().quantization.scale());
  for (int32_t o = 0; o < channels; ++o) {
    const float scale = scales.size() == 1 ? scales[0] : scales.at(size_t(o));
    const double real = double(input) * double(scale) / output;
    if (!std::isfinite(real))
      node.refuse("wrong-quantization", "the scales are too far from each other");
    const QuantizedMultiplier m = quantize_multiplier(real);
    if (node.input(0).type == ElementType::s16 && m.shift > 7)
      node.refuse("wrong-quantization",
                  "input and weights have more than 128 times the scale of the output",
                  "use scales nearer to each other");
    ratios.multipliers.push_back(m.multiplier);
    ratios.shifts.push_back(m.shift);
  }
  return ratios;
}

KernelCall with_layer_arguments(const NodeView& node, KernelCall call,
                                const ChannelRatios* ratios) {
  call.input(0).input(1);
  if (!node.has_input(2)) {
    call.null();
  } else if (node.input(2).type == ElementType::s16) {
    const int16_t* numbers = node.input(2).as<int16_t>();
    call.constant("bias", ElementType::s64,
                  std::vector<int64_t>(numbers, numbers + node.input(2).elements()));
  } else {
    call.input(2);
  }
  if (ratios) {
    call.constant("multipliers", ElementType::s32, ratios->multipliers);
    call.constant("shifts", ElementType::s32, ratios->shifts);
  }
  return call.output();
}

Conv2dParams conv_2d_sizes(const NodeView& node, int32_t output_channels, int32_t groups) {
  const Shape& kernel = node.input(1).shape;
  const Window2d w = window_2d(node, kernel[1], kernel[2], Dilation::attribute);
  const Shape& x = node.input(0).shape;
  Conv2dParams p{};
  p.batches = x[0], p.input_h = x[1], p.input_w = x[2], p.input_channels = x[3];
  p.output_h = w.output_h, p.output_w = w.output_w, p.output_channels = output_channels;
  p.groups = groups;
  p.kernel_h = w.kernel_h, p.kernel_w = w.kernel_w;
  p.stride_h = w.stride_h, p.stride_w = w.stride_w;
  p.dilation_h = w.dilation_h, p.dilation_w = w.dilation_w;
  p.pad_top = w.pad_top, p.pad_left = w.pad_left;
  return p;
}

Inference infer_conv_2d(const NodeView& node, int32_t output_channels) {
  const Conv2dParams p = conv_2d_sizes(node, output_channels, 1);
  if (node.input(0).type == ElementType::s16 &&
      (node.input(0).quantization.zero_point() != 0 || node.integer("output_zero_point") != 0))
    node.refuse("wrong-quantization", "the zero points of s16 must be 0");
  ValueType type = like_input(node, {p.batches, p.output_h, p.output_w, p.output_channels});
  type.clock = joint_clock(node);
  return {{type}, {}};
}

Conv2dParams with_quantization(const NodeView& node, Conv2dParams p) {
  const QuantizedClampRange clamp = quantized_activation_range(node, node.output());
  p.input_zero_point = node.input(0).quantization.zero_point();
  p.output_zero_point = node.output().quantization.zero_point();
  p.output_min = clamp.min;
  p.output_max = clamp.max;
  return p;
}

Conv2dF32Params with_activation(const NodeView& node, const Conv2dParams& p) {
  const ClampRange clamp = activation_range(node);
  return {p.batches,         p.input_h,    p.input_w,  p.input_channels, p.output_h, p.output_w,
          p.output_channels, p.groups,     p.kernel_h, p.kernel_w,       p.stride_h, p.stride_w,
          p.dilation_h,      p.dilation_w, p.pad_top,  p.pad_left,       clamp.min,  clamp.max};
}

KernelCall lower_conv_2d(const NodeView& node, Conv2dParams p, const LayerKernels& kernels) {
  const Kernel kernel = kernel_for(node, kernels);
  if (node.input(0).type == ElementType::f32)
    return with_layer_arguments(
        node, make_kernel_call(kernels.header, kernel, "Conv2dF32Params", with_activation(node, p)),
        nullptr);
  const ChannelRatios ratios = channel_ratios(node, p.output_channels);
  return with_layer_arguments(
      node, make_kernel_call(kernels.header, kernel, "Conv2dParams", with_quantization(node, p)),
      &ratios);
}

}  // namespace mote
