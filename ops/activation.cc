// SPDX-License-Identifier: Apache-2.0
// Fused activations and output quantisation. See activation.h.
#include "ops/activation.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

namespace mote {

AttributeSpec activation_attribute() {
  return {"activation", Attribute(std::string("none")),
          "fused clamp: none, relu, relu6, relu_n1_to_1, relu_0_to_1"};
}

std::vector<AttributeSpec> output_quantization_attributes() {
  return {{"output_scale", Attribute(1.0), "scale of an integer output"},
          {"output_zero_point", Attribute(int64_t{0}), "zero point of an integer output"}};
}

std::vector<AttributeSpec> fused_activation_attributes() {
  std::vector<AttributeSpec> all = output_quantization_attributes();
  all.push_back(activation_attribute());
  return all;
}

// A recurrent layer's "activation" is another: its default is no clamp.
bool has_free_clamp(const Node& node) {
  const auto found = node.attributes.find("activation");
  if (found == node.attributes.end() || !(found->second == Attribute(std::string("none"))))
    return false;
  const AttributeSpec fused = activation_attribute();
  return std::any_of(node.op->attributes.begin(), node.op->attributes.end(),
                     [&](const AttributeSpec& spec) {
                       return spec.name == fused.name && spec.initial == fused.initial;
                     });
}

ClampRange activation_range(const NodeView& node) {
  const std::string& name = node.text("activation");
  if (name == "none") return {-FLT_MAX, FLT_MAX};
  if (name == "relu") return {0, FLT_MAX};
  if (name == "relu6") return {0, 6};
  if (name == "relu_n1_to_1") return {-1, 1};
  if (name == "relu_0_to_1") return {0, 1};
  node.refuse("unknown-activation", "activation '" + name + "' is unknown",
              "use none, relu, relu6, relu_n1_to_1 or relu_0_to_1");
}

namespace {

// A bound of the activation in steps of the output's scale (TFLM refuses what does not fit 32 bits,
// too).
int32_t steps(const NodeView& node, float bound, float scale) {
  const float rounded = std::round(bound / scale);
  if (!(std::fabs(rounded) < 1e9f))
    node.refuse("wrong-quantization", "the activation's bound is 10^9 steps of the output's scale",
                "use a larger output scale");
  return int32_t(rounded);
}

}  // namespace

QuantizedClampRange quantized_activation_range(const NodeView& node, const Value& output) {
  const ClampRange real = activation_range(node);
  QuantizedClampRange range{-128, 127};
  if (output.type == ElementType::u8) range = {0, 255};
  if (output.type == ElementType::s16) range = {-32768, 32767};
  const float scale = output.quantization.scale();
  const int32_t zero_point = output.quantization.zero_point();
  if (real.min > -FLT_MAX)
    range.min = std::max(range.min, zero_point + steps(node, real.min, scale));
  if (real.max < FLT_MAX)
    range.max = std::min(range.max, zero_point + steps(node, real.max, scale));
  return range;
}

ValueType like_input(const NodeView& node, Shape shape) {
  const Value& input = node.input(0);
  ValueType type{input.type, std::move(shape), {}, input.clock};
  if (input.type == ElementType::f32) return type;
  const auto scale = float(node.number("output_scale"));
  const int64_t zero_point = node.integer("output_zero_point");
  if (!(scale > 0) || !std::isfinite(scale) || std::abs(zero_point) > 65535)
    node.refuse("wrong-quantization",
                "output_scale must be positive, output_zero_point an integer "
                "of the output's type");
  type.quantization = per_tensor(scale, int32_t(zero_point));
  return type;
}

Attributes with_output_quantization(Attributes attributes, const Quantization& quantization) {
  attributes["output_scale"] = double(quantization.scale());
  attributes["output_zero_point"] = int64_t(quantization.zero_point());
  return attributes;
}

}  // namespace mote
