// SPDX-License-Identifier: Apache-2.0
// See comparison_layer.h.
#include "ops/nn/comparison_layer.h"

#include <algorithm>

#include "ops/nn/arithmetic_layer.h"

namespace mote {
namespace {

constexpr const char* kHeader = "ops/nn/comparison.h";

// int8: TFLM ComparisonsPrepare (tensorflow/lite/micro/kernels/comparisons.cc), the scales
// themselves as multipliers of numbers with 8 more bits. TFLM gives other types no scaled form:
// uint8 and int16 are brought to twice the larger scale, as add brings them.
CommonScaleParams scaled_params(const NodeView& node) {
  const auto a = double(node.input(0).quantization.scale());
  const auto b = double(node.input(1).quantization.scale());
  const bool narrow = node.input(0).type == ElementType::s8;
  const double common = narrow ? 1.0 : 2 * std::max(a, b);
  const int32_t left_shift = narrow ? 8 : 15;
  const int64_t largest = int64_t(narrow ? 255 : 32768) << left_shift;
  const QuantizedMultiplier a_to_common = scale_ratio(node, a / common, largest);
  const QuantizedMultiplier b_to_common = scale_ratio(node, b / common, largest);
  CommonScaleParams params = common_scale_params(node, left_shift);
  params.a_multiplier = a_to_common.multiplier;
  params.a_shift = a_to_common.shift;
  params.b_multiplier = b_to_common.multiplier;
  params.b_shift = b_to_common.shift;
  return params;
}

// Numbers of one scale compare as they are, but for int8, whose rule rounds.
bool compares_scaled(const NodeView& node) {
  if (!are_scaled(node)) return false;
  return node.input(0).type == ElementType::s8 ||
         !(node.input(0).quantization == node.input(1).quantization);
}

}  // namespace

Inference infer_comparison(const NodeView& node) {
  expect_same_types(node, 0, 2);
  are_scaled(node);
  return {{{ElementType::boolean, broadcast_shape(node, 2), {}, joint_clock(node)}}, {}};
}

KernelCall lower_comparison(const NodeView& node, const ComparisonKernels& kernels) {
  if (compares_scaled(node))
    return pair_call(kHeader, kernel_of_type(node, 0, kernels.scaled), "CommonScaleParams",
                     scaled_params(node));
  return pair_call(kHeader, kernel_of_type(node, 0, kernels.plain), "PairParams",
                   with_pair_walk(node, PairParams{}));
}

}  // namespace mote
