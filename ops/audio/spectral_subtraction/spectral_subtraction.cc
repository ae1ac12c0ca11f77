// SPDX-License-Identifier: Apache-2.0
// Host half of spectral_subtraction: u32 [n] -> u32 [n] and the noise u32 [n]. See
// spectral_subtraction.h.
#include "ops/audio/spectral_subtraction/spectral_subtraction.h"

#include "ops/audio/audio_inputs.h"
#include "ops/element_order.h"
#include "ops/registry.h"

namespace mote {
namespace {

uint32_t coefficient(const NodeView& node, const std::string& name) {
  integer_within(node, name, 0, UINT32_MAX);
  return uint32_t(node.integer(name));
}

SpectralSubtractionParams params_of(const NodeView& node) {
  SpectralSubtractionParams params{};
  params.count = expect_vector(node, 0, ElementType::u32);
  params.smoothing[0] = coefficient(node, "smoothing");
  params.smoothing[1] = coefficient(node, "alternate_smoothing");
  params.one_minus_smoothing[0] = coefficient(node, "one_minus_smoothing");
  params.one_minus_smoothing[1] = coefficient(node, "alternate_one_minus_smoothing");
  params.min_signal_remaining = coefficient(node, "min_signal_remaining");
  params.smoothing_bits = integer_within(node, "smoothing_bits", 0, 31);
  params.bits = integer_within(node, "bits", 0, 63);
  params.clamping = node.integer("clamping") != 0;
  return params;
}

Inference infer(const NodeView& node) {
  const Shape shape{params_of(node).count};
  const ValueType channels{ElementType::u32, shape, {}, node.input(0).clock};
  return {{channels, channels}, {{"estimate", ElementType::u32, shape, {}}}};
}

KernelCall lower(const NodeView& node) {
  return make_kernel_call("ops/audio/spectral_subtraction/spectral_subtraction.h",
                          MOTE_KERNEL(spectral_subtraction_u32), "SpectralSubtractionParams",
                          params_of(node))
      .input(0)
      .state()
      .output(0)
      .output(1);
}

}  // namespace

const OpDef spectral_subtraction_op{
    .name = "spectral_subtraction",
    .room = "audio",
    .summary = "channels less their running noise estimate, and the estimate; u32",
    .attributes = {{"smoothing", {}, "share of a new signal in the estimate, even channels"},
                   {"one_minus_smoothing", {}, "share of the old estimate, even channels"},
                   {"alternate_smoothing", {}, "the same for odd channels"},
                   {"alternate_one_minus_smoothing", {}, "the same for odd channels"},
                   {"min_signal_remaining", {}, "share of the signal that always remains"},
                   {"smoothing_bits", {}, "further fraction bits of the estimate"},
                   {"bits", {}, "fraction bits of the shares above"},
                   {"clamping", Attribute(int64_t{0}), "1: the estimate never exceeds the signal"}},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
};

}  // namespace mote
