// SPDX-License-Identifier: Apache-2.0
// Host half of stacker: s16 [width] -> s16 [depth * width] and a boolean []. See stacker.h.
#include "ops/audio/stacker/stacker.h"

#include "ops/audio/audio_inputs.h"
#include "ops/registry.h"

namespace mote {
namespace {

StackerParams params_of(const NodeView& node) {
  StackerParams params{};
  params.width = expect_vector(node, 0, ElementType::s16);
  params.left = integer_within(node, "left", 0, 1 << 20);
  params.depth = params.left + 1 + integer_within(node, "right", 0, 1 << 20);
  params.step = integer_within(node, "step", 1, params.depth);
  return params;
}

Inference infer(const NodeView& node) {
  const StackerParams params = params_of(node);
  const Value& x = node.input(0);
  expect_addressable(node, {params.depth, params.width}, x.type);
  return {{{x.type, {params.depth * params.width}, x.quantization, x.clock},
           {ElementType::boolean, {}, {}, x.clock}},
          {{"past", x.type, {params.depth, params.width}, {}},
           {"fill", ElementType::s32, {1}, bytes_of_s32(-1)}}};
}

KernelCall lower(const NodeView& node) {
  return make_kernel_call("ops/audio/stacker/stacker.h", MOTE_KERNEL(stacker_s16), "StackerParams",
                          params_of(node))
      .input(0)
      .state(0)
      .state(1)
      .output(0)
      .output(1);
}

}  // namespace

const OpDef stacker_op{
    .name = "stacker",
    .room = "audio",
    .summary = "a frame with its neighbours every `step` frames, and whether it is due; s16",
    .attributes = {{"left", {}, "frames before"},
                   {"right", {}, "frames behind"},
                   {"step", {}, "frames between stacks"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
