// SPDX-License-Identifier: Apache-2.0
// Host: layers for kernels that take eight output channels at a time with vectors of 128 bits. In:
// a node. Out: the packed words that ops/nn/eight_channels.h and conv_2d_f32_simd128.h describe.
#pragma once
#include "ops/nn/packed_layer.h"

namespace mote {

// The words of a plain s8 layer. None where a sum may leave 30 bits, or a channel's ratio is a half
// or more.
std::optional<std::vector<uint32_t>> eights_layer(const NodeView& node,
                                                  const std::vector<Channel>& channels,
                                                  QuantizedClampRange clamp);

// The call of a convolution of one group that is plain s8, with quantisation in p; of one of f32,
// none where weights or biases are not constant, or not finite.
std::optional<KernelCall> eights_call(const NodeView& node, const Conv2dParams& p);
std::optional<KernelCall> eights_call_f32(const NodeView& node, const Conv2dParams& sizes);

}  // namespace mote
