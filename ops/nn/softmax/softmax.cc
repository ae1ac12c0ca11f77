// SPDX-License-Identifier: Apache-2.0
// Host half of softmax: input [..., depth] f32 | s8 | s16 -> the same shape and type, or s8 -> s16.
// See the header for the scales.
#include "ops/nn/softmax/softmax.h"

#include <algorithm>
#include <cmath>

#include "graph/quantizer.h"
#include "ops/element_order.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/softmax/softmax.h";
constexpr int32_t kExpIntegerBits = 5;
constexpr int32_t kLargestDepthS8 = 4095;
constexpr int32_t kLargestDepthS16 = 65535;

// What f32 and s16 keep, and s8 unless it is told otherwise.
ElementType output_type(const NodeView& node) {
  const ElementType type = node.input(0).type;
  const std::string& wanted = node.text("output_type");
  if (wanted == "same" || wanted == to_string(type)) return type;
  if (type != ElementType::s8 || wanted != "s16")
    node.refuse("wrong-attribute",
                "output_type is '" + wanted + "' for an input of " + to_string(type),
                "use same, or s16 for s8");
  return ElementType::s16;
}

Quantization output_quantization(ElementType input, ElementType output) {
  if (input == ElementType::f32) return {};
  if (output == ElementType::s8) return per_tensor(1.0f / 256, -128);
  return input == ElementType::s8 ? per_tensor(1.0f / 65536, -32768) : per_tensor(1.0f / 32768, 0);
}

void check_integer(const NodeView& node) {
  const Value& input = node.input(0);
  const bool s16 = input.type == ElementType::s16;
  if (input.shape.back() > (s16 ? kLargestDepthS16 : kLargestDepthS8))
    node.refuse("wrong-shape", std::string("a softmax takes at most ") +
                                   (s16 ? "65535 classes of s16" : "4095 classes of s8"));
  if (!std::isfinite(input.quantization.scale()) || !(input.quantization.scale() > 0))
    node.refuse("wrong-quantization", "an integer input needs a positive scale");
  if (s16 && input.quantization.zero_point() != 0)
    node.refuse("wrong-quantization", "the zero point of s16 must be 0");
}

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  if (input.type != ElementType::f32 && input.type != ElementType::s8 &&
      input.type != ElementType::s16)
    node.refuse("wrong-type", std::string("input is ") + to_string(input.type),
                "use f32, s8 or s16");
  if (input.shape.empty() || input.shape.back() < 1)
    node.refuse("wrong-shape", "softmax needs a last dimension of at least 1");
  if (!(node.number("beta") > 0)) node.refuse("wrong-attribute", "beta must be positive");
  if (input.type != ElementType::f32) check_integer(node);
  const ElementType type = output_type(node);
  return {{{type, input.shape, output_quantization(input.type, type), input.clock}}, {}};
}

// The rules of TFLite's PreprocessSoftmaxScaling and CalculateInputRadius
// (kernels/internal/quantization_util.cc).
QuantizedMultiplier exponent_ratio(const NodeView& node) {
  if (has_given_ratios(node)) return given_ratios(node, {0})[0];
  const Value& input = node.input(0);
  const double unit = double(1 << (31 - kExpIntegerBits));
  const double beta = float(node.number("beta"));
  const double real = std::min(beta * double(input.quantization.scale()) * unit, 2147483647.0);
  return quantize_multiplier(real);
}

KernelCall lower_s8(const NodeView& node, int32_t rows, int32_t depth) {
  const double unit = double(1 << (31 - kExpIntegerBits));
  const QuantizedMultiplier m = exponent_ratio(node);
  if (m.shift < 0) node.refuse("wrong-quantization", "beta times the input's scale is below 2^-26");
  const double radius =
      std::floor(double((1 << kExpIntegerBits) - 1) * unit / double(int64_t(1) << m.shift));
  const SoftmaxParams params{rows, depth, m.multiplier, m.shift, -int32_t(radius)};
  const Kernel kernel = node.output().type == ElementType::s16 ? MOTE_KERNEL(softmax_s8_s16)
                                                               : MOTE_KERNEL(softmax_s8);
  return make_kernel_call(kHeader, kernel, "SoftmaxParams", params).input(0).output();
}

// A table for interpolate_s16 of a function over 512 pieces of `begin` .. `begin` + 512 * `step`,
// in float, with half of the error at the middle of a piece taken off (TFLite's LUTPopulateInt16).
// The results are Q0.15.
std::vector<int16_t> interpolation_table(float begin, float end, float (*function)(float)) {
  const float step = (end - begin) / 512, half_step = step / 2;
  const float unit = 2.0f / 65535;  // of the output
  const float scale = 65536.0f / (unit * 32767 - unit * -32768);
  const auto clamped = [](float x) { return int16_t(std::clamp(x, -32768.0f, 32767.0f)); };
  std::vector<int16_t> table;
  for (int32_t i = 0; i < 512; ++i) {
    const float x = begin + float(i) * step;
    const float here = std::round(function(x) * scale);
    const float next = function(begin + float(i + 1) * step) * scale;
    const float middle = std::round(function(x + half_step) * scale);
    const float error = std::round((next + here) / 2) - middle;
    table.push_back(clamped(here - std::round(error / 2)));
  }
  table.push_back(clamped(std::round(function(end) * scale)));
  return table;
}

KernelCall lower_s16(const NodeView& node, int32_t rows, int32_t depth) {
  const double real = double(node.input(0).quantization.scale()) *
                      double(float(node.number("beta"))) / (10.0 / 65535.0);
  const QuantizedMultiplier m = scale_ratio(node, real, 65535);
  const SoftmaxS16Params params{rows, depth, m.multiplier, m.shift};
  return make_kernel_call(kHeader, MOTE_KERNEL(softmax_s16), "SoftmaxS16Params", params)
      .input(0)
      .constant("exp", ElementType::s16,
                interpolation_table(10.0f / 65535 * -65535, 0, [](float x) { return exp_f32(x); }))
      .constant("reciprocal", ElementType::s16,
                interpolation_table(0, 1.0f / 65535 * 65535, [](float x) { return 1 / (1 + x); }))
      .output();
}

KernelCall lower(const NodeView& node) {
  const Value& input = node.input(0);
  const int32_t depth = input.shape.back();
  const auto rows = int32_t(input.elements() / depth);
  if (input.type == ElementType::s8) return lower_s8(node, rows, depth);
  if (input.type == ElementType::s16) return lower_s16(node, rows, depth);
  const SoftmaxF32Params params{rows, depth, float(node.number("beta"))};
  return make_kernel_call(kHeader, MOTE_KERNEL(softmax_f32), "SoftmaxF32Params", params)
      .input(0)
      .output();
}

std::vector<AttributeSpec> attributes() {
  std::vector<AttributeSpec> all{
      {"beta", Attribute(1.0), "factor in the exponent"},
      {"output_type", Attribute(std::string("same")), "same, or s16 for s8"}};
  for (AttributeSpec& spec : ratio_attributes("of the exponent, in steps of 2^-26"))
    all.push_back(std::move(spec));
  return all;
}

}  // namespace

const OpDef softmax_op{
    .name = "softmax",
    .room = "nn",
    .summary = "scores that add to one, over the last dimension; f32, s8, s16",
    .attributes = attributes(),
    .infer = infer,
    .lower = lower,
    .order = in_turn,
    .quantize = quantize_same_scale,
};

}  // namespace mote
