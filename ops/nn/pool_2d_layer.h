// SPDX-License-Identifier: Apache-2.0
// Host rules that the pooling layers share. In: a node with filter_h, filter_w,
// stride, padding, activation. Out: the output's type (the input's scale is kept) and the call.
#pragma once
#include "ops/nn/pool_2d_params.h"
#include "ops/nn/window_2d.h"

namespace mote {

std::vector<AttributeSpec> pool_2d_attributes();
Inference infer_pool_2d(const NodeView& node);
// The same for layers of f32 alone.
Inference infer_pool_2d_f32(const NodeView& node);

struct Pool2dKernels {
  const char* header;
  Kernel s8;  // no function: not taken
  Kernel s16;
  Kernel f32;
};
KernelCall lower_pool_2d(const NodeView& node, const Pool2dKernels& kernels);
std::vector<AccessOrder> order_of_pool_2d(const NodeView& node);
// Of a kernel that takes so many channels at a time.
AccessOrder order_of_pool_2d(const NodeView& node, int32_t channels);

}  // namespace mote
