// SPDX-License-Identifier: Apache-2.0
// Host rules that max_pool_2d and average_pool_2d share. In: a node with filter_h, filter_w,
// stride, padding, activation. Out: the output's type (the input's scale is kept) and the call.
#pragma once
#include "ops/nn/pool_2d_params.h"
#include "ops/nn/window_2d.h"

namespace mote {

std::vector<AttributeSpec> pool_2d_attributes();
Inference infer_pool_2d(const NodeView& node);

struct Pool2dKernels {
  const char* header;
  Kernel s8;
  Kernel f32;
};
KernelCall lower_pool_2d(const NodeView& node, const Pool2dKernels& kernels);

}  // namespace mote
