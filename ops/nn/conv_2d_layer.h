// SPDX-License-Identifier: Apache-2.0
// Host rules that conv_2d and depthwise_conv_2d share. In: a node whose inputs are (x, weights,
// bias or -1). Out: the kernels' parameters, the output's type, the call.
#pragma once
#include "ops/nn/conv_2d_params.h"
#include "ops/nn/window_2d.h"

namespace mote {

std::vector<AttributeSpec> conv_2d_attributes();

// Types agree, scales and bias fit `channels`, and `taps` products of one sum stay in 32 bits.
void check_conv_2d(const NodeView& node, int32_t channels, int64_t taps);

Conv2dParams conv_2d_sizes(const NodeView& node, int32_t output_channels);
Inference infer_conv_2d(const NodeView& node, int32_t output_channels);

struct Conv2dKernels {
  const char* header;
  Kernel s8;
  Kernel f32;
};
KernelCall lower_conv_2d(const NodeView& node, int32_t output_channels,
                         const Conv2dKernels& kernels);

}  // namespace mote
