// SPDX-License-Identifier: Apache-2.0
// Host half of average_pool_2d: NHWC f32 | s8 | s16 -> NHWC of the same type and scale. See the
// header.
#include "ops/nn/average_pool_2d/average_pool_2d.h"

#include "graph/quantizer.h"
#include "ops/nn/average_pool_2d/average_pool_2d_dsp.h"
#include "ops/nn/average_pool_2d/average_pool_2d_mve.h"
#include "ops/nn/pool_2d_layer.h"
#include "ops/registry.h"

namespace mote {
namespace {

KernelCall lower(const NodeView& node) {
  return lower_pool_2d(node,
                       {"ops/nn/average_pool_2d/average_pool_2d.h", MOTE_KERNEL(average_pool_2d_s8),
                        MOTE_KERNEL(average_pool_2d_s16), MOTE_KERNEL(average_pool_2d_f32)});
}

// A window's sum must fit the lanes of 16 bits.
bool has_few_pixels(const NodeView& node) {
  return node.input(0).type == ElementType::s8 &&
         node.integer("filter_h") * node.integer("filter_w") <= kMostPooled;
}

std::optional<KernelCall> lower_mve(const NodeView& node) {
  if (!has_few_pixels(node) || node.input(0).shape[3] % kVector != 0) return std::nullopt;
  return lower_pool_2d(node, {"ops/nn/average_pool_2d/average_pool_2d_mve.h",
                              MOTE_KERNEL(average_pool_2d_s8_mve),
                              {},
                              {}})
      .order(order_of_pool_2d(node, kVector));
}

std::optional<KernelCall> lower_dsp(const NodeView& node) {
  if (!has_few_pixels(node) || node.input(0).shape[3] % 4 != 0) return std::nullopt;
  return lower_pool_2d(node, {"ops/nn/average_pool_2d/average_pool_2d_dsp.h",
                              MOTE_KERNEL(average_pool_2d_s8_dsp),
                              {},
                              {}})
      .order(order_of_pool_2d(node, 4));
}

}  // namespace

const OpDef average_pool_2d_op{
    .name = "average_pool_2d",
    .room = "nn",
    .summary = "mean of each window; f32, s8, s16",
    .attributes = pool_2d_attributes(),
    .infer = infer_pool_2d,
    .lower = lower,
    .order = order_of_pool_2d,
    .variants = {{InstructionSet::mve, lower_mve}, {InstructionSet::dsp, lower_dsp}},
    .quantize = quantize_same_scale,
};

}  // namespace mote
