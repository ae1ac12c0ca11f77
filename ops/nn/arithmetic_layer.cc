// SPDX-License-Identifier: Apache-2.0
// See arithmetic_layer.h.
#include "ops/nn/arithmetic_layer.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "ops/registry.h"

namespace mote {
namespace {

// Integers clamp to the whole numbers of the activation (TFLM CalculateActivationRange).
PairS32Params with_s32_activation(const NodeView& node) {
  const ClampRange real = activation_range(node);
  PairS32Params params{};
  params.output_min = real.min > -FLT_MAX ? int32_t(real.min) : INT32_MIN;
  params.output_max = real.max < FLT_MAX ? int32_t(real.max) : INT32_MAX;
  return with_pair_walk(node, params);
}

// int8 over the numbers' range with 0 in it, scale = (max - min) / 255.
Quantization range_of_constant(const NodeView& node, const Value& value) {
  float low = 0, high = 0;
  for (int64_t i = 0; i < value.elements(); ++i) {
    const float x = value.as<float>()[i];
    if (!std::isfinite(x))
      node.refuse("not-finite", "constant \"" + value.name + "\" is not finite");
    low = std::min(low, x);
    high = std::max(high, x);
  }
  float scale = high / 255 - low / 255;
  if (!(scale > 0)) scale = 1.0f / 255;
  const auto zero_point = int32_t(std::clamp(-128 - std::round(low / scale), -128.0f, 127.0f));
  return per_tensor(scale, zero_point);
}

ValueId quantize_constant(Graph& graph, ValueId id, const Quantization& wanted) {
  const Value& value = graph.value(id);
  std::vector<int8_t> numbers;
  for (int64_t i = 0; i < value.elements(); ++i) {
    const float q = std::round(value.as<float>()[i] / wanted.scale()) + float(wanted.zero_point());
    numbers.push_back(int8_t(std::clamp(q, -128.0f, 127.0f)));
  }
  const std::string name = value.name;
  const Shape shape = value.shape;
  return graph.add_constant(name, ElementType::s8, shape, numbers, wanted);
}

}  // namespace

Inference infer_arithmetic(const NodeView& node, const ArithmeticKernels& kernels) {
  expect_same_types(node, 0, 2);
  ValueType type{node.input(0).type, broadcast_shape(node, 2), {}, joint_clock(node)};
  if (are_scaled(node)) {
    kernel_of_type(node, 0, kernels.scaled);
    type.quantization = output_quantization(node);
  } else if (type.type != ElementType::f32 && type.type != ElementType::s32) {
    kernel_of_type(node, 0, kernels.plain);
    if (node.text("activation") != "none")
      node.refuse("wrong-activation",
                  std::string(to_string(type.type)) + " without a scale has no fused activation");
  }
  return {{type}, {}};
}

KernelCall lower_arithmetic(const NodeView& node, const ArithmeticKernels& kernels) {
  if (are_scaled(node)) return kernels.lower_scaled(node, kernels);
  const ElementType type = node.input(0).type;
  if (type == ElementType::f32) {
    PairF32Params params{};
    const ClampRange range = activation_range(node);
    params.output_min = range.min;
    params.output_max = range.max;
    return pair_call(kernels.header, kernels.f32, "PairF32Params", with_pair_walk(node, params));
  }
  if (type == ElementType::s32)
    return pair_call(kernels.header, kernels.s32, "PairS32Params", with_s32_activation(node));
  return pair_call(kernels.header, kernel_of_type(node, 0, kernels.plain), "PairParams",
                   with_pair_walk(node, PairParams{}));
}

CommonScaleParams common_scale_params(const NodeView& node, int32_t left_shift) {
  CommonScaleParams params{};
  params.left_shift = left_shift;
  params.a_zero_point = node.input(0).quantization.zero_point();
  params.b_zero_point = node.input(1).quantization.zero_point();
  return with_pair_walk(node, params);
}

void set_output(const NodeView& node, const QuantizedClampRange& range, CommonScaleParams& params) {
  params.output_zero_point = node.output().quantization.zero_point();
  params.output_min = range.min;
  params.output_max = range.max;
}

namespace {

// |q - zero point| <= 255 with 20 more bits: ratios of at most 1 keep a sum of two below 2^29.
constexpr int64_t kAtMostOne = 1 << 30;
constexpr int64_t kLargestSum = 1 << 29;

std::vector<QuantizedMultiplier> common_scale_ratios(const NodeView& node, int32_t left_shift) {
  if (has_given_ratios(node)) return given_ratios(node, {kAtMostOne, kAtMostOne, kLargestSum});
  const auto a = double(node.input(0).quantization.scale());
  const auto b = double(node.input(1).quantization.scale());
  const double common = 2 * std::max(a, b);
  const int64_t largest = node.input(0).type == ElementType::s16 ? 1 << 30 : 1 << 28;
  const double unit = double(1 << left_shift) * double(node.output().quantization.scale());
  return {scale_ratio(node, a / common, largest), scale_ratio(node, b / common, largest),
          scale_ratio(node, common / unit, largest)};
}

}  // namespace

KernelCall lower_at_common_scale(const NodeView& node, const ArithmeticKernels& kernels) {
  const int32_t left_shift = node.input(0).type == ElementType::s16 ? 15 : 20;
  CommonScaleParams params = common_scale_params(node, left_shift);
  const std::vector<QuantizedMultiplier> ratios = common_scale_ratios(node, left_shift);
  params.a_multiplier = ratios[0].multiplier;
  params.a_shift = ratios[0].shift;
  params.b_multiplier = ratios[1].multiplier;
  params.b_shift = ratios[1].shift;
  params.output_multiplier = ratios[2].multiplier;
  params.output_shift = ratios[2].shift;
  set_output(node, quantized_activation_range(node, node.output()), params);
  return pair_call(kernels.header, kernel_of_type(node, 0, kernels.scaled), "CommonScaleParams",
                   params);
}

void quantize_pair(Quantizer& quantizer, const NodeView& node) {
  std::vector<ValueId> inputs{quantizer.input(node, 0), quantizer.input(node, 1)};
  for (ValueId& id : inputs)
    if (quantizer.graph().value(id).type == ElementType::f32)
      id = quantize_constant(quantizer.graph(), id,
                             range_of_constant(node, quantizer.graph().value(id)));
  quantizer.replace(node, *node.node().op, inputs,
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

void quantize_pair_at_one_scale(Quantizer& quantizer, const NodeView& node) {
  const Quantization wanted = quantizer.activation(node);
  Graph& graph = quantizer.graph();
  std::vector<ValueId> inputs;
  for (size_t i = 0; i < 2; ++i) {
    ValueId id = quantizer.input(node, i);
    if (graph.value(id).type == ElementType::f32) {
      range_of_constant(node, graph.value(id));
      id = quantize_constant(graph, id, wanted);
    } else if (!(graph.value(id).quantization == wanted)) {
      const std::string name = node.node().name + "/scale_" + std::to_string(i);
      id = graph.add_node(quantize_op, name, {id}, with_output_quantization({}, wanted));
    }
    inputs.push_back(id);
  }
  quantizer.replace(node, *node.node().op, inputs, node.node().attributes);
}

}  // namespace mote
