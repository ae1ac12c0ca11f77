// SPDX-License-Identifier: Apache-2.0
// See sigmoid_layer.h. Bit-exact with TFLM's int8 Logistic and Tanh
// (tensorflow/lite/kernels/internal/reference/ integer_ops/logistic.h, tanh.h; parameters from
// micro/kernels/logistic_common.cc, tanh.cc).
#include "ops/nn/sigmoid_layer.h"

#include <algorithm>
#include <cmath>

#include "ops/nn/lookup.h"
#include "ops/nn/scale_ratio.h"
#include "ops/nn/sigmoid_s16.h"

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

// The nearest integer to log2 of a scale, and whether it is one to a thousandth (TFLM CheckedLog2,
// in float as there).
bool is_power_of_two(float scale, int32_t& exponent) {
  const float log2 = std::log(scale) * (1.0f / std::log(2.0f));
  const float rounded = std::round(log2);
  exponent = int32_t(rounded);
  return std::fabs(log2 - rounded) < 1e-3f;
}

// The rules of micro/kernels/logistic_common.cc and tanh.cc.
SigmoidS16Params s16_params(const NodeView& node, const SigmoidRule& rule) {
  const float scale = node.input(0).quantization.scale();
  const auto count = int32_t(node.input(0).elements());
  int32_t exponent = 0;
  if (is_power_of_two(scale, exponent) && exponent >= -12 &&
      exponent <= rule.largest_s16_shift - 12)
    return {count, 3 << (exponent + 12), 0};
  double multiplier = double(scale) * 4096.0 * 3.0;
  int32_t shift = 0;
  for (; multiplier <= 32767.0 / 2.0 && shift <= 30; ++shift) multiplier *= 2;
  if (multiplier > 32767)
    node.refuse("wrong-quantization", "the input's scale is above 2.6",
                "quantise the model again; the function is constant beyond 11");
  return {count, int32_t(multiplier), shift};
}

void check_input(const NodeView& node) {
  const Value& input = node.input(0);
  if (input.type != ElementType::s16) return expect_f32_or_s8(node, 0);
  expect_one_scale(node, 0);
  if (input.quantization.zero_point() != 0)
    node.refuse("wrong-quantization", "an s16 input must have zero point 0");
}

}  // namespace

// TFLM's table: 2^16 logistic(i / 24), rounded, where these entries are one more (its makers meant
// the chords to run through the curve).
std::vector<uint16_t> logistic_table() {
  constexpr int32_t kOneMore[] = {4,  8,  12, 14, 15, 16, 17, 19, 20,  21,  22,  25,  27,  28, 29,
                                  30, 31, 33, 34, 35, 37, 39, 40, 41,  43,  44,  45,  46,  49, 50,
                                  54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255};
  std::vector<uint16_t> table;
  for (int32_t i = 0; i < 256; ++i)
    table.push_back(uint16_t(std::lround(65536 / (1 + std::exp(-double(i) / 24)))));
  for (int32_t i : kOneMore) ++table[size_t(i)];
  return table;
}

Inference infer_sigmoid(const NodeView& node, const SigmoidRule& rule) {
  check_input(node);
  const Value& input = node.input(0);
  ValueType type{input.type, input.shape, {}, input.clock};
  if (input.type == ElementType::s8)
    type.quantization = per_tensor(std::ldexp(1.0f, -rule.output_bits), rule.output_zero_point);
  if (input.type == ElementType::s16) type.quantization = per_tensor(std::ldexp(1.0f, -15), 0);
  return {{type}, {}};
}

KernelCall lower_sigmoid(const NodeView& node, const SigmoidRule& rule) {
  const LookupParams params{int32_t(node.input(0).elements())};
  if (node.input(0).type == ElementType::f32)
    return make_kernel_call(rule.header, rule.f32, "LookupParams", params).input(0).output();
  if (node.input(0).type == ElementType::s16)
    return make_kernel_call("ops/nn/sigmoid_s16.h", rule.s16, "SigmoidS16Params",
                            s16_params(node, rule))
        .input(0)
        .constant("table", ElementType::u16, logistic_table())
        .output();
  KernelCall call = make_kernel_call(rule.header, MOTE_KERNEL(lookup_s8), "LookupParams", params);
  return call.input(0).constant("table", ElementType::s8, table_of(node, rule)).output();
}

}  // namespace mote
