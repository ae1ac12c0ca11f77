// SPDX-License-Identifier: Apache-2.0
// Fused activations and output quantisation. See activation.h.
#include "ops/activation.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "graph/quantizer.h"

namespace mote {

AttributeSpec activation_attribute() {
  return {"activation", Attribute(std::string("none")),
          "fused clamp: none, relu, relu6, relu_n1_to_1"};
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

ClampRange activation_range(const NodeView& node) {
  const std::string& name = node.text("activation");
  if (name == "none") return {-FLT_MAX, FLT_MAX};
  if (name == "relu") return {0, FLT_MAX};
  if (name == "relu6") return {0, 6};
  if (name == "relu_n1_to_1") return {-1, 1};
  node.refuse("unknown-activation", "activation '" + name + "' is unknown",
              "use none, relu, relu6 or relu_n1_to_1");
}

QuantizedClampRange quantized_activation_range(const NodeView& node, const Value& output) {
  const ClampRange real = activation_range(node);
  QuantizedClampRange range{-128, 127};
  if (output.type == ElementType::u8) range = {0, 255};
  if (output.type == ElementType::s16) range = {-32768, 32767};
  const float scale = output.quantization.scale();
  const int32_t zero_point = output.quantization.zero_point();
  // A tiny scale takes the limit far beyond the type's.
  const auto quantized = [&](float limit) {
    return zero_point + int32_t(std::clamp(std::round(limit / scale), -1e6f, 1e6f));
  };
  if (real.min > -FLT_MAX) range.min = std::max(range.min, quantized(real.min));
  if (real.max < FLT_MAX) range.max = std::min(range.max, quantized(real.max));
  return range;
}

ValueType like_input(const NodeView& node, Shape shape) {
  const Value& input = node.input(0);
  ValueType type{input.type, std::move(shape), {}, input.clock};
  if (input.type != ElementType::f32)
    type.quantization =
        per_tensor(float(node.number("output_scale")), int32_t(node.integer("output_zero_point")));
  return type;
}

Attributes with_output_quantization(Attributes attributes, const Quantization& quantization) {
  attributes["output_scale"] = double(quantization.scale());
  attributes["output_zero_point"] = int64_t(quantization.zero_point());
  return attributes;
}

ChannelMultipliers channel_multipliers(const Value& input, const Value& weights,
                                       const Value& output, int64_t channels) {
  ChannelMultipliers out;
  const std::vector<float>& scales = weights.quantization.scales;
  for (int64_t o = 0; o < channels; ++o) {
    const float scale = scales.size() == 1 ? scales[0] : scales.at(size_t(o));
    const double real =
        double(input.quantization.scale()) * double(scale) / double(output.quantization.scale());
    const QuantizedMultiplier m = quantize_multiplier(real);
    out.multipliers.push_back(m.multiplier);
    out.shifts.push_back(m.shift);
  }
  return out;
}

}  // namespace mote
