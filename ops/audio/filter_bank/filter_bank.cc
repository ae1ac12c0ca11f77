// SPDX-License-Identifier: Apache-2.0
// Host half of filter_bank: (x u32 [bins], weights, unweights, first bins, first weights, widths:
// s16 constants) -> u64 [channels]. See filter_bank.h.
#include "ops/audio/filter_bank/filter_bank.h"

#include <algorithm>

#include "ops/audio/audio_inputs.h"
#include "ops/registry.h"

namespace mote {
namespace {

// Segments first[c] .. first[c] + width[c] - 1 lie within `size` elements.
void expect_inside(const NodeView& node, std::span<const int16_t> first,
                   std::span<const int16_t> width, size_t segments, int64_t size) {
  for (size_t c = 0; c < segments; ++c)
    if (width[c] > 0 && (first[c] < 0 || int64_t(first[c]) + width[c] > size))
      node.refuse("wrong-table", "segment " + std::to_string(c) +
                                     " of the filter bank leaves its " + std::to_string(size) +
                                     " elements");
}

Inference infer(const NodeView& node) {
  const int32_t bins = expect_vector(node, 0, ElementType::u32);
  const auto weights = constant_s16(node, 1), unweights = constant_s16(node, 2);
  const auto first_bin = constant_s16(node, 3), first_weight = constant_s16(node, 4);
  const auto width = constant_s16(node, 5);
  const int32_t channels = integer_within(node, "channels", 1, 32767);
  const auto segments = size_t(channels) + 1;
  if (std::min({first_bin.size(), first_weight.size(), width.size()}) < segments)
    node.refuse("wrong-shape", "a filter bank of " + std::to_string(channels) +
                                   " channels has one segment more in its tables");
  expect_inside(node, first_bin, width, segments, bins);
  expect_inside(node, first_weight, width, segments,
                int64_t(std::min(weights.size(), unweights.size())));
  return {{{ElementType::u64, {channels}, {}, node.input(0).clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const FilterBankParams params{int32_t(node.integer("channels"))};
  KernelCall call = make_kernel_call("ops/audio/filter_bank/filter_bank.h",
                                     MOTE_KERNEL(filter_bank_u32), "FilterBankParams", params);
  for (int32_t i = 0; i < 6; ++i) call.input(i);
  return call.output();
}

int64_t macs(const NodeView& node) {
  int64_t count = 0;
  for (int16_t width : constant_s16(node, 5)) count += 2 * std::max<int16_t>(width, 0);
  return count;
}

}  // namespace

const OpDef filter_bank_op{
    .name = "filter_bank",
    .room = "audio",
    .summary = "energies of a spectrum in overlapping channels by given tables; u32 to u64",
    .attributes = {{"channels", {}, "channels; the tables have one segment more"}},
    .infer = infer,
    .lower = lower,
    .macs = macs,
};

}  // namespace mote
