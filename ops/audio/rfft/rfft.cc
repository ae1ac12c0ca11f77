// SPDX-License-Identifier: Apache-2.0
// Host half of rfft: s16 | s32 | f32 [..., given] -> [..., length + 2]. See rfft.h.
#include "ops/audio/rfft/rfft.h"

#include "ops/audio/audio_inputs.h"
#include "ops/audio/mixed_radix_plan.h"
#include "ops/registry.h"

namespace mote {
namespace {

TransformParams params_of(const NodeView& node) {
  expect_transform_type(node);
  TransformParams params{};
  params.given = last_dimension(node);
  params.rows = int32_t(node.input(0).elements() / params.given);
  plan_transform(node, integer_within(node, "length", params.given, 65536), params);
  return params;
}

Inference infer(const NodeView& node) {
  const TransformParams params = params_of(node);
  const Value& x = node.input(0);
  Shape shape = x.shape;
  shape.back() = params.length + 2;
  expect_addressable(node, shape, x.type);
  return {{{x.type, shape, {}, x.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const TransformParams params = params_of(node);
  const ElementType type = node.input(0).type;
  const Kernel kernel = type == ElementType::s16   ? MOTE_KERNEL(rfft_s16)
                        : type == ElementType::s32 ? MOTE_KERNEL(rfft_s32)
                                                   : MOTE_KERNEL(rfft_f32);
  KernelCall call =
      make_kernel_call("ops/audio/rfft/rfft.h", kernel, "TransformParams", params).input(0);
  add_turns(call, params, type);
  return call.output();
}

}  // namespace

const OpDef rfft_op{
    .name = "rfft",
    .room = "audio",
    .summary = "spectrum of real samples, length 2^a 3^b 5^c; s16, s32 (divided by it), f32",
    .attributes = {{"length", {}, "points, even; zeros follow a shorter input"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
