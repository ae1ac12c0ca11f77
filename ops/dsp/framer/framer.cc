// SPDX-License-Identifier: Apache-2.0
// Host half of framer: [row...] at one clock -> [length, row...] every `stride` rows. See framer.h.
#include "ops/dsp/framer/framer.h"

#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Value& row = node.input(0);
  const int64_t length = node.integer("length");
  const int64_t stride = node.integer("stride");
  if (length < 1 || stride < 1)
    node.refuse("wrong-window", "length and stride must be at least 1 row");
  Shape window{int32_t(length)};
  window.insert(window.end(), row.shape.begin(), row.shape.end());
  Clock clock = row.clock;
  clock.phase = row.clock.phase + make_rational(length - 1, 1) * row.clock.period;
  clock.period = make_rational(stride, 1) * row.clock.period;
  // Whole periods: the fraction of a phase (resample's) never counts, and equal clocks look equal.
  if (clock.period.den == 1) clock.phase = make_rational(clock.phase.num / clock.phase.den, 1);
  return {{{row.type, window, row.quantization, clock}},
          {{"window", row.type, window, {}}, {"fill", ElementType::s32, {1}, {}}}};
}

KernelCall lower(const NodeView& node) {
  const FramerParams params{int32_t(node.input(0).bytes()), int32_t(node.integer("length")),
                            int32_t(node.integer("stride"))};
  return make_kernel_call("ops/dsp/framer/framer.h", MOTE_KERNEL(framer), "FramerParams", params)
      .input(0)
      .state(0)
      .state(1);
}

}  // namespace

const OpDef framer_op{
    .name = "framer",
    .room = "dsp",
    .summary = "the last `length` rows of a stream, every `stride` rows",
    .attributes = {{"length", {}, "rows in a window"}, {"stride", {}, "rows between windows"}},
    .infer = infer,
    .lower = lower,
    .alias = Alias::state_view,
};

}  // namespace mote
