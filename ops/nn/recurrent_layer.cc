// SPDX-License-Identifier: Apache-2.0
// See recurrent_layer.h.
#include "ops/nn/recurrent_layer.h"

#include <algorithm>
#include <cmath>

#include "ops/activation.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr double kLargestBias = 0x1p30;

bool is_integer_type(ElementType type) {
  return type == ElementType::s8 || type == ElementType::s16;
}

double peak_of(const ValueRange& range) { return std::max(-double(range.min), double(range.max)); }

// Of gate g; the rows of a gate lie together.
ValueRange range_of_gate(const NodeView& node, size_t i, size_t g, size_t gates) {
  const Value& value = node.input(i);
  const int64_t each = value.elements() / int64_t(gates);
  ValueRange range;
  for (int64_t k = int64_t(g) * each; k < int64_t(g + 1) * each; ++k) {
    const float number = value.as<float>()[k];
    range = {std::min(range.min, number), std::max(range.max, number)};
  }
  return range;
}

std::vector<float> chosen_scales(const NodeView& node, const GateWeights& gates) {
  std::vector<float> scales;
  for (size_t g = 0; g < gates.gates; ++g) {
    const double peak = peak_of(range_of_gate(node, gates.weights, g, gates.gates));
    double scale = peak > 0 ? std::max(peak / 127, 1e-20) : 1.0 / 127;
    if (gates.bias >= 0) {
      const double bias = peak_of(range_of_gate(node, size_t(gates.bias), g, gates.gates));
      scale = std::max(scale, bias / (gates.input_scale * kLargestBias));
    }
    scales.push_back(float(scale));
  }
  return scales;
}

// A scale a row where there are several gates: how a Quantization says it.
Quantization by_row(const Value& value, const std::vector<float>& scales) {
  if (scales.size() == 1) return per_tensor(scales[0], 0);
  Quantization rows;
  const auto count = size_t(value.shape[0]);
  for (size_t u = 0; u < count; ++u) rows.scales.push_back(scales[u * scales.size() / count]);
  rows.zero_points.assign(count, 0);
  return rows;
}

template <class T>
std::vector<T> integers_of(const Value& value, const std::vector<double>& scales, double most) {
  std::vector<T> numbers;
  const auto count = size_t(value.elements());
  for (size_t k = 0; k < count; ++k) {
    const double steps = double(value.as<float>()[k]) / scales[k * scales.size() / count];
    numbers.push_back(T(std::clamp(std::nearbyint(steps), -most, most)));
  }
  return numbers;
}

void expect_constant(const NodeView& node, size_t i) {
  const Value& value = node.input(i);
  if (value.kind != ValueKind::constant || value.type != ElementType::f32)
    node.refuse("not-constant", "input " + std::to_string(i) + " must be a constant of f32");
  range_of_constant(node, i);
}

ValueId add_bias(Quantizer& quantizer, const Value& bias, const GateWeights& gates,
                 const std::vector<float>& scales) {
  std::vector<double> products;
  std::vector<float> stated;
  for (float scale : scales) {
    products.push_back(gates.input_scale * double(scale));
    stated.push_back(float(products.back()));
  }
  const Quantization at = by_row(bias, stated);
  Graph& graph = quantizer.graph();
  if (gates.bias_type == ElementType::s64)
    return graph.add_constant(bias.name, ElementType::s64, bias.shape,
                              integers_of<int64_t>(bias, products, 0x1p45), at);
  return graph.add_constant(bias.name, ElementType::s32, bias.shape,
                            integers_of<int32_t>(bias, products, kLargestBias), at);
}

}  // namespace

std::vector<double> gate_scales(const NodeView& node, size_t i, size_t gates) {
  const Value& value = node.input(i);
  const Quantization& q = value.quantization;
  const auto rows = size_t(value.shape.at(0));
  const bool by_row = q.scales.size() == rows && (q.axis == 0 || rows == 1);
  std::vector<double> scales;
  for (size_t u = 0; u < rows && (by_row || q.scales.size() == 1); ++u) {
    const size_t g = u * gates / rows, at = by_row ? u : 0;
    if (g == scales.size()) scales.push_back(double(q.scales[at]));
    const bool usable = std::isfinite(scales[g]) && scales[g] > 0;
    if (!usable || scales[g] != double(q.scales[at]) || q.zero_points[at] != 0) break;
    if (u + 1 == rows) return scales;
  }
  node.refuse("wrong-quantization", "input " + std::to_string(i) +
                                        " must have one scale, or one a gate, and no zero point");
}

ValueType integer_output(const NodeView& node, int32_t units) {
  const Value& input = node.input(0);
  if (!is_integer_type(input.type))
    node.refuse("wrong-type", std::string("the input is ") + to_string(input.type),
                "use f32, s8 or s16");
  expect_one_scale(node, 0);
  ValueType output = like_input(node, sequence_output(node, units));
  output.clock = joint_clock(node);
  const int32_t zero_point = output.quantization.zero_point();
  const bool wide = input.type == ElementType::s16;
  if (zero_point < -128 || zero_point > 127 || (wide && zero_point != 0))
    node.refuse("wrong-quantization", "the zero point of the output does not fit");
  if (wide && input.quantization.zero_point() != 0)
    node.refuse("wrong-quantization", "an s16 input must have zero point 0");
  return output;
}

QuantizedMultiplier recurrent_ratio(const NodeView& node, double real) {
  if (!(real > 0) || !(real < 0x1p30))
    node.refuse("wrong-quantization", "the scales of the layer lie too far apart",
                "use scales nearer to each other");
  return quantize_multiplier(real);
}

std::string computed_weights(const NodeView& node, size_t first, size_t last) {
  for (size_t i = first; i <= last; ++i)
    if (node.input(i).kind != ValueKind::constant)
      return "its weights \"" + node.input(i).name + "\" are computed";
  return "";
}

QuantizedWeights quantize_gates(Quantizer& quantizer, const NodeView& node,
                                const GateWeights& gates) {
  expect_constant(node, gates.weights);
  if (gates.bias >= 0) expect_constant(node, size_t(gates.bias));
  const std::vector<float> scales = chosen_scales(node, gates);
  const Value& weights = node.input(gates.weights);
  QuantizedWeights out;
  out.weights = quantizer.graph().add_constant(
      weights.name, ElementType::s8, weights.shape,
      integers_of<int8_t>(weights, {scales.begin(), scales.end()}, 127), by_row(weights, scales));
  if (gates.bias >= 0)
    out.bias = add_bias(quantizer, node.input(size_t(gates.bias)), gates, scales);
  return out;
}

AttributeSpec hidden_scale_attribute(const std::string& summary) {
  return {"hidden_scale", Attribute(1.0 / 32768), summary};
}

int32_t hidden_bits(const NodeView& node) {
  int exponent = 0;
  const double scale = node.number("hidden_scale");
  if (std::frexp(scale, &exponent) != 0.5 || exponent < -14 || exponent > 1)
    node.refuse("wrong-quantization", "hidden_scale must be a power of two within 2^-15 .. 1");
  return exponent + 14;
}

double hidden_scale_over(const ValueRange& initial) {
  const double peak = std::max(peak_of(initial), 1.0);
  return std::exp2(std::min(std::ceil(std::log2(peak)), 15.0) - 15);
}

ValueRange widened(const ValueRange& a, const ValueRange& b) {
  return {std::min(a.min, b.min), std::max(a.max, b.max)};
}

ValueRange range_of_state(Quantizer& quantizer, const NodeView& node, size_t i) {
  if (!node.has_input(i)) return {};
  const Value& value = quantizer.graph().value(quantizer.input(node, i));
  if (value.type == ElementType::f32) return range_of_constant(node, i);
  const int32_t most = value.type == ElementType::s8 ? 127 : 32767;
  const Quantization& q = value.quantization;
  return {float(-most - 1 - q.zero_point()) * q.scale(), float(most - q.zero_point()) * q.scale()};
}

ValueId quantize_state(Quantizer& quantizer, const NodeView& node, size_t i) {
  if (!node.has_input(i)) return -1;
  const ElementType type = quantizer.type(node);
  const ValueId id = quantizer.input(node, i);
  if (quantizer.graph().value(id).type == type) return id;
  return quantize_state(quantizer, node, i, type,
                        quantization_over(type, range_of_state(quantizer, node, i)));
}

ValueId quantize_state(Quantizer& quantizer, const NodeView& node, size_t i, ElementType type,
                       const Quantization& wanted) {
  if (!node.has_input(i)) return -1;
  Graph& graph = quantizer.graph();
  const ValueId id = quantizer.input(node, i);
  const Value& value = graph.value(id);
  if (value.type == ElementType::f32) {
    range_of_constant(node, i);
    const Value& real = node.input(i);
    std::vector<int32_t> steps;
    for (int64_t k = 0; k < real.elements(); ++k)
      steps.push_back(to_integer(double(real.as<float>()[k]), wanted, type));
    if (type == ElementType::s8)
      return graph.add_constant(real.name, type, real.shape,
                                std::vector<int8_t>(steps.begin(), steps.end()), wanted);
    return graph.add_constant(real.name, type, real.shape,
                              std::vector<int16_t>(steps.begin(), steps.end()), wanted);
  }
  if (value.type == type && value.quantization == wanted) return id;
  return graph.add_node(
      quantize_op, node.node().name + "/state_" + std::to_string(i), {id},
      with_output_quantization({{"output_type", std::string(to_string(type))}}, wanted));
}

}  // namespace mote
