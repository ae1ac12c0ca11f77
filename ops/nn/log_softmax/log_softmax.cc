// SPDX-License-Identifier: Apache-2.0
// Host half of log_softmax: input [..., depth] f32 | s8 -> the same shape, f32 | s8 at scale 1/16,
// zero point 127.
#include "ops/nn/log_softmax/log_softmax.h"

#include <algorithm>
#include <cmath>

#include "ops/element_order.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/log_softmax/log_softmax.h";
constexpr int32_t kInputBits = 5;
constexpr int32_t kLargestDepthS8 = 4095;

Inference infer(const NodeView& node) {
  expect_f32_or_s8(node, 0);
  const Value& x = node.input(0);
  if (x.shape.empty() || x.elements() < 1)
    node.refuse("wrong-shape", "log_softmax needs a last dimension of at least 1");
  ValueType type{x.type, x.shape, {}, x.clock};
  if (x.type == ElementType::s8) {
    expect_one_scale(node, 0);
    if (x.shape.back() > kLargestDepthS8)
      node.refuse("wrong-shape", "an s8 log_softmax takes at most 4095 classes");
    type.quantization = per_tensor(1.0f / 16, 127);
  }
  return {{type}, {}};
}

// The rules of TFLite's PreprocessLogSoftmaxScalingExp and CalculateInputRadius
// (kernels/internal/quantization_util.cc).
KernelCall lower_s8(const NodeView& node, int32_t rows, int32_t depth) {
  const double unit = double(1 << (31 - kInputBits));
  const double scale = double(node.input(0).quantization.scale());
  const QuantizedMultiplier m = quantize_multiplier(std::min(scale * unit, 2147483647.0));
  if (m.shift < 1) node.refuse("wrong-quantization", "the input's scale is below 2^-26");
  const double real_reverse = double(int64_t(1) << (31 - m.shift)) / double(m.multiplier);
  const QuantizedMultiplier reverse = quantize_multiplier(real_reverse);
  if (reverse.shift > 0) node.refuse("wrong-quantization", "the input's scale is below 2^-25");
  const double radius =
      std::floor(double((1 << kInputBits) - 1) * unit / double(int64_t(1) << m.shift));
  const LogSoftmaxParams params{
      rows, depth, m.multiplier, m.shift, -int32_t(radius), reverse.multiplier, reverse.shift};
  return make_kernel_call(kHeader, MOTE_KERNEL(log_softmax_s8), "LogSoftmaxParams", params)
      .input(0)
      .output();
}

KernelCall lower(const NodeView& node) {
  const Value& x = node.input(0);
  const int32_t depth = x.shape.back();
  const auto rows = int32_t(x.elements() / depth);
  if (x.type == ElementType::s8) return lower_s8(node, rows, depth);
  const LogSoftmaxF32Params params{rows, depth};
  return make_kernel_call(kHeader, MOTE_KERNEL(log_softmax_f32), "LogSoftmaxF32Params", params)
      .input(0)
      .output();
}

}  // namespace

const OpDef log_softmax_op{
    .name = "log_softmax",
    .room = "nn",
    .summary = "logarithms of scores that add to one, over the last dimension; f32, s8",
    .attributes = {},
    .infer = infer,
    .lower = lower,
    .order = in_turn,
    .quantize = quantize_same_scale,
};

}  // namespace mote
