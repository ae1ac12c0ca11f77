// SPDX-License-Identifier: Apache-2.0
// Host rules that the layers with weights share. In: a node whose inputs are (x, weights, bias or
// -1). Out: refusals, the kernels' parameters, the output's type, the call.
#pragma once
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/window_2d.h"

namespace mote {

std::vector<AttributeSpec> conv_2d_attributes();

// "sum_bits": of an s16 layer without bias, 64 or 32; a bias says it by its type.
AttributeSpec sum_bits_attribute();

// What a layer's types may be, beside f32 and s8 with s8 weights.
struct LayerLimits {
  int32_t channels;                 // of the output
  int64_t taps;                     // products of one sum
  bool narrow_sums = false;         // s16 with an s32 bias
  bool s16_bias = false;            // s16 with an s16 bias, which is widened
  bool weights_zero_point = false;  // one, with one scale
};

// Refuses types, scales, zero points and biases that do not fit, and sums that could overflow.
void check_layer(const NodeView& node, const LayerLimits& limits);

// An s16 layer whose sums are 32 bits wide.
bool has_narrow_sums(const NodeView& node);

// The kernels of a layer; `s16_narrow.function` is null where there is none.
struct LayerKernels {
  const char* header;
  Kernel s8;
  Kernel s16;
  Kernel s16_narrow;
  Kernel f32;
};
Kernel kernel_for(const NodeView& node, const LayerKernels& kernels);

// Multiplier and shift of an output channel each. Refuses ratios that the kernels' 64-bit rounding
// cannot take.
struct ChannelRatios {
  std::vector<int32_t> multipliers;
  std::vector<int32_t> shifts;
};
ChannelRatios channel_ratios(const NodeView& node, int32_t channels);

// Appends (x, weights, bias or null[, multipliers, shifts], output) to the call.
KernelCall with_layer_arguments(const NodeView& node, KernelCall call, const ChannelRatios* ratios);

Conv2dParams conv_2d_sizes(const NodeView& node, int32_t output_channels, int32_t groups);
Inference infer_conv_2d(const NodeView& node, int32_t output_channels);

// `sizes` of an integer layer with zero points and clamp filled in; of a float one with its clamp.
Conv2dParams with_quantization(const NodeView& node, Conv2dParams sizes);
Conv2dF32Params with_activation(const NodeView& node, const Conv2dParams& sizes);
KernelCall lower_conv_2d(const NodeView& node, Conv2dParams sizes, const LayerKernels& kernels);

}  // namespace mote
