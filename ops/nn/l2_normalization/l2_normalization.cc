// SPDX-License-Identifier: Apache-2.0
// Host half of l2_normalization: f32 | s8 -> the same type and shape.
#include "ops/nn/l2_normalization/l2_normalization.h"

#include "ops/element_order.h"
#include "ops/nn/axis.h"
#include "ops/nn/scale_ratio.h"
#include "ops/registry.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/l2_normalization/l2_normalization.h";
constexpr int32_t kLargestCountS8 = INT32_MAX / (255 * 255);

Inference infer(const NodeView& node) {
  expect_f32_or_s8(node, 0);
  const AlongAxis along = along_axis(node);
  const Value& x = node.input(0);
  if (!(node.number("epsilon") >= 0) || !(node.number("epsilon") < 1e30))
    node.refuse("wrong-attribute", "epsilon must be a number of at least 0");
  ValueType type{x.type, x.shape, {}, x.clock};
  if (x.type == ElementType::s8) {
    if (along.count > kLargestCountS8)
      node.refuse("wrong-shape", "s8 takes at most 33025 numbers together");
    type.quantization = per_tensor(1.0f / 128, 0);
  }
  return {{type}, {}};
}

KernelCall lower(const NodeView& node) {
  const AlongAxis along = along_axis(node);
  const Value& x = node.input(0);
  if (x.type == ElementType::s8) {
    const L2NormalizationParams params{along.outer, along.count, along.inner,
                                       x.quantization.zero_point()};
    return make_kernel_call(kHeader, MOTE_KERNEL(l2_normalization_s8), "L2NormalizationParams",
                            params)
        .input(0)
        .output();
  }
  const L2NormalizationF32Params params{along.outer, along.count, along.inner,
                                        float(node.number("epsilon"))};
  return make_kernel_call(kHeader, MOTE_KERNEL(l2_normalization_f32), "L2NormalizationF32Params",
                          params)
      .input(0)
      .output();
}

}  // namespace

const OpDef l2_normalization_op{
    .name = "l2_normalization",
    .room = "nn",
    .summary = "numbers along an axis over the root of their sum of squares; f32, s8",
    .attributes = {axis_attribute(-1),
                   {"epsilon", Attribute(1e-6), "the norm counts as at least this (f32)"}},
    .infer = infer,
    .lower = lower,
    .order = in_place,
    .quantize = quantize_same_scale,
};

}  // namespace mote
