// SPDX-License-Identifier: Apache-2.0
// Host half of add: inputs (a, b) f32 | s8 -> a's shape. b has a's shape or that of its last
// dimensions (a bias, one number), constant or not; the first input is the one that is not
// constant.
#include "ops/nn/add/add.h"

#include <algorithm>
#include <cmath>

#include "ops/activation.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/add/add.h";
constexpr int32_t kLeftShift = 20;

// Whether `b`, without leading ones, is how `a` ends.
bool ends_with(const Shape& a, const Shape& b) {
  const auto first = std::find_if(b.begin(), b.end(), [](int32_t d) { return d != 1; });
  const auto length = b.end() - first;
  return length <= int64_t(a.size()) && std::equal(first, b.end(), a.end() - length);
}

Inference infer(const NodeView& node) {
  expect_f32_or_s8(node, 0);
  expect_f32_or_s8(node, 1);
  const Value& a = node.input(0);
  const Value& b = node.input(1);
  if (a.type != b.type) node.refuse("wrong-type", "one input is f32 and the other s8");
  if (b.elements() < 1 || !ends_with(a.shape, b.shape))
    node.refuse("wrong-shape",
                "the second input must have the shape of the first or of its last dimensions",
                "swap the inputs, or reshape one");
  ValueType type = like_input(node, a.shape);
  type.clock = joint_clock(node);
  return {{type}, {}};
}

// The rule of TFLM CalculateOpDataAdd (tensorflow/lite/micro/kernels/add_common.cc).
KernelCall lower_s8(const NodeView& node) {
  const Quantization& a = node.input(0).quantization;
  const Quantization& b = node.input(1).quantization;
  const Quantization& y = node.output().quantization;
  const double common = 2 * double(std::max(a.scale(), b.scale()));
  const QuantizedMultiplier a_to_common = scale_ratio(node, double(a.scale()) / common, 1 << 28);
  const QuantizedMultiplier b_to_common = scale_ratio(node, double(b.scale()) / common, 1 << 28);
  const QuantizedMultiplier out =
      scale_ratio(node, common / (double(1 << kLeftShift) * double(y.scale())), 1 << 28);
  const QuantizedClampRange range = quantized_activation_range(node, node.output());
  const AddParams params{int32_t(node.input(0).elements()),
                         int32_t(node.input(1).elements()),
                         a.zero_point(),
                         a_to_common.multiplier,
                         a_to_common.shift,
                         b.zero_point(),
                         b_to_common.multiplier,
                         b_to_common.shift,
                         y.zero_point(),
                         out.multiplier,
                         out.shift,
                         range.min,
                         range.max};
  return make_kernel_call(kHeader, MOTE_KERNEL(add_s8), "AddParams", params)
      .input(0)
      .input(1)
      .output();
}

KernelCall lower(const NodeView& node) {
  if (node.input(0).type == ElementType::s8) return lower_s8(node);
  const ClampRange range = activation_range(node);
  const AddF32Params params{int32_t(node.input(0).elements()), int32_t(node.input(1).elements()),
                            range.min, range.max};
  return make_kernel_call(kHeader, MOTE_KERNEL(add_f32), "AddF32Params", params)
      .input(0)
      .input(1)
      .output();
}

// A constant that the quantiser left in f32: int8 over its range with 0 in it, scale = (max - min)
// / 255.
ValueId quantize_constant(Graph& graph, ValueId id) {
  const Value& value = graph.value(id);
  float low = 0, high = 0;
  for (int64_t i = 0; i < value.elements(); ++i) {
    low = std::min(low, value.as<float>()[i]);
    high = std::max(high, value.as<float>()[i]);
  }
  const float scale = high > low ? (high - low) / 255 : 1.0f / 255;
  const auto zero_point = int32_t(std::clamp(-128 - std::round(low / scale), -128.0f, 127.0f));
  std::vector<int8_t> numbers;
  for (int64_t i = 0; i < value.elements(); ++i)
    numbers.push_back(int8_t(
        std::clamp(std::round(value.as<float>()[i] / scale) + float(zero_point), -128.0f, 127.0f)));
  const std::string name = value.name;
  const Shape shape = value.shape;
  return graph.add_constant(name, ElementType::s8, shape, numbers, per_tensor(scale, zero_point));
}

void quantize(Quantizer& quantizer, const NodeView& node) {
  const ValueId a = quantizer.input(node, 0);
  ValueId b = quantizer.input(node, 1);
  if (quantizer.graph().value(b).type == ElementType::f32)
    b = quantize_constant(quantizer.graph(), b);
  quantizer.replace(node, add_op, {a, b},
                    with_output_quantization(node.node().attributes, quantizer.activation(node)));
}

}  // namespace

const OpDef add_op{
    .name = "add",
    .room = "nn",
    .summary = "element-wise sum with fused activation; f32, s8",
    .attributes = fused_activation_attributes(),
    .infer = infer,
    .lower = lower,
    .quantize = quantize,
    .alias = Alias::in_place,
};

}  // namespace mote
