// SPDX-License-Identifier: Apache-2.0
// Host half of depthwise_conv_2d: inputs (x NHWC, weights [1, kh, kw, out], bias [out] or -1) ->
// NHWC; `out` is a multiple of the input's channels. See the header.
#include "ops/nn/depthwise_conv_2d/depthwise_conv_2d.h"

#include <numeric>

#include "core/wrapping.h"
#include "graph/quantizer.h"
#include "ops/activation.h"
#include "ops/nn/conv_2d_layer.h"
#include "ops/nn/depthwise_conv_2d/depthwise_conv_2d_dsp.h"
#include "ops/nn/exact_requantize.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Shape& x = node.input(0).shape;
  const Shape& w = node.input(1).shape;
  if (w.size() != 4 || x.size() != 4 || w[0] != 1 || x[3] < 1 || w[3] < 1 || w[3] % x[3] != 0)
    node.refuse("wrong-shape",
                "the input must be [batches, height, width, channels] and the weights "
                "[1, kernel height, kernel width, out] with `out` a multiple of the channels",
                "reshape the input");
  check_layer(node, {w[3], int64_t(w[1]) * w[2]});
  return infer_conv_2d(node, w[3]);
}

KernelCall lower(const NodeView& node) {
  return lower_conv_2d(
      node, conv_2d_sizes(node, node.input(1).shape[3], node.input(0).shape[3]),
      {"ops/nn/depthwise_conv_2d/depthwise_conv_2d.h", MOTE_KERNEL(depthwise_conv_2d_s8),
       MOTE_KERNEL(depthwise_conv_2d_s16), Kernel{}, MOTE_KERNEL(depthwise_conv_2d_f32)});
}

// What depthwise_conv_2d_s8_dsp reads of weights [taps][channels] and bias.
struct Packed {
  std::vector<uint32_t> weights;
  std::vector<int32_t> bias;
  std::vector<SumRange> sums;
};

Packed pack(const NodeView& node, int32_t taps, int32_t channels) {
  const int8_t* numbers = node.input(1).as<int8_t>();
  const int32_t* bias = node.has_input(2) ? node.input(2).as<int32_t>() : nullptr;
  const int32_t zero_point = node.input(0).quantization.zero_point();
  const auto weight = [&](int32_t t, int32_t c) {
    return t < taps ? uint16_t(int16_t(numbers[t * channels + c])) : 0u;
  };
  Packed packed;
  for (int32_t four = 0; four < channels; four += 4)
    for (int32_t t = 0; t < taps; t += 2)
      for (int32_t c = four; c < four + 4; ++c)
        packed.weights.push_back(weight(t, c) | weight(t + 1, c) << 16);
  for (int32_t c = 0; c < channels; ++c) {
    std::vector<int8_t> own;
    for (int32_t t = 0; t < taps; ++t) own.push_back(numbers[t * channels + c]);
    packed.sums.push_back(sum_range(own, bias ? bias[c] : 0, zero_point));
    const int32_t sum = std::accumulate(own.begin(), own.end(), 0);
    packed.bias.push_back(wrapping_sub(bias ? bias[c] : 0, wrapping_mul(zero_point, sum)));
  }
  return packed;
}

// Where the taps lie in an image whose rows and pixels are so many numbers apart; 0 for a last odd
// one.
std::vector<int32_t> tap_offsets(const Conv2dParams& p, int32_t row, int32_t pixel) {
  std::vector<int32_t> offsets;
  for (int32_t ky = 0; ky < p.kernel_h; ++ky)
    for (int32_t kx = 0; kx < p.kernel_w; ++kx) offsets.push_back(ky * row + kx * pixel);
  if (offsets.size() % 2 != 0) offsets.push_back(0);
  return offsets;
}

bool is_constant_s8(const NodeView& node) {
  return node.input(0).type == ElementType::s8 && node.input(1).kind == ValueKind::constant &&
         (!node.has_input(2) || node.input(2).kind == ValueKind::constant);
}

std::optional<KernelCall> lower_dsp(const NodeView& node) {
  const int32_t channels = node.input(0).shape[3];
  if (!is_constant_s8(node) || node.input(1).shape[3] != channels || channels % 4 != 0)
    return std::nullopt;
  const Conv2dParams p = with_quantization(node, conv_2d_sizes(node, channels, channels));
  if (p.output_min != -128 || p.output_max != 127) return std::nullopt;
  const int32_t taps = p.kernel_h * p.kernel_w;
  const Packed packed = pack(node, taps, channels);
  const auto exact =
      find_exact_requantize(channel_ratios(node, channels), packed.sums, p.output_zero_point);
  if (!exact) return std::nullopt;
  KernelCall call = make_kernel_call(
      "ops/nn/depthwise_conv_2d/depthwise_conv_2d_dsp.h", MOTE_KERNEL(depthwise_conv_2d_s8_dsp),
      "Exact<mote::Conv2dParams>", Exact<Conv2dParams>{p, exact->shift});
  call.input(0)
      .constant("weight_pairs", ElementType::u32, packed.weights)
      .constant("bias", ElementType::s32, packed.bias)
      .constant("taps_inside", ElementType::s32,
                tap_offsets(p, p.dilation_h * p.input_w * channels, p.dilation_w * channels))
      .constant("taps_gathered", ElementType::s32, tap_offsets(p, p.kernel_w * channels, channels))
      .constant("biases", ElementType::s32, exact->biases);
  return with_exact_arguments(std::move(call), *exact).scratch(int64_t(taps) * channels).output();
}

int64_t macs(const NodeView& node) {
  const Shape& w = node.input(1).shape;
  return node.output().elements() * w[1] * w[2];
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  const QuantizedWeights weights = quantizer.weights(node, 3);
  quantizer.replace(node, depthwise_conv_2d_op,
                    {quantizer.input(node, 0), weights.weights, weights.bias},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

}  // namespace

const OpDef depthwise_conv_2d_op{
    .name = "depthwise_conv_2d",
    .room = "nn",
    .summary = "convolution of each channel by itself; f32, s8 and s16 (s8 weights per channel)",
    .attributes = conv_2d_attributes(),
    .infer = infer,
    .lower = lower,
    .variants = {{InstructionSet::dsp, lower_dsp}},
    .macs = macs,
    .quantize = quantize,
};

}  // namespace mote
