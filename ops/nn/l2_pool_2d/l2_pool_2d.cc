// SPDX-License-Identifier: Apache-2.0
// Host half of l2_pool_2d: NHWC f32 -> NHWC f32. See the header.
#include "ops/nn/l2_pool_2d/l2_pool_2d.h"

#include "ops/nn/pool_2d_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

KernelCall lower(const NodeView& node) {
  return lower_pool_2d(
      node, {"ops/nn/l2_pool_2d/l2_pool_2d.h", Kernel{}, Kernel{}, MOTE_KERNEL(l2_pool_2d_f32)});
}

}  // namespace

const OpDef l2_pool_2d_op{
    .name = "l2_pool_2d",
    .room = "nn",
    .summary = "root of the mean square of each window; f32",
    .attributes = pool_2d_attributes(),
    .infer = infer_pool_2d_f32,
    .lower = lower,
    .order = order_of_pool_2d,
};

}  // namespace mote
