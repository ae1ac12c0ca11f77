// SPDX-License-Identifier: Apache-2.0
// Host half of delay: s16 [..., width] -> the same, `length` samples later. See delay.h.
#include "ops/audio/delay/delay.h"

#include "ops/audio/audio_inputs.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  expect_type(node, 0, ElementType::s16);
  const Value& x = node.input(0);
  const int32_t length = integer_within(node, "length", 1, 1 << 20);
  const Shape past{int32_t(x.elements() / last_dimension(node)), length};
  expect_addressable(node, past, x.type);
  return {{{x.type, x.shape, x.quantization, x.clock}}, {{"past", x.type, past, {}}}};
}

KernelCall lower(const NodeView& node) {
  const int32_t width = last_dimension(node);
  const DelayParams params{int32_t(node.input(0).elements() / width), width,
                           int32_t(node.integer("length"))};
  return make_kernel_call("ops/audio/delay/delay.h", MOTE_KERNEL(delay_s16), "DelayParams", params)
      .input(0)
      .state()
      .output();
}

}  // namespace

const OpDef delay_op{
    .name = "delay",
    .room = "audio",
    .summary = "rows of samples, `length` samples later; s16",
    .attributes = {{"length", {}, "samples, at least 1"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
