// SPDX-License-Identifier: Apache-2.0
// Host half of filter_bank_sqrt: (u64 [n], s32 []) -> u32 [n]. See filter_bank_sqrt.h.
#include "ops/audio/filter_bank_sqrt/filter_bank_sqrt.h"

#include "ops/audio/audio_inputs.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const int32_t count = expect_vector(node, 0, ElementType::u64);
  expect_type(node, 1, ElementType::s32);
  if (node.input(1).elements() != 1)
    node.refuse("wrong-shape", "input 1 is one number: the bits to shift down");
  return {{{ElementType::u32, {count}, {}, joint_clock(node)}}, {}};
}

KernelCall lower(const NodeView& node) {
  const FilterBankSqrtParams params{int32_t(node.input(0).elements())};
  return make_kernel_call("ops/audio/filter_bank_sqrt/filter_bank_sqrt.h",
                          MOTE_KERNEL(filter_bank_sqrt_u64), "FilterBankSqrtParams", params)
      .input(0)
      .input(1)
      .output();
}

}  // namespace

const OpDef filter_bank_sqrt_op{
    .name = "filter_bank_sqrt",
    .room = "audio",
    .summary = "rounded square root, shifted down by an input; u64 to u32",
    .attributes = {},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
