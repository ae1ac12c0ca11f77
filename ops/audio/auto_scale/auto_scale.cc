// SPDX-License-Identifier: Apache-2.0
// Host half of auto_scale: s16 [n] -> s16 [n] and s32 []. See auto_scale.h.
#include "ops/audio/auto_scale/auto_scale.h"

#include "ops/audio/audio_inputs.h"
#include "ops/element_order.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  expect_vector(node, 0, ElementType::s16);
  const Value& x = node.input(0);
  return {{{x.type, x.shape, {}, x.clock}, {ElementType::s32, {}, {}, x.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const AutoScaleParams params{int32_t(node.input(0).elements())};
  return make_kernel_call("ops/audio/auto_scale/auto_scale.h", MOTE_KERNEL(auto_scale_s16),
                          "AutoScaleParams", params)
      .input(0)
      .output(0)
      .output(1);
}

}  // namespace

const OpDef auto_scale_op{
    .name = "auto_scale",
    .room = "audio",
    .summary = "samples shifted up to full scale, and by how many bits; s16",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
};

}  // namespace mote
