// SPDX-License-Identifier: Apache-2.0
// See scale_ratio.h.
#include "ops/nn/scale_ratio.h"

#include <cmath>

namespace mote {

QuantizedMultiplier scale_ratio(const NodeView& node, double real, int64_t largest) {
  if (!(real > 0)) node.refuse("wrong-quantization", "a scale is not positive");
  if (!(real < double(INT32_MAX)))
    node.refuse("wrong-quantization", "a scale is more than 2^31 times another",
                "use scales nearer to each other");
  const QuantizedMultiplier m = quantize_multiplier(real);
  if (m.shift > 0 && (largest << m.shift) > INT32_MAX)
    node.refuse("wrong-quantization",
                "the input's scale is " + std::to_string(real) + " times the output's",
                "use scales nearer to each other");
  return m;
}

std::vector<AttributeSpec> ratio_attributes(const std::string& of_what) {
  return {{"multipliers", Attribute(std::vector<int64_t>{}),
           of_what + ", s8 only; empty: from the scales"},
          {"shifts", Attribute(std::vector<int64_t>{}), of_what + ", -31 to 30"}};
}

bool has_given_ratios(const NodeView& node) {
  const Attributes& all = node.node().attributes;
  return all.count("multipliers") &&
         !(node.integers("multipliers").empty() && node.integers("shifts").empty());
}

std::vector<QuantizedMultiplier> given_ratios(const NodeView& node,
                                              const std::vector<int64_t>& largest) {
  const std::vector<int64_t>& multipliers = node.integers("multipliers");
  const std::vector<int64_t>& shifts = node.integers("shifts");
  if (node.input(0).type != ElementType::s8)
    node.refuse("wrong-attribute", "multipliers are given for a layer that is not s8");
  if (multipliers.size() != largest.size() || shifts.size() != largest.size())
    node.refuse("wrong-attribute", "there must be " + std::to_string(largest.size()) +
                                       " multipliers and as many shifts");
  std::vector<QuantizedMultiplier> ratios;
  for (size_t i = 0; i < largest.size(); ++i) {
    const bool in_range =
        multipliers[i] == 0 || (multipliers[i] >= int64_t(1) << 30 && multipliers[i] <= INT32_MAX);
    const bool fits = shifts[i] >= -31 && shifts[i] <= 30 &&
                      (shifts[i] <= 0 || (largest[i] << shifts[i]) <= INT32_MAX);
    if (!in_range || !fits)
      node.refuse("wrong-attribute",
                  "multiplier " + std::to_string(i) +
                      " must be 0 or in 2^30 .. 2^31 - 1, its shift in -31 .. 30 "
                      "and so that the product stays in 32 bits");
    ratios.push_back({int32_t(multipliers[i]), int32_t(shifts[i])});
  }
  return ratios;
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

void expect_one_scale(const NodeView& node, size_t input) {
  const Quantization& q = node.input(input).quantization;
  if (q.scales.size() != 1 || !(q.scale() > 0) || !std::isfinite(q.scale()))
    node.refuse("wrong-quantization", "input " + std::to_string(input) + " must have one scale",
                "give it one positive scale for the whole tensor");
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
