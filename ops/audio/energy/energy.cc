// SPDX-License-Identifier: Apache-2.0
// Host half of energy: s16 [2 n] -> u32 [n]. See energy.h.
#include "ops/audio/energy/energy.h"

#include "ops/audio/audio_inputs.h"
#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const int32_t numbers = expect_vector(node, 0, ElementType::s16);
  if (numbers % 2 != 0)
    node.refuse("wrong-shape", "a spectrum is pairs, not " + std::to_string(numbers) + " numbers");
  const int32_t end = integer_within(node, "end", 0, numbers / 2);
  integer_within(node, "start", 0, end);
  return {{{ElementType::u32, {numbers / 2}, {}, node.input(0).clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const EnergyParams params{last_dimension(node) / 2, int32_t(node.integer("start")),
                            int32_t(node.integer("end"))};
  return make_kernel_call("ops/audio/energy/energy.h", MOTE_KERNEL(energy_s16), "EnergyParams",
                          params)
      .input(0)
      .output();
}

}  // namespace

const OpDef energy_op{
    .name = "energy",
    .room = "audio",
    .summary = "squared magnitude of the bins of a spectrum; s16 to u32",
    .attributes = {{"start", {}, "first bin"},
                   {"end", {}, "behind the last bin; the others are 0"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
