// SPDX-License-Identifier: Apache-2.0
// Host half of filter_bank_log: u32 [n] -> s16 [n]. See filter_bank_log.h.
#include "ops/audio/filter_bank_log/filter_bank_log.h"

#include <cmath>

#include "ops/audio/audio_inputs.h"
#include "ops/registry.h"

namespace mote {
namespace {

// No value lies nearer than 0.003 to a half, so every libm rounds them alike.
std::vector<int16_t> chord_defects() {
  std::vector<int16_t> defects;
  for (int i = 0; i <= 128; ++i)
    defects.push_back(int16_t(std::lround(65536 * (std::log2(1 + i / 128.0) - i / 128.0))));
  return defects;
}

Inference infer(const NodeView& node) {
  const int32_t count = expect_vector(node, 0, ElementType::u32);
  integer_within(node, "output_scale", 0, INT32_MAX);
  integer_within(node, "correction_bits", 0, 31);
  return {{{ElementType::s16, {count}, {}, node.input(0).clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const FilterBankLogParams params{int32_t(node.input(0).elements()),
                                   uint32_t(node.integer("output_scale")),
                                   int32_t(node.integer("correction_bits"))};
  return make_kernel_call("ops/audio/filter_bank_log/filter_bank_log.h",
                          MOTE_KERNEL(filter_bank_log_u32), "FilterBankLogParams", params)
      .input(0)
      .constant("defects", ElementType::s16, chord_defects())
      .output();
}

}  // namespace

const OpDef filter_bank_log_op{
    .name = "filter_bank_log",
    .room = "audio",
    .summary = "scaled natural logarithm; u32 to s16",
    .attributes = {{"output_scale", {}, "factor on the logarithm"},
                   {"correction_bits", {}, "bits that the input is shifted up before"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
