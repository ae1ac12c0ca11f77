// SPDX-License-Identifier: Apache-2.0
// Host half of softmax: input [..., depth] f32 | s8 -> the same shape, f32 | s8 at scale 1/256,
// zero point -128.
#include "ops/nn/softmax/softmax.h"

#include <algorithm>
#include <cmath>

#include "graph/quantizer.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/softmax/softmax.h";
constexpr int32_t kExpIntegerBits = 5;
constexpr int32_t kLargestDepthS8 = 4095;

Inference infer(const NodeView& node) {
  const Value& input = node.input(0);
  if (input.type != ElementType::f32 && input.type != ElementType::s8)
    node.refuse("wrong-type", std::string("input is ") + to_string(input.type), "use f32 or s8");
  if (input.shape.empty() || input.shape.back() < 1)
    node.refuse("wrong-shape", "softmax needs a last dimension of at least 1");
  if (!(node.number("beta") > 0)) node.refuse("wrong-attribute", "beta must be positive");
  ValueType type{input.type, input.shape, {}, input.clock};
  if (input.type == ElementType::s8) {
    if (input.shape.back() > kLargestDepthS8)
      node.refuse("wrong-shape", "an s8 softmax takes at most 4095 classes");
    if (!(input.quantization.scale() > 0))
      node.refuse("wrong-quantization", "an s8 input needs a positive scale");
    type.quantization = per_tensor(1.0f / 256, -128);
  }
  return {{type}, {}};
}

// The rules of TFLite's PreprocessSoftmaxScaling and CalculateInputRadius
// (kernels/internal/quantization_util.cc).
KernelCall lower_s8(const NodeView& node, int32_t rows, int32_t depth) {
  const Value& input = node.input(0);
  const double unit = double(1 << (31 - kExpIntegerBits));
  const double beta = float(node.number("beta"));
  const double real = std::min(beta * double(input.quantization.scale()) * unit, 2147483647.0);
  const QuantizedMultiplier m = quantize_multiplier(real);
  if (m.shift < 0) node.refuse("wrong-quantization", "beta times the input's scale is below 2^-26");
  const double radius =
      std::floor(double((1 << kExpIntegerBits) - 1) * unit / double(int64_t(1) << m.shift));
  const SoftmaxParams params{rows, depth, m.multiplier, m.shift, -int32_t(radius)};
  return make_kernel_call(kHeader, MOTE_KERNEL(softmax_s8), "SoftmaxParams", params)
      .input(0)
      .output();
}

KernelCall lower(const NodeView& node) {
  const Value& input = node.input(0);
  const int32_t depth = input.shape.back();
  const auto rows = int32_t(input.elements() / depth);
  if (input.type == ElementType::s8) return lower_s8(node, rows, depth);
  const SoftmaxF32Params params{rows, depth, float(node.number("beta"))};
  return make_kernel_call(kHeader, MOTE_KERNEL(softmax_f32), "SoftmaxF32Params", params)
      .input(0)
      .output();
}

}  // namespace

const OpDef softmax_op{
    .name = "softmax",
    .room = "nn",
    .summary = "scores that add to one, over the last dimension; f32, s8",
    .attributes = {{"beta", Attribute(1.0), "factor in the exponent"}},
    .infer = infer,
    .lower = lower,
    .quantize = quantize_same_scale,
    .alias = Alias::in_place,
};

}  // namespace mote
