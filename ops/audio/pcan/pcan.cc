// SPDX-License-Identifier: Apache-2.0
// Host half of pcan: (u32 [n], noise u32 [n], table s16 constant) -> u32 [n]. See pcan.h.
#include "ops/audio/pcan/pcan.h"

#include "ops/audio/audio_inputs.h"
#include "ops/element_order.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const int32_t count = expect_vector(node, 0, ElementType::u32);
  if (expect_vector(node, 1, ElementType::u32) != count)
    node.refuse("wrong-shape", "the noise has another number of channels than the signal");
  if (constant_s16(node, 2).size() < size_t(kPcanTableSize))
    node.refuse("wrong-table", "the gain table has fewer than 125 numbers");
  integer_within(node, "snr_shift", 0, 63);
  return {{{ElementType::u32, {count}, {}, joint_clock(node)}}, {}};
}

KernelCall lower(const NodeView& node) {
  const PcanParams params{int32_t(node.input(0).elements()), int32_t(node.integer("snr_shift"))};
  return make_kernel_call("ops/audio/pcan/pcan.h", MOTE_KERNEL(pcan_u32), "PcanParams", params)
      .input(0)
      .input(1)
      .input(2)
      .output();
}

}  // namespace

const OpDef pcan_op{
    .name = "pcan",
    .room = "audio",
    .summary = "per-channel amplitude normalisation by a noise estimate; u32",
    .attributes = {{"snr_shift", {}, "bits that signal times gain is shifted down, 0 .. 63"}},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
};

}  // namespace mote
