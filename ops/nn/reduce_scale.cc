// SPDX-License-Identifier: Apache-2.0
// See reduce_scale.h.
#include "ops/nn/reduce_scale.h"

#include <algorithm>
#include <bit>

#include "ops/nn/reduce_axes.h"
#include "ops/nn/scale_ratio.h"

namespace mote {

// The division goes into the multiplier, after a left shift that keeps its bits (TFLM
// QuantizedMeanOrSum, tensorflow/lite/kernels/internal/reference/reduce.h).
ReduceMultiplier reduce_multiplier(const NodeView& node, int64_t count, ReduceDivision division) {
  const double real =
      double(node.input(0).quantization.scale()) / double(node.output().quantization.scale());
  QuantizedMultiplier m = scale_ratio(node, real, 1);
  if (division == ReduceDivision::count) {
    const int32_t shift = std::min({63 - std::countl_zero(uint64_t(count)), 32, 31 + m.shift});
    m.multiplier = int32_t((int64_t(m.multiplier) << shift) / count);
    m.shift -= shift;
  }
  if (node.input(0).type == ElementType::s8) {
    const int64_t largest = 255 * count;
    if (largest > INT32_MAX)
      node.refuse("too-large", "it takes more than 8 million numbers together");
    if (m.shift > 0 && (largest << m.shift) > INT32_MAX)
      node.refuse("wrong-quantization",
                  "the input's scale is " + std::to_string(real) + " times the output's");
  }
  return {m.multiplier, m.shift};
}

ReduceScaledParams reduce_scaled_params(const NodeView& node, const ReduceParams& sizes,
                                        ReduceDivision division) {
  const int64_t count = reduced_count(sizes);
  const ReduceMultiplier m = reduce_multiplier(node, count, division);
  const bool s8 = node.input(0).type == ElementType::s8;
  const int32_t zero_point = node.input(0).quantization.zero_point();
  ReduceScaledParams params{};
  std::copy_n(sizes.kept, 3, params.kept);
  std::copy_n(sizes.kept_stride, 3, params.kept_stride);
  std::copy_n(sizes.reduced, 3, params.reduced);
  std::copy_n(sizes.reduced_stride, 3, params.reduced_stride);
  params.input_zero_point = zero_point;
  params.output_zero_point = node.output().quantization.zero_point();
  params.zero_points = int32_t(uint32_t(uint64_t(zero_point * count)));
  params.multiplier = m.multiplier;
  params.shift = m.shift;
  params.output_min = s8 ? -128 : -32768;
  params.output_max = s8 ? 127 : 32767;
  return params;
}

}  // namespace mote
