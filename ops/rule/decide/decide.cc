// SPDX-License-Identifier: Apache-2.0
// Host half of decide: scores f32 | s8 of any shape -> s32 [2]: label index or -1, and the winning
// score. See decide.h.
#include "ops/rule/decide/decide.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "graph/quantizer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/rule/decide/decide.h";

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  if (input.type != ElementType::f32 && input.type != ElementType::s8)
    node.refuse("wrong-type", std::string("scores are ") + to_string(input.type), "use f32 or s8");
  if (input.elements() < 1) node.refuse("wrong-shape", "there are no scores");
  const double minimum = node.number("minimum_score");
  if (!(minimum >= 0 && minimum <= 1))
    node.refuse("wrong-attribute", "minimum_score must lie between 0 and 1");
  return {{{ElementType::s32, {2}, {}, input.clock}}, {}};
}

// The smallest quantised score that is not below `minimum`. The largest that the type can hold
// always decides (at scale 1/256 a certain score of 1 is stored as 255/256), and nothing is below a
// minimum of 0.
int32_t quantised_minimum(const Quantization& quantization, double minimum) {
  if (minimum == 0) return -128;
  const double steps = minimum / double(quantization.scale());
  const double units = std::ceil(steps * (1 - 1e-9)) + quantization.zero_point();
  return int32_t(std::clamp(units, -128.0, 127.0));
}

KernelCall lower(const NodeView& node) {
  const Value& input = node.input(0);
  const auto classes = int32_t(input.elements());
  const double minimum = node.number("minimum_score");
  if (input.type == ElementType::s8) {
    const DecideParams params{classes, quantised_minimum(input.quantization, minimum)};
    return make_kernel_call(kHeader, MOTE_KERNEL(decide_s8), "DecideParams", params)
        .input(0)
        .output();
  }
  const DecideF32Params params{classes, minimum == 0 ? -FLT_MAX : float(minimum)};
  return make_kernel_call(kHeader, MOTE_KERNEL(decide_f32), "DecideF32Params", params)
      .input(0)
      .output();
}

}  // namespace

const OpDef decide_op{
    .name = "decide",
    .room = "rule",
    .summary = "scores to a label or \"uncertain\", and its score; f32, s8",
    .attributes = {{"minimum_score", Attribute(0.0), "0..1; a lower score is \"uncertain\""}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
};

}  // namespace mote
