// SPDX-License-Identifier: Apache-2.0
// See eights_layer.h.
#include "ops/nn/eights_layer.h"

#include <algorithm>
#include <cmath>

#include "core/wrapping.h"
#include "ops/nn/conv_2d/conv_2d_f32_simd128.h"
#include "ops/nn/conv_2d/conv_2d_simd128.h"
#include "ops/nn/depthwise_conv_2d/depthwise_conv_2d_simd128.h"
#include "ops/nn/window_order.h"

namespace mote {
namespace {

constexpr const char* kDepthwiseHeader = "ops/nn/depthwise_conv_2d/depthwise_conv_2d_simd128.h";

uint32_t pair_of_weights(const std::vector<int8_t>& weights, size_t k) {
  const auto half = [&](size_t i) {
    return i < weights.size() ? uint32_t(uint16_t(int16_t(weights[i]))) : 0;
  };
  return half(k) | half(k + 1) << 16;
}

// The sums of a channel meet inputs as they are: what the zero point adds is in the bias.
uint32_t bias_of(const Channel& channel, int32_t zero_point) {
  int32_t bias = channel.bias;
  for (const int8_t w : channel.weights) bias = wrapping_sub(bias, zero_point * w);
  return uint32_t(bias);
}

// See scaled_sums().
std::array<uint32_t, 4> output_numbers(int32_t multiplier, int32_t shift, int32_t zero_point) {
  const int32_t right = multiplier == 0 ? 1 : -shift;
  const uint32_t power = 1u << (31 - right);
  return {uint32_t(multiplier), 0x80000000u + (1u << (right - 1)), power,
          uint32_t(zero_point) - power};
}

struct PackedChannel {
  Channel channel;
  std::array<uint32_t, 4> numbers;
};

// A channel that networks leave dead may have any sums: it has no weights and its output. None
// where a sum leaves 30 bits, or the ratio is a half or more.
std::optional<PackedChannel> pack_channel(const NodeView& node, const Channel& channel,
                                          const QuantizedMultiplier& ratio,
                                          QuantizedClampRange clamp) {
  const int32_t zero = node.output().quantization.zero_point();
  const SumRange sums =
      sum_range(channel.weights, channel.bias, node.input(0).quantization.zero_point());
  if (const auto output = constant_output(ratio, sums, zero, clamp))
    return PackedChannel{{std::vector<int8_t>(channel.weights.size()), 0},
                         output_numbers(0, 0, *output)};
  if (!sums.is_small(2) || ratio.shift >= 0) return std::nullopt;
  return PackedChannel{channel, output_numbers(ratio.multiplier, ratio.shift, zero)};
}

bool is_finite(const Value& value) {
  const float* x = value.as<float>();
  return std::all_of(x, x + value.elements(), [](float r) { return std::isfinite(r); });
}

std::optional<std::vector<float>> packed_reals(const NodeView& node, int32_t channels) {
  for (size_t i = 1; i <= 2; ++i)
    if (node.has_input(i) &&
        (node.input(i).kind != ValueKind::constant || !is_finite(node.input(i))))
      return std::nullopt;
  const float* weights = node.input(1).as<float>();
  const float* bias = node.has_input(2) ? node.input(2).as<float>() : nullptr;
  const int64_t taps = node.input(1).elements() / channels;
  std::vector<float> packed;
  for (int32_t first = 0; first < channels; first += kEight) {
    const auto append = [&](auto number_of) {
      for (int32_t c = first; c < first + kEight; ++c)
        packed.push_back(c < channels ? number_of(c) : 0.0f);
    };
    for (int64_t k = 0; k < taps; ++k) append([&](int32_t c) { return weights[c * taps + k]; });
    append([&](int32_t c) { return bias ? bias[c] : 0.0f; });
  }
  return packed;
}

// The words of a plain s8 layer.
std::optional<std::vector<uint32_t>> eights_layer(const NodeView& node,
                                                  const std::vector<Channel>& channels,
                                                  QuantizedClampRange clamp) {
  const int32_t in_zero = node.input(0).quantization.zero_point();
  const ChannelRatios ratios = channel_ratios(node, int32_t(channels.size()));
  const PackedChannel none{{std::vector<int8_t>(channels.at(0).weights.size()), 0},
                           output_numbers(0, 0, 0)};
  std::vector<uint32_t> words;
  for (size_t first = 0; first < channels.size(); first += kEight) {
    std::vector<PackedChannel> eight(kEight, none);
    for (size_t c = first; c < std::min(first + kEight, channels.size()); ++c) {
      const QuantizedMultiplier ratio{ratios.multipliers[c], ratios.shifts[c]};
      const auto packed = pack_channel(node, channels[c], ratio, clamp);
      if (!packed) return std::nullopt;
      eight[c - first] = *packed;
    }
    for (const auto& [channel, numbers] : eight) words.push_back(bias_of(channel, in_zero));
    for (size_t k = 0; k < none.channel.weights.size(); k += 2)
      for (const PackedChannel& c : eight) words.push_back(pair_of_weights(c.channel.weights, k));
    for (size_t n = 0; n < 4; ++n)
      for (const PackedChannel& c : eight) words.push_back(c.numbers[n]);
  }
  return words;
}

}  // namespace

std::optional<KernelCall> eights_call(const NodeView& node, const Conv2dParams& p) {
  const auto packed =
      eights_layer(node, channels_of(node, p.output_channels, 1), {p.output_min, p.output_max});
  if (!packed) return std::nullopt;
  return make_kernel_call("ops/nn/conv_2d/conv_2d_simd128.h", MOTE_KERNEL(conv_2d_s8_simd128),
                          "Conv2dParams", p)
      .input(0)
      .constant("packed", ElementType::u32, *packed)
      .scratch(conv_2d_simd128_bytes(p))
      .output()
      .order(by_positions(conv_2d_walk(p), kPlacesTogether));
}

std::optional<KernelCall> eights_call_f32(const NodeView& node, const Conv2dParams& sizes) {
  const auto packed = packed_reals(node, sizes.output_channels);
  if (!packed) return std::nullopt;
  const Conv2dF32Params p = with_activation(node, sizes);
  return make_kernel_call("ops/nn/conv_2d/conv_2d_f32_simd128.h", MOTE_KERNEL(conv_2d_f32_simd128),
                          "Conv2dF32Params", p)
      .input(0)
      .constant("packed", ElementType::f32, *packed)
      .scratch(conv_2d_f32_simd128_bytes(p))
      .output();
}

std::optional<KernelCall> depthwise_eights_call(const NodeView& node, const Conv2dParams& p,
                                                const std::vector<int32_t>& inside,
                                                const std::vector<int32_t>& gathered) {
  const int32_t channels = p.input_channels;
  const auto packed =
      eights_layer(node, channels_of(node, channels, channels), {p.output_min, p.output_max});
  if (!packed) return std::nullopt;
  return make_kernel_call(kDepthwiseHeader, MOTE_KERNEL(depthwise_conv_2d_s8_simd128),
                          "Conv2dParams", p)
      .input(0)
      .constant("packed", ElementType::u32, *packed)
      .constant("taps_inside", ElementType::s32, inside)
      .constant("taps_gathered", ElementType::s32, gathered)
      .scratch(int64_t(p.kernel_h) * p.kernel_w * channels + kEight)
      .output()
      .order(by_own_channels(conv_2d_walk(p), channels % kEight == 0 ? kEight : 1, 1));
}

KernelCall depthwise_eights_call_f32(const NodeView& node, const Conv2dParams& sizes) {
  return lower_conv_2d(node, sizes,
                       {kDepthwiseHeader, Kernel{}, Kernel{}, Kernel{},
                        MOTE_KERNEL(depthwise_conv_2d_f32_simd128)})
      .order(by_own_channels(conv_2d_walk(sizes), 1, 1, sizeof(float)));
}

}  // namespace mote
