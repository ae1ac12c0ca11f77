// SPDX-License-Identifier: Apache-2.0
// Host half of cmvn: [frames, coefficients] -> the same. See cmvn.h.
#include "ops/dsp/cmvn/cmvn.h"

#include "ops/registry.h"

namespace mote {
namespace {

CmvnParams params_of(const NodeView& node) {
  const Value& input = node.input(0);
  const int64_t win_size = node.integer("win_size");
  if (input.type != ElementType::s32 && input.type != ElementType::f32)
    node.refuse("wrong-type", "cmvn takes s32 or f32 features");
  if (input.shape.size() != 2 || input.shape[0] > 4096)
    node.refuse("wrong-shape", "cmvn takes [frames, coefficients] of at most 4096 frames");
  if (win_size < 1 || win_size > 4095 || win_size % 2 == 0)
    node.refuse("wrong-window", "win_size must be odd, 1 .. 4095");
  return {input.shape[0], input.shape[1], int32_t(win_size / 2)};
}

Inference infer(const NodeView& node) {
  params_of(node);
  const Value& input = node.input(0);
  return {{{input.type, input.shape, input.quantization, input.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const CmvnParams p = params_of(node);
  const Kernel kernel =
      node.input(0).type == ElementType::f32 ? MOTE_KERNEL(cmvn_f32) : MOTE_KERNEL(cmvn_s32);
  return make_kernel_call("ops/dsp/cmvn/cmvn.h", kernel, "CmvnParams", p).input(0).output();
}

}  // namespace

const OpDef cmvn_op{
    .name = "cmvn",
    .room = "dsp",
    .summary = "mean and variance normalisation of each coefficient over neighbouring frames",
    .attributes = {{"win_size", 101, "frames in the neighbourhood, odd"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
