// SPDX-License-Identifier: Apache-2.0
// Host half of decimate: a row at one clock -> the same at a clock `ratio` times slower. See
// decimate.h.
#include "ops/dsp/decimate/decimate.h"

#include "ops/registry.h"

namespace mote {
namespace {

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  const int64_t ratio = node.integer("ratio");
  if (ratio < 1 || ratio > 1000000) node.refuse("wrong-ratio", "ratio must be 1 .. 1000000");
  Clock clock = input.clock;
  clock.phase = clock.phase + make_rational(ratio - 1, 1) * clock.period;
  clock.period = make_rational(ratio, 1) * clock.period;
  return {{{input.type, input.shape, input.quantization, clock}},
          {{"skipped", ElementType::s32, {1}, {}}}};
}

KernelCall lower(const NodeView& node) {
  const DecimateParams params{int32_t(node.input(0).bytes()), int32_t(node.integer("ratio"))};
  return make_kernel_call("ops/dsp/decimate/decimate.h", MOTE_KERNEL(decimate), "DecimateParams",
                          params)
      .input(0)
      .state()
      .output();
}

}  // namespace

const OpDef decimate_op{
    .name = "decimate",
    .room = "dsp",
    .summary = "the last of every `ratio` rows of a stream",
    .attributes = {{"ratio", {}, "rows in for one row out"}},
    .infer = infer,
    .lower = lower,
};

}  // namespace mote
