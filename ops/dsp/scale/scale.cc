// SPDX-License-Identifier: Apache-2.0
// Host half of scale: any shape -> the same. See scale.h.
#include "ops/dsp/scale/scale.h"

#include <cmath>

#include "ops/dsp/signal_types.h"
#include "ops/element_order.h"
#include "ops/registry.h"

namespace mote {
namespace {

double factor(const NodeView& node) {
  const double f = node.number("factor");
  if (std::fabs(f) < 1e-4 || std::fabs(f) > 32767)
    node.refuse("wrong-factor", "the magnitude of a scale factor must lie in 0.0001 .. 32767");
  return f;
}

// 15 significant bits, the shift as large as they allow.
ScaleParams fixed_params(int32_t count, double f) {
  int32_t shift = 0;
  while (shift < 30 && std::llround(std::fabs(std::ldexp(f, shift + 1))) < 32768) ++shift;
  return {count, int32_t(std::llround(std::ldexp(f, shift))), shift};
}

Inference infer(const NodeView& node) {
  require_samples(node);
  factor(node);
  const Value& input = node.input(0);
  return {{{input.type, input.shape, input.quantization, input.clock}}, {}};
}

KernelCall lower(const NodeView& node) {
  const auto count = int32_t(node.input(0).elements());
  const char* header = "ops/dsp/scale/scale.h";
  if (node.input(0).type == ElementType::f32)
    return make_kernel_call(header, MOTE_KERNEL(scale_f32), "ScaleF32Params",
                            ScaleF32Params{count, float(factor(node))})
        .input(0)
        .output();
  return make_kernel_call(header, MOTE_KERNEL(scale_s16), "ScaleParams",
                          fixed_params(count, factor(node)))
      .input(0)
      .output();
}

int64_t macs(const NodeView& node) { return node.input(0).elements(); }

}  // namespace

const OpDef scale_op{
    .name = "scale",
    .room = "dsp",
    .summary = "samples times a constant factor",
    .attributes = {{"factor", {}, "0.0001 .. 32767, of either sign; 15 bits in fixed point"}},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
    .macs = macs,
};

}  // namespace mote
