// SPDX-License-Identifier: Apache-2.0
// See lower_s16.h.
#include "ops/nn/unary/lower_s16.h"

#include <cmath>

#include "ops/nn/scale_ratio.h"
#include "ops/nn/unary/functions.h"

namespace mote {
namespace {

// TFLM CalculateOpDataLeakyRelu (micro/kernels/leaky_relu_common.cc), by quotients of doubles: with
// those of floats one int16 number in a thousand differs from today's runtime. abs scales by the
// same ratio on both sides of zero (SetAbsOutputMultiplier).
double negative_ratio(const NodeView& node, double ratio) {
  if (node.text("function") == "abs") return ratio;
  const Quantization& from = node.input(0).quantization;
  return double(from.scale()) * double(float(unary_parameters(node).a)) /
         double(node.output().quantization.scale());
}

}  // namespace

TwoSlopesParams two_slopes_params(const NodeView& node, int64_t largest) {
  const Quantization& from = node.input(0).quantization;
  const Quantization& to = node.output().quantization;
  const double ratio = double(from.scale()) / double(to.scale());
  const double negative = negative_ratio(node, ratio);
  const QuantizedMultiplier above = scale_ratio(node, ratio, largest);
  QuantizedMultiplier below{0, 0};
  if (negative != 0) below = scale_ratio(node, std::fabs(negative), largest);
  const bool is_abs = node.text("function") == "abs";
  return {int32_t(node.input(0).elements()),
          from.zero_point(),
          to.zero_point(),
          above.multiplier,
          above.shift,
          below.multiplier,
          below.shift,
          is_abs ? -1 : 1,
          negative < 0 ? -1 : 1};
}

RsqrtParams rsqrt_params(const NodeView& node) {
  const Quantization& from = node.input(0).quantization;
  const Quantization& to = node.output().quantization;
  const double ratio = 1.0 / double(std::sqrt(from.scale()) * to.scale());
  const QuantizedMultiplier m = scale_ratio(node, ratio / (1 << 20), 1 << 20);
  return {int32_t(node.input(0).elements()), from.zero_point(), to.zero_point(), m.multiplier,
          m.shift};
}

}  // namespace mote
