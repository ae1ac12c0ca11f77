// SPDX-License-Identifier: Apache-2.0
// See sigmoid_layer.h. Bit-exact with TFLM's int8 Logistic and Tanh
// (tensorflow/lite/kernels/internal/reference/ integer_ops/logistic.h, tanh.h; parameters from
// micro/kernels/logistic_common.cc, tanh.cc).
#include "ops/nn/sigmoid_layer.h"

#include <algorithm>
#include <cmath>

#include "ops/nn/lookup.h"
#include "ops/nn/scale_ratio.h"

namespace mote {
namespace {

constexpr int32_t kIntegerBits = 4;

int32_t value_of(const SigmoidRule& rule, int32_t x, int32_t radius, const QuantizedMultiplier& m) {
  if (x <= -radius) return -128;
  if (x >= radius) return 127;
  const int32_t y = rule.function(multiply_by_quantized_multiplier(x, m.multiplier, m.shift));
  return rounding_divide_by_power_of_two(y, 31 - rule.output_bits) + rule.output_zero_point;
}

std::vector<int8_t> table_of(const NodeView& node, const SigmoidRule& rule) {
  const Quantization& input = node.input(0).quantization;
  const double unit = double(1 << (31 - kIntegerBits));
  const QuantizedMultiplier m = quantize_multiplier(double(input.scale()) * unit);
  if (m.shift < 0) node.refuse("wrong-quantization", "the input's scale is below 2^-27");
  const double most = double((1 << kIntegerBits) - 1) * unit / double(int64_t(1) << m.shift);
  const auto radius = int32_t(std::floor(most));
  std::vector<int8_t> table;
  for (int32_t q = -128; q <= 127; ++q)
    table.push_back(
        int8_t(std::clamp(value_of(rule, q - input.zero_point(), radius, m), -128, 127)));
  return table;
}

}  // namespace

Inference infer_sigmoid(const NodeView& node, const SigmoidRule& rule) {
  expect_f32_or_s8(node, 0);
  const Value& input = node.input(0);
  ValueType type{input.type, input.shape, {}, input.clock};
  if (input.type == ElementType::s8)
    type.quantization = per_tensor(std::ldexp(1.0f, -rule.output_bits), rule.output_zero_point);
  return {{type}, {}};
}

KernelCall lower_sigmoid(const NodeView& node, const SigmoidRule& rule) {
  const LookupParams params{int32_t(node.input(0).elements())};
  if (node.input(0).type == ElementType::f32)
    return make_kernel_call(rule.header, rule.f32, "LookupParams", params).input(0).output();
  KernelCall call = make_kernel_call(rule.header, MOTE_KERNEL(lookup_s8), "LookupParams", params);
  return call.input(0).constant("table", ElementType::s8, table_of(node, rule)).output();
}

}  // namespace mote
