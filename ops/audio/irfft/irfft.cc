// SPDX-License-Identifier: Apache-2.0
// Host half of irfft: s16 | s32 | f32 [..., length + 2] -> [..., length]. See irfft.h.
#include "ops/audio/irfft/irfft.h"

#include "ops/audio/audio_inputs.h"
#include "ops/audio/mixed_radix_plan.h"
#include "ops/registry.h"

namespace mote {
namespace {

TransformParams params_of(const NodeView& node) {
  expect_transform_type(node);
  const int32_t numbers = last_dimension(node);
  if (numbers < 6 || numbers > 65536 + 2)
    node.refuse("wrong-shape", "a spectrum has 6 .. 65538 numbers, not " + std::to_string(numbers));
  TransformParams params{};
  params.inverse = true;
  params.rows = int32_t(node.input(0).elements() / numbers);
  plan_transform(node, numbers - 2, params);
  params.given = params.length;
  return params;
}

Inference infer(const NodeView& node) {
  const TransformParams params = params_of(node);
  const Value& x = node.input(0);
  Shape shape = x.shape;
  shape.back() = params.length;
  return {{{x.type, shape, {}, x.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const TransformParams params = params_of(node);
  const ElementType type = node.input(0).type;
  const Kernel kernel = type == ElementType::s16   ? MOTE_KERNEL(irfft_s16)
                        : type == ElementType::s32 ? MOTE_KERNEL(irfft_s32)
                                                   : MOTE_KERNEL(irfft_f32);
  KernelCall call =
      make_kernel_call("ops/audio/irfft/irfft.h", kernel, "TransformParams", params).input(0);
  add_turns(call, params, type);
  return call.scratch(int64_t(params.length) * element_bytes(type)).output();
}

}  // namespace

const OpDef irfft_op{
    .name = "irfft",
    .room = "audio",
    .summary = "real samples of a spectrum of length + 2 numbers; s16, s32, f32",
    .attributes = {},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
