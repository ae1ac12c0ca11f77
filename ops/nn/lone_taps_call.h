// SPDX-License-Identifier: Apache-2.0
// Host: the call of depthwise_lone_s8_dsp (ops/nn/depthwise_conv_2d/depthwise_lone_dsp.h), and the
// layer as it wants it. In: a node of depthwise_conv_2d. Out: the call, if the layer has one place
// whose taps lie side by side, as many outputs as channels, in fours.
#pragma once
#include <optional>

#include "graph/op_def.h"

namespace mote {

std::optional<KernelCall> lone_taps_call(const NodeView& node);

}  // namespace mote
