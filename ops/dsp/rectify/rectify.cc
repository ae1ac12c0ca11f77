// SPDX-License-Identifier: Apache-2.0
// Host half of rectify: any shape -> the same. See rectify.h.
#include "ops/dsp/rectify/rectify.h"

#include "ops/dsp/signal_types.h"
#include "ops/element_order.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  require_samples(node);
  const Value& input = node.input(0);
  return {{{input.type, input.shape, input.quantization, input.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const RectifyParams params{int32_t(node.input(0).elements())};
  const Kernel kernel =
      node.input(0).type == ElementType::f32 ? MOTE_KERNEL(rectify_f32) : MOTE_KERNEL(rectify_s16);
  return make_kernel_call("ops/dsp/rectify/rectify.h", kernel, "RectifyParams", params)
      .input(0)
      .output();
}

}  // namespace

const OpDef rectify_op{
    .name = "rectify",
    .room = "dsp",
    .summary = "the magnitude of each sample",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
};

}  // namespace mote
