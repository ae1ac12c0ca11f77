// SPDX-License-Identifier: Apache-2.0
// Host half of relative_level: any shape -> the same. See relative_level.h.
#include "ops/dsp/relative_level/relative_level.h"

#include "ops/element_order.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  if (input.type != ElementType::s32 && input.type != ElementType::f32)
    node.refuse("wrong-type", "relative_level takes s32 or f32 levels");
  return {{{input.type, input.shape, input.quantization, input.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const RelativeLevelParams params{int32_t(node.input(0).elements())};
  const Kernel kernel = node.input(0).type == ElementType::f32 ? MOTE_KERNEL(relative_level_f32)
                                                               : MOTE_KERNEL(relative_level_s32);
  return make_kernel_call("ops/dsp/relative_level/relative_level.h", kernel, "RelativeLevelParams",
                          params)
      .input(0)
      .output();
}

}  // namespace

const OpDef relative_level_op{
    .name = "relative_level",
    .room = "dsp",
    .summary = "levels below the loudest of a window, as a share of a range",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
};

}  // namespace mote
