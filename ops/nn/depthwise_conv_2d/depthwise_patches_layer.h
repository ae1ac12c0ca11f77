// SPDX-License-Identifier: Apache-2.0
// Host: depthwise_conv_2d by patches (depthwise_patches_mve.h). In: a node. Out: the call of the
// kernel, or none where the layer is not of its kind.
#pragma once
#include "graph/op_def.h"

namespace mote {

std::optional<KernelCall> lower_patches(const NodeView& node);

}  // namespace mote
