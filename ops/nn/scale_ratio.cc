// SPDX-License-Identifier: Apache-2.0
// See scale_ratio.h.
#include "ops/nn/scale_ratio.h"

namespace mote {

QuantizedMultiplier scale_ratio(const NodeView& node, double real, int64_t largest) {
  if (!(real > 0) || real > 1e18)
    node.refuse("wrong-quantization", "a ratio of scales is not positive and finite");
  const QuantizedMultiplier m = quantize_multiplier(real);
  if (m.shift > 0 && (largest << m.shift) > INT32_MAX)
    node.refuse("wrong-quantization",
                "the input's scale is " + std::to_string(real) + " times the output's",
                "use scales nearer to each other");
  return m;
}

Clock joint_clock(const NodeView& node) {
  const ValueId trigger = trigger_of(node.graph(), node.node());
  if (trigger < 0)
    node.refuse("constant-input", "all inputs are constant", "compute the result beforehand");
  const Clock clock = node.graph().value(trigger).clock;
  for (size_t i = 0; i < node.input_count(); ++i) {
    if (!node.has_input(i)) continue;
    const Value& input = node.input(i);
    if (input.kind != ValueKind::constant && input.clock.stream == clock.stream &&
        !(input.clock == clock))
      node.refuse("wrong-clock",
                  "input " + std::to_string(i) + " comes at other times than the first",
                  "give both the same window and stride");
  }
  return clock;
}

void expect_f32_or_s8(const NodeView& node, size_t input) {
  const Value& value = node.input(input);
  if (value.type != ElementType::f32 && value.type != ElementType::s8)
    node.refuse("wrong-type", "input " + std::to_string(input) + " is " + to_string(value.type),
                "use f32 or s8");
  if (value.type == ElementType::s8 && value.quantization.scales.size() != 1)
    node.refuse("wrong-quantization", "input " + std::to_string(input) + " must have one scale");
}

}  // namespace mote
