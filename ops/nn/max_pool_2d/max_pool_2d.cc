// SPDX-License-Identifier: Apache-2.0
// Host half of max_pool_2d: NHWC f32 | s8 | s16 -> NHWC of the same type and scale. See the header.
#include "ops/nn/max_pool_2d/max_pool_2d.h"

#include "graph/quantizer.h"
#include "ops/nn/pool_2d_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

KernelCall lower(const NodeView& node) {
  return lower_pool_2d(node, {"ops/nn/max_pool_2d/max_pool_2d.h", MOTE_KERNEL(max_pool_2d_s8),
                              MOTE_KERNEL(max_pool_2d_s16), MOTE_KERNEL(max_pool_2d_f32)});
}

}  // namespace

const OpDef max_pool_2d_op{
    .name = "max_pool_2d",
    .room = "nn",
    .summary = "largest element of each window; f32, s8, s16",
    .attributes = pool_2d_attributes(),
    .infer = infer_pool_2d,
    .lower = lower,
    .order = order_of_pool_2d,
    .quantize = quantize_same_scale,
};

}  // namespace mote
