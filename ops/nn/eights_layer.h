// SPDX-License-Identifier: Apache-2.0
// Host: layers for kernels that take eight output channels at a time with vectors of 128 bits. In:
// a node. Out: the packed words that ops/nn/eight_channels.h and conv_2d_f32_simd128.h describe.
#pragma once
#include "ops/nn/packed_layer.h"

namespace mote {

// The call of a convolution of one group that is plain s8, with quantisation in p: none where a sum
// may leave 30 bits, or a channel's ratio is a half or more. Of one of f32: none where weights or
// biases are not constant, or not finite.
std::optional<KernelCall> eights_call(const NodeView& node, const Conv2dParams& p);
std::optional<KernelCall> eights_call_f32(const NodeView& node, const Conv2dParams& sizes);

// Of a depthwise layer with as many outputs as input channels; where the taps lie in the image and
// in a gathered window.
std::optional<KernelCall> depthwise_eights_call(const NodeView& node, const Conv2dParams& p,
                                                const std::vector<int32_t>& inside,
                                                const std::vector<int32_t>& gathered);
KernelCall depthwise_eights_call_f32(const NodeView& node, const Conv2dParams& sizes);

}  // namespace mote
